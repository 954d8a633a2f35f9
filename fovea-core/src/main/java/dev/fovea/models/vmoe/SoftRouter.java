package dev.fovea.models.vmoe;

import dev.fovea.models.vmoe.RouterConfig.Soft;
import dev.fovea.nn.Init;
import dev.fovea.nn.Params;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.Tensor;

/**
 * Soft MoE (arXiv 2308.00951, section 2): logits are the scaled cosines of tokens and learned slot vectors; over tokens
 * their softmax mixes each slot's input, over slots each token's output.
 */
public record SoftRouter(Tensor slots, Tensor scale, Soft config) implements Router { // [D, E, P], []

    private static final double EPS = 1e-6;

    static SoftRouter of(Params p, int width, int numExperts, Soft config) {
        return new SoftRouter(
                p.get("slots", Init.normal(1 / Math.sqrt(width)), width, numExperts, config.slots()),
                p.get("scale", Init.ONES),
                config);
    }

    @Override
    public SoftRouter with(RouterConfig config) {
        Soft s = Router.sameKind(Soft.class, config);
        if (s.slots() != this.config.slots()) {
            throw new IllegalArgumentException(
                    "slots: the model has %d, found %d".formatted(this.config.slots(), s.slots()));
        }
        return new SoftRouter(slots, scale, s);
    }

    @Override
    public Routing.Soft route(Tensor x, Noise noise) { // [G, S, D]
        Tensor directions = unit(slots, 0).mul(scale); // [D, E, P]
        Tensor logits = Router.logits(unit(x, -1), directions.flatten(1, 2).t()); // [G, S, E·P]
        logits = Router.noisy(logits, config.noiseStd(), noise);
        long[] split = {slots.size(1), slots.size(2)};
        return new Routing.Soft(
                logits.softmax(1).unflatten(2, split), logits.softmax(2).unflatten(2, split)); // [G, S, E, P] each
    }

    private static Tensor unit(Tensor x, long axis) {
        Tensor square = x.square().sum(new long[] {axis}, true, new ScalarTypeOptional());
        return x.mul(square.add(new Scalar(EPS)).rsqrt());
    }
}
