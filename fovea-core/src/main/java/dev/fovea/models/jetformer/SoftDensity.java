package dev.fovea.models.jetformer;

import org.bytedeco.pytorch.Tensor;

/** The density of soft tokens. */
public sealed interface SoftDensity permits Mixture, FullGaussian {

    /** log p of each token, in nats. */
    Tensor logProb(Tensor x); // [B, T, d] to [B, T]

    /** One token from each. */
    Tensor sample(Draws draws); // [B, T, d]
}
