package dev.fovea.optim;

import dev.fovea.tensor.Tensors;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/** Adafactor's second moment, factored over the two longest axes, with a moving average of the updates. */
final class AdafactorUpdate implements Update {

    /** The second moment of a parameter that is not factored, and of one that is: without its longest axis, without its
     * second longest. */
    private sealed interface Second {
        record Whole(Tensor v) implements Second {}

        record Factored(Tensor row, Tensor col, int longest, int second) implements Second {}
    }

    private final Rule.Adafactor rule;
    private final List<Tensor> params;
    private final List<Second> seconds = new ArrayList<>();
    private final @Nullable Momenta ema;

    AdafactorUpdate(Rule.Adafactor rule, List<String> names, List<Tensor> params, State state) {
        this.rule = rule;
        this.params = params;
        for (int i = 0; i < params.size(); i++) {
            seconds.add(second(names.get(i), params.get(i), state));
        }
        ema = rule.momentum() == 0 ? null : new Momenta("ema.", rule.momentumType(), names, params, state);
    }

    private Second second(String name, Tensor x, State state) {
        long[] shape = Tensors.shape(x);
        List<Integer> axes = IntStream.range(0, shape.length)
                .boxed()
                .sorted(Comparator.comparingLong(axis -> shape[axis])) // stable, as the reference's argsort
                .toList();
        if (shape.length < 2 || shape[axes.get(shape.length - 2)] < rule.minDimToFactor()) {
            return new Second.Whole(state.add("v." + name, () -> torch.zeros_like(x)));
        }
        int longest = axes.getLast();
        int second = axes.get(shape.length - 2);
        Tensor row = state.add(
                "v_row." + name, () -> torch.zeros_like(x.select(longest, 0)).contiguous());
        Tensor col = state.add(
                "v_col." + name, () -> torch.zeros_like(x.select(second, 0)).contiguous());
        return new Second.Factored(row, col, longest, second);
    }

    @Override
    public void apply(Step s) {
        double t = (double) (s.count() - rule.decayOffset());
        double b2 = Math.min(rule.beta2Cap(), 1 - Math.pow(t, -rule.decayRate()));
        Shrink.apply(params, s.shrink());
        for (int i = 0; i < params.size(); i++) {
            Tensor g = Gradients.scaled(s.gradients().get(i), s.factor());
            Tensor u = clipped(direction(seconds.get(i), g, b2));
            if (ema != null) {
                u = ema.moved(i, rule.momentum(), 1 - rule.momentum(), u);
                ema.keep(i, u);
            }
            params.get(i).add_(u, new Scalar(-s.rate()));
        }
    }

    private Tensor direction(Second second, Tensor g, double b2) {
        Tensor square = g.square().add_(new Scalar(rule.eps()));
        return switch (second) {
            case Second.Whole(Tensor v) ->
                g.mul(v.mul_(new Scalar(b2)).add_(square, new Scalar(1 - b2)).rsqrt());
            case Second.Factored(Tensor row, Tensor col, int longest, int axis) -> {
                row.mul_(new Scalar(b2)).add_(square.mean(longest), new Scalar(1 - b2));
                col.mul_(new Scalar(b2)).add_(square.mean(axis), new Scalar(1 - b2));
                int axisInRow = axis > longest ? axis - 1 : axis;
                Tensor rowFactor = row.div(row.mean(new long[] {axisInRow}, true, new ScalarTypeOptional()))
                        .rsqrt_();
                yield g.mul(rowFactor.unsqueeze(longest)).mul_(col.rsqrt().unsqueeze(axis));
            }
        };
    }

    /** u / max(1, root mean square of u / threshold). */
    private Tensor clipped(Tensor u) {
        if (rule.clippingThreshold() == 0) {
            return u;
        }
        Tensor excess = u.square().mean().sqrt_().div_(new Scalar(rule.clippingThreshold()));
        return u.div_(excess.clamp_min_(new Scalar(1.0)));
    }
}
