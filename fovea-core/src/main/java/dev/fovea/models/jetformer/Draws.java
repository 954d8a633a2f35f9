package dev.fovea.models.jetformer;

import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** The random numbers of sampling; the engine's generator gives them unless recorded ones are to be used. */
public interface Draws {

    /** From the engine's generator. */
    Draws ENGINE = new Draws() {
        @Override
        public Tensor gumbel(Tensor like) {
            // 1 − u lies in (0, 1], so that the inner logarithm is finite; the outer's zero is moved off by the floor.
            Tensor u = torch.rand_like(like).neg().add(new Scalar(1.0));
            return u.log().neg().clamp_min(new Scalar(1e-30)).log().neg();
        }

        @Override
        public Tensor normal(Tensor like) {
            return torch.randn_like(like);
        }
    };

    /** Gumbel noise of a shape. */
    Tensor gumbel(Tensor like);

    /** Standard normal noise of a shape. */
    Tensor normal(Tensor like);

    /** A soft token under guidance. */
    default Tensor guided(Guided density) {
        return density.sample(normal(density.meanC()));
    }
}
