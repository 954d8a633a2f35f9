package dev.fovea.nn;

import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * Rotary positions (arXiv 2104.09864) in the layout of halves: entry j of a head is paired with entry j + Dh/2, and the
 * pair turned by position / divisor · θ^(−2j/Dh). Made once a pass for all layers that share θ and divisor.
 *
 * @param cos cosines of the angles, both halves alike
 * @param sin sines, negative in the first half
 */
public record Rope(Tensor cos, Tensor sin) { // [B, 1, T, Dh] each

    /**
     * The turns at these positions; the angles are float32, as the references have them.
     *
     * @param positions int64 {@code [B, T]}; B may be 1 for all rows
     * @param headDim Dh, even
     * @param theta base of the frequencies
     * @param divisor positions are divided by it (linear scaling to longer texts); 1 for none
     * @param type the type that queries and keys have
     */
    public static Rope of(Tensor positions, int headDim, double theta, double divisor, ScalarType type) {
        if (headDim % 2 != 0) {
            throw new IllegalArgumentException("head dim %d is odd; rotary positions turn pairs".formatted(headDim));
        }
        var floats = positions.options().dtype(new ScalarTypeOptional(ScalarType.Float));
        Tensor exponents = torch.arange(new Scalar(0), new Scalar(headDim), new Scalar(2), floats)
                .div(new Scalar((double) headDim)); // [Dh/2]
        Tensor frequencies =
                torch.pow(new Scalar(theta), exponents).reciprocal().div(new Scalar(divisor)); // [Dh/2]
        Tensor angles = positions.to(ScalarType.Float).unsqueeze(-1).mul(frequencies); // [B, T, Dh/2]
        Tensor c = angles.cos();
        Tensor s = angles.sin();
        return new Rope(
                torch.cat(new TensorVector(c, c), -1).unsqueeze(1).to(type),
                torch.cat(new TensorVector(s.neg(), s), -1).unsqueeze(1).to(type));
    }

    /** Queries or keys, turned to their positions. */
    public Tensor rotate(Tensor x) { // [B, H, T, Dh]
        return x.mul(cos).add(x.roll(new long[] {x.size(-1) / 2}, -1).mul(sin)); // [B, H, T, Dh]
    }
}
