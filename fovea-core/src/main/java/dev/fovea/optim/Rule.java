package dev.fovea.optim;

import dev.fovea.config.Default;
import dev.fovea.config.TypeKey;

/** An update rule: from the gradients so far to the direction u(g) in which a parameter moves. */
@TypeKey("name")
public sealed interface Rule {

    /** Number format of a moving average of gradients. Arithmetic is in the parameter's format. */
    enum Momentum {
        /** As the parameter. */
        FULL,
        /** Half the memory: the state is rounded to bfloat16 after each update, the update uses it unrounded. */
        BFLOAT16,
        /** The same, with decay · average rounded too, as JAX does where it is not compiled; for comparisons. */
        BFLOAT16_UNCOMPILED
    }

    /**
     * Adam (arXiv 1412.6980) with bias correction. With a decay it is AdamW (arXiv 1711.05101): decay is never part of
     * the gradient here.
     *
     * @param epsRoot added to the second moment below the root
     * @param nesterov Nesterov's form of the first moment (NAdam)
     */
    record Adam(
            @Default("0.9") double b1,
            @Default("0.999") double b2,
            @Default("1e-8") double eps,
            @Default("0") double epsRoot,
            @Default("full") Momentum momentumType,
            @Default("false") boolean nesterov)
            implements Rule {

        public static final Adam STANDARD = new Adam(0.9, 0.999, 1e-8, 0, Momentum.FULL, false);

        public Adam {
            requireShare("b1", b1);
            requireShare("b2", b2);
        }
    }

    /** Gradient descent, with heavy-ball momentum where {@code momentum} is not 0: trace ← g + momentum · trace. */
    record Sgd(
            @Default("0") double momentum,
            @Default("false") boolean nesterov,
            @Default("full") Momentum momentumType) implements Rule {

        public Sgd {
            requireShare("momentum", momentum);
        }
    }

    /**
     * Lion (arXiv 2302.06675): the sign of a mix of momentum and gradient.
     *
     * @param mode what takes the sign's place
     * @param smoothBeta steepness of {@link LionMode#SMOOTH}
     */
    record Lion(
            @Default("0.9") double b1,
            @Default("0.99") double b2,
            @Default("full") Momentum momentumType,
            @Default("hard") LionMode mode,
            @Default("1") double smoothBeta)
            implements Rule {

        public Lion {
            requireShare("b1", b1);
            requireShare("b2", b2);
        }
    }

    /** Lion's sign: itself, tanh(β x), or x where |x| is below 1. */
    enum LionMode {
        HARD,
        SMOOTH,
        REFINED
    }

    /**
     * Adafactor as big_vision trains with it (arXiv 2106.04560, section 3.4): the second moment is factored over the two
     * longest axes, its decay rises as min(cap, 1 − (t + 1)^−decayRate); no relative step; a moving average of the
     * updates in place of Adam's momentum.
     *
     * @param minDimToFactor shortest axis that is factored; above the number of experts so that those are never mixed
     * @param decayOffset step number at which fine-tuning began
     * @param clippingThreshold largest root mean square of an update; 0 for none
     * @param momentum decay of the moving average of updates, without bias correction; 0 for none
     */
    record Adafactor(
            @Default("32") long minDimToFactor,
            @Default("0.8") double decayRate,
            @Default("0") long decayOffset,
            @Default("0.999") double beta2Cap,
            @Default("0") double clippingThreshold,
            @Default("0.9") double momentum,
            @Default("bfloat16") Momentum momentumType,
            @Default("1e-30") double eps)
            implements Rule {

        public Adafactor {
            requireShare("momentum", momentum);
        }
    }

    private static void requireShare(String name, double value) {
        if (!(value >= 0 && value < 1)) {
            throw new IllegalArgumentException("%s: found %s, wanted at least 0 and below 1".formatted(name, value));
        }
    }
}
