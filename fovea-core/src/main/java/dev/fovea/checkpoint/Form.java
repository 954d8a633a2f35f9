package dev.fovea.checkpoint;

import dev.fovea.tensor.Tensors;
import java.util.function.UnaryOperator;
import org.bytedeco.pytorch.Tensor;

/**
 * How a published checkpoint lays out a parameter, against ours: linear weights {@code [out, in]}, convolutions
 * {@code [out, in, rows, columns]}, heads merged. Both directions are views where that is possible.
 */
public interface Form {

    /** Laid out alike; nothing is copied. */
    Form SAME = of(x -> x, x -> x);

    /** A dense kernel {@code [in, out]}; ours is {@code [out, in]}. */
    Form DENSE = of(x -> wanted(x, "[in, out]", 2).t(), Tensor::t);

    /** A convolution kernel {@code [rows, columns, in, out]}; ours is {@code [out, in, rows, columns]}. */
    Form CONV = of(x -> wanted(x, "[rows, columns, in, out]", 4).permute(3, 2, 0, 1), x -> x.permute(2, 3, 1, 0));

    /** A leading axis of one, which ours has not. */
    Form LEADING_ONE = of(Form::dropLeadingOne, x -> x.unsqueeze(0));

    /** No leading axis of one, which ours has. */
    Form NO_LEADING_ONE = of(x -> x.unsqueeze(0), Form::dropLeadingOne);

    /** Ours from theirs. */
    Tensor toOurs(Tensor theirs);

    /** Theirs from ours. */
    Tensor toTheirs(Tensor ours);

    /** A query, key or value kernel {@code [D, H, Dh]}; ours is {@code [H*Dh, D]}. */
    static Form headsOut(int numHeads) {
        return of(x -> heads(x, "[D, H, Dh]", 3, 1, numHeads).flatten(1, 2).t(), x -> x.t().unflatten(
                        1, split(numHeads)));
    }

    /** The bias {@code [H, Dh]} of such a kernel; ours is {@code [H*Dh]}. */
    static Form headsBias(int numHeads) {
        return of(x -> heads(x, "[H, Dh]", 2, 0, numHeads).flatten(0, 1), x -> x.unflatten(0, split(numHeads)));
    }

    /** An output kernel {@code [H, Dh, D]}; ours is {@code [D, H*Dh]}. */
    static Form headsIn(int numHeads) {
        return of(x -> heads(x, "[H, Dh, D]", 3, 0, numHeads).flatten(0, 1).t(), x -> x.t().unflatten(
                        0, split(numHeads)));
    }

    /** A form of two functions that undo each other. */
    static Form of(UnaryOperator<Tensor> toOurs, UnaryOperator<Tensor> toTheirs) {
        return new Form() {
            @Override
            public Tensor toOurs(Tensor theirs) {
                return toOurs.apply(theirs);
            }

            @Override
            public Tensor toTheirs(Tensor ours) {
                return toTheirs.apply(ours);
            }
        };
    }

    private static long[] split(int numHeads) {
        return new long[] {numHeads, -1};
    }

    private static Tensor dropLeadingOne(Tensor x) {
        if (x.dim() == 0 || x.size(0) != 1) {
            throw new IllegalArgumentException("found %s, wanted [1, ...]".formatted(Tensors.describe(x)));
        }
        return x.squeeze(0);
    }

    private static Tensor heads(Tensor x, String what, int axes, int axis, int numHeads) {
        if (wanted(x, what, axes).size(axis) != numHeads) {
            throw new IllegalArgumentException(
                    "found %s, wanted %s with %d heads".formatted(Tensors.describe(x), what, numHeads));
        }
        return x;
    }

    private static Tensor wanted(Tensor x, String what, int axes) {
        if (x.dim() != axes) {
            throw new IllegalArgumentException("found %s, wanted %s".formatted(Tensors.describe(x), what));
        }
        return x;
    }
}
