package dev.fovea.models.vmoe;

import dev.fovea.config.Default;
import dev.fovea.config.TypeKey;
import org.jspecify.annotations.Nullable;

/** How tokens and experts find each other. */
@TypeKey("name")
public sealed interface RouterConfig {

    /**
     * Each token chooses its k best experts (arXiv 2106.05974).
     *
     * @param k experts a token
     * @param capacity slots of an expert's buffer
     * @param order who is served first when they are too few
     * @param noiseStd standard deviation, before the division by the number of experts, of the noise on training logits
     * @param importanceWeight of the loss that evens out the sums of gates
     * @param loadWeight of the loss that evens out the probabilities of being chosen; it needs noise
     * @param gshardWeight of GShard's loss (arXiv 2006.16668)
     * @param members M: an ensemble in one network, each member with its own M-th of the experts (arXiv 2110.03360); 1 for
     *     none
     */
    record TokensChoose(
            @Default("2") int k,
            @Default("{factor: 1.05}") Capacity capacity,
            @Default("vanilla") Order order,
            @Default("1.0") double noiseStd,
            @Default("0.005") double importanceWeight,
            @Default("0.005") double loadWeight,
            @Default("0") double gshardWeight,
            @Default("1") int members)
            implements RouterConfig {

        public TokensChoose {
            requireAtLeastOne("k", k);
            requireAtLeastOne("members", members);
            requireNotNegative("noiseStd", noiseStd);
            requireNotNegative("importanceWeight", importanceWeight);
            requireNotNegative("loadWeight", loadWeight);
            requireNotNegative("gshardWeight", gshardWeight);
        }

        /** The published settings for k experts a token: C = 1.05, vanilla order, both losses at 0.005. */
        public static TokensChoose of(int k) {
            return new TokensChoose(
                    k, new Capacity(1.05, null, Rounding.CEIL, 4), Order.VANILLA, 1, 0.005, 0.005, 0, 1);
        }

        /** The same, as an ensemble of so many members in one network. */
        public TokensChoose withMembers(int members) {
            return new TokensChoose(k, capacity, order, noiseStd, importanceWeight, loadWeight, gshardWeight, members);
        }

        /** The same, routed otherwise. */
        public TokensChoose with(int k, Capacity capacity, Order order) {
            return new TokensChoose(k, capacity, order, noiseStd, importanceWeight, loadWeight, gshardWeight, members);
        }
    }

    /** Each expert chooses the tokens with the largest gates for it (arXiv 2202.09368); no loss is needed. */
    record ExpertsChoose(
            @Default("{factor: 1.0}") Capacity capacity,
            @Default("1.0") double noiseStd) implements RouterConfig {

        public ExpertsChoose {
            requireNotNegative("noiseStd", noiseStd);
        }
    }

    /**
     * Each slot is a convex mixture of the tokens, each token gets a convex mixture of the slots (arXiv 2308.00951).
     *
     * @param slots a expert; part of the weights' shape
     * @param noiseStd standard deviation of the noise on training logits
     */
    record Soft(int slots, @Default("0") double noiseStd) implements RouterConfig {

        public Soft {
            requireAtLeastOne("slots", slots);
            requireNotNegative("noiseStd", noiseStd);
        }
    }

    /** Members of the ensemble in the network, 1 where there is none. */
    default int ensemble() {
        return this instanceof TokensChoose t ? t.members() : 1;
    }

    /**
     * This routing with what {@code o} chooses again.
     *
     * @throws IllegalArgumentException for a choice that this kind of router does not have
     */
    default RouterConfig with(Rerouting o) {
        return switch (this) {
            case TokensChoose t ->
                t.with(
                        o.k() == null ? t.k : o.k(),
                        o.capacity() == null ? t.capacity : o.capacity(),
                        o.order() == null ? t.order : o.order());
            case ExpertsChoose e -> {
                refuse("k", o.k(), "experts choose tokens");
                refuse("order", o.order(), "experts choose tokens");
                yield new ExpertsChoose(o.capacity() == null ? e.capacity : o.capacity(), e.noiseStd);
            }
            case Soft _ -> {
                refuse("k", o.k(), "slots are mixtures");
                refuse("order", o.order(), "slots are mixtures");
                refuse("capacity", o.capacity(), "slots are mixtures");
                yield this;
            }
        };
    }

    private static void refuse(String name, @Nullable Object chosen, String because) {
        if (chosen != null) {
            throw new IllegalArgumentException(
                    "%s: cannot be chosen for this model, in which %s".formatted(name, because));
        }
    }

    private static void requireAtLeastOne(String name, int found) {
        if (found < 1) {
            throw new IllegalArgumentException("%s: found %d, wanted at least 1".formatted(name, found));
        }
    }

    private static void requireNotNegative(String name, double found) {
        if (!(found >= 0)) {
            throw new IllegalArgumentException("%s: found %s, wanted 0 or more".formatted(name, found));
        }
    }
}
