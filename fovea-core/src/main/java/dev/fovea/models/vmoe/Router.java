package dev.fovea.models.vmoe;

import dev.fovea.nn.Params;
import dev.fovea.tensor.Autocast;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** Sends the tokens of groups to experts. Its arithmetic is in float32 always: bfloat16 changes who is chosen. */
public sealed interface Router permits TokenRouter, ExpertRouter, SoftRouter, ShuffledRouter {

    static Router of(Params p, int width, MoeConfig c) {
        return switch (c.router()) {
            case RouterConfig.TokensChoose t -> TokenRouter.of(p, width, c.numExperts(), t);
            case RouterConfig.ExpertsChoose e -> ExpertRouter.of(p, width, c.numExperts(), e);
            case RouterConfig.Soft s -> SoftRouter.of(p, width, c.numExperts(), s);
        };
    }

    /** Where tokens {@code [G, S, D]} go. */
    Routing route(Tensor x, Noise noise);

    /** The same weights, routed otherwise. */
    Router with(RouterConfig config);

    /** x Wᵀ in float32, also where autocast is on. */
    static Tensor logits(Tensor x, Tensor weight) { // [..., D], [E, D]
        try (var _ = Autocast.off()) {
            return torch.linear(x.to(torch.ScalarType.Float), weight); // [..., E]
        }
    }

    /** Logits with noise of this standard deviation, or as they are in evaluation. */
    static Tensor noisy(Tensor logits, double sigma, Noise noise) { // [..., E]
        Tensor normal = sigma > 0 ? noise.normal(logits) : null;
        return normal == null ? logits : logits.add(normal.mul(new Scalar(sigma)));
    }

    /** A configuration of a router of the kind that is already built. */
    static <C extends RouterConfig> C sameKind(Class<C> kind, RouterConfig config) {
        if (!kind.isInstance(config)) {
            throw new IllegalArgumentException("router: the model has %s, and %s would need other weights"
                    .formatted(kind.getSimpleName(), config.getClass().getSimpleName()));
        }
        return kind.cast(config);
    }
}
