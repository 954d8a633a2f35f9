package dev.fovea.models.gemma;

import dev.fovea.models.gemma.DecoderConfig.Span;
import dev.fovea.nn.Rope;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * What all layers of a kind share in one pass over T tokens.
 *
 * @param localMask what tokens may see in local layers, bool {@code [1 or B, 1, T, S]}; null for everything
 * @param globalMask the same for global layers, where S is another number
 */
record Pass(
        Rope localRope,
        Rope globalRope,
        @Nullable Tensor localMask,
        @Nullable Tensor globalMask) {

    /** The pass over tokens at these positions. */
    static Pass of(DecoderConfig c, Tensor positions, Tensor like, @Nullable Tensor local, @Nullable Tensor global) {
        return new Pass(rope(c, c.local(), positions, like), rope(c, c.global(), positions, like), local, global);
    }

    Rope rope(Span span) {
        return span == Span.LOCAL ? localRope : globalRope;
    }

    @Nullable
    Tensor mask(Span span) {
        return span == Span.LOCAL ? localMask : globalMask;
    }

    private static Rope rope(DecoderConfig c, DecoderConfig.Rotation rotation, Tensor positions, Tensor like) {
        return Rope.of(positions, c.headDim(), rotation.theta(), rotation.divisor(), like.scalar_type());
    }
}
