package dev.fovea.models.jet;

import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;

/**
 * Bits per dimension of 8-bit pictures that were mapped to [−1, 1] and dequantised, by part and picture:
 * prior − logDet.
 *
 * @param prior cost of the latents under a standard normal, with log₂ 127.5 a dimension for the step of 8 bits
 * @param logDet log-determinant of the flow, in bits per dimension
 */
public record BitsPerDim(Tensor prior, Tensor logDet) { // [B] each

    /** 8-bit steps a unit: pictures are v / 127.5 − 1. */
    public static final double STEPS = 127.5;

    /** Of latents and the log-determinant in nats. */
    public static BitsPerDim of(Tensor latent, Tensor logDet) { // [B, ...], [B]
        double dims = (double) latent.numel() / latent.size(0);
        Tensor nats = gaussianNats(latent).div(new Scalar(dims)).add(new Scalar(Math.log(STEPS)));
        return new BitsPerDim(
                nats.div(new Scalar(Math.log(2))), logDet.div(new Scalar(dims)).div(new Scalar(Math.log(2))));
    }

    /** −log density of each row under a standard normal, in nats. */
    public static Tensor gaussianNats(Tensor x) { // [B, ...]
        Tensor flat = x.flatten(1, -1);
        return flat.square()
                .sum(1)
                .mul(new Scalar(0.5))
                .add(new Scalar(0.5 * Math.log(2 * Math.PI) * flat.size(1))); // [B]
    }

    /** Bits per dimension of each picture. */
    public Tensor total() {
        return prior.sub(logDet); // [B]
    }
}
