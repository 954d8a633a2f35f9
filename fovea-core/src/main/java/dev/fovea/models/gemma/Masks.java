package dev.fovea.models.gemma;

import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/**
 * Which keys a query may see: global layers (causal OR same picture), local layers that AND less than the window apart,
 * then AND the key is no padding. A query of padding sees at least itself, so that no row of the softmax is empty.
 */
final class Masks {

    private Masks() {}

    /**
     * The mask of one kind of layer.
     *
     * @param queries columns of the queries, int64 {@code [T]}
     * @param keys columns of the keys, int64 {@code [S]}
     * @param reach how near a key must be, {@link Long#MAX_VALUE} for a global layer
     * @param bothWays whether keys after the query are seen
     * @param samePicture bool {@code [B, T, S]}, true where query and key are soft tokens of one picture; null for none
     * @param real bool {@code [B, S]}, false at padding; null without padding
     * @return bool {@code [1 or B, 1, T, S]}
     */
    static Tensor of(
            Tensor queries,
            Tensor keys,
            long reach,
            boolean bothWays,
            @Nullable Tensor samePicture,
            @Nullable Tensor real) {
        Tensor ahead = queries.unsqueeze(1).sub(keys.unsqueeze(0)); // [T, S]
        Tensor seen = (bothWays ? ahead.eq(ahead) : ahead.ge(new Scalar(0L))).unsqueeze(0); // [1, T, S]
        if (samePicture != null) {
            seen = seen.logical_or(samePicture); // [B, T, S]
        }
        if (reach != Long.MAX_VALUE) {
            seen = seen.logical_and((bothWays ? ahead.abs() : ahead).lt(new Scalar(reach)));
        }
        if (real != null) {
            seen = seen.logical_and(real.unsqueeze(1)).logical_or(ahead.eq(new Scalar(0L))); // [B, T, S]
        }
        return seen.unsqueeze(1);
    }

    /** Where two tokens are of the same picture: maximal runs of placeholders are pictures. */
    static Tensor samePicture(Tensor isSoft) { // bool [B, T]
        Tensor before = torch.cat(
                new TensorVector(torch.zeros_like(isSoft.narrow(1, 0, 1)), isSoft.narrow(1, 0, isSoft.size(1) - 1)), 1);
        Tensor picture = isSoft.logical_and(before.logical_not()).cumsum(1); // [B, T], from 1
        Tensor same = picture.unsqueeze(2).eq(picture.unsqueeze(1)); // [B, T, T]
        return same.logical_and(isSoft.unsqueeze(2)).logical_and(isSoft.unsqueeze(1));
    }
}
