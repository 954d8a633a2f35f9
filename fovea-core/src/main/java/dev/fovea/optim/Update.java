package dev.fovea.optim;

import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** One rule over one group of parameters: θ ← θ · (1 − shrink) − rate · u(g), and the rule's state moved on. */
interface Update extends AutoCloseable {

    /**
     * What one step is made with.
     *
     * @param gradients of the group's parameters, in their order; may be written over
     * @param factor of the gradients, from clipping
     * @param rate learning rate
     * @param shrink share of the parameter that decay takes off
     * @param count number of this update, from 1
     */
    record Step(List<Tensor> gradients, double factor, double rate, double shrink, long count) {}

    void apply(Step step);

    @Override
    default void close() {}

    /** The rule for parameters of the given names, with its state added to {@code state}. */
    static Update of(Rule rule, List<String> names, List<Tensor> params, State state) {
        return switch (rule) {
            case Rule.Adam adam when isPlain(adam) && isFloating32(params) -> new FusedAdam(adam, names, params, state);
            case Rule.Adam adam -> new AdamUpdate(adam, names, params, state);
            case Rule.Sgd sgd -> new SgdUpdate(sgd, names, params, state);
            case Rule.Lion lion -> new LionUpdate(lion, names, params, state);
            case Rule.Adafactor adafactor -> new AdafactorUpdate(adafactor, names, params, state);
        };
    }

    private static boolean isPlain(Rule.Adam adam) {
        return adam.momentumType() == Rule.Momentum.FULL && adam.epsRoot() == 0 && !adam.nesterov();
    }

    private static boolean isFloating32(List<Tensor> params) {
        return params.stream().allMatch(x -> x.scalar_type().intern() == ScalarType.Float);
    }
}
