package dev.fovea.models.vmoe;

import dev.fovea.models.vmoe.RouterConfig.ExpertsChoose;
import dev.fovea.nn.Init;
import dev.fovea.nn.Params;
import dev.fovea.tensor.Tensors;
import org.bytedeco.pytorch.Tensor;

/**
 * Each expert takes the tokens with the largest gates for it, so that all are equally loaded (arXiv 2202.09368). A token
 * may meet no expert, or several.
 */
public record ExpertRouter(Tensor weight, ExpertsChoose config) implements Router { // [E, D]

    static ExpertRouter of(Params p, int width, int numExperts, ExpertsChoose config) {
        return new ExpertRouter(p.get("weight", Init.LECUN_NORMAL, numExperts, width), config);
    }

    @Override
    public ExpertRouter with(RouterConfig config) {
        return new ExpertRouter(weight, Router.sameKind(ExpertsChoose.class, config));
    }

    @Override
    public Routing.Sparse route(Tensor x, Noise noise) { // [G, S, D]
        Tensor logits = Router.logits(x, weight); // [G, S, E]
        Tensor gates =
                Router.noisy(logits, config.noiseStd() / logits.size(2), noise).softmax(-1);
        return new Routing.Sparse(gates, routes(gates, config.capacity()), null, null, logits);
    }

    /** The ways that gates {@code [G, S, E]} make, where an expert cannot take more tokens than there are. */
    public static Routes routes(Tensor gates, Capacity capacity) {
        int groups = (int) gates.size(0);
        int groupSize = (int) gates.size(1);
        int numExperts = (int) gates.size(2);
        int slots = Math.min(capacity.slots(groupSize, numExperts), groupSize);
        return Routes.ofExperts(
                groups,
                groupSize,
                numExperts,
                slots,
                chosen(Tensors.toFloats(gates), groups, groupSize, numExperts, slots));
    }

    /** Token in each slot, the largest gate first and of equal ones the earlier token: [G, E, B]. */
    public static int[] chosen(float[] gates, int groups, int groupSize, int numExperts, int slots) {
        var chosen = new int[groups * numExperts * slots];
        var column = new float[groupSize];
        for (int g = 0; g < groups; g++) {
            for (int e = 0; e < numExperts; e++) {
                for (int s = 0; s < groupSize; s++) {
                    column[s] = gates[(g * groupSize + s) * numExperts + e];
                }
                int[] best = Order.PRIORITY.of(column, 0, groupSize, 1);
                System.arraycopy(best, 0, chosen, (g * numExperts + e) * slots, slots);
            }
        }
        return chosen;
    }
}
