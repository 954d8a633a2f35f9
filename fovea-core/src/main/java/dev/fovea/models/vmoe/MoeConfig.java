package dev.fovea.models.vmoe;

import dev.fovea.config.Default;
import dev.fovea.models.vmoe.RouterConfig.TokensChoose;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The experts of a V-MoE.
 *
 * @param placement blocks that have experts
 * @param numExperts E
 * @param mlpDim F of the experts; that of the network unless given
 * @param router how tokens and experts find each other
 * @param groups which tokens compete
 * @param dropout share of an expert's hidden and output values dropped in training
 * @param bf16 whether what goes to the experts and comes back is rounded to bfloat16, as between the authors' devices
 * @param equalExperts whether fresh experts are all alike, routing alone telling them apart, as in the authors' code
 */
public record MoeConfig(
        Placement placement,
        @Default("8") int numExperts,
        @Nullable Integer mlpDim,
        @Default("{name: tokensChoose}") RouterConfig router,
        @Default("{}") Groups groups,
        @Default("0") double dropout,
        @Default("false") boolean bf16,
        @Default("true") boolean equalExperts) {

    public MoeConfig {
        if (numExperts < 1 || (mlpDim != null && mlpDim < 1)) {
            throw new IllegalArgumentException(
                    "numExperts %d, mlpDim %s: wanted at least 1".formatted(numExperts, mlpDim));
        }
        if (!(dropout >= 0 && dropout < 1)) {
            throw new IllegalArgumentException(
                    "dropout: found %s, wanted 0 or more and less than 1".formatted(dropout));
        }
        if (router instanceof RouterConfig.Soft && groups.equals(Groups.BATCH)) {
            throw new IllegalArgumentException(
                    "groups: soft slots mix all tokens of a group; wanted a size, such as {images: 1}, found the batch");
        }
        if (router instanceof TokensChoose t) {
            if (numExperts % t.members() != 0) {
                throw new IllegalArgumentException("numExperts %d is not a multiple of the ensemble's members %d"
                        .formatted(numExperts, t.members()));
            }
            if (t.k() > numExperts / t.members()) {
                throw new IllegalArgumentException(
                        "k %d is more than the experts to choose from, %d".formatted(t.k(), numExperts / t.members()));
            }
        }
    }

    /** The published form: E experts in the given blocks, each token choosing k. */
    public static MoeConfig of(Placement placement, int numExperts, int k) {
        return new MoeConfig(placement, numExperts, null, TokensChoose.of(k), Groups.BATCH, 0, false, true);
    }

    /** The same weights, routed otherwise. */
    public MoeConfig with(RouterConfig router, Groups groups) {
        return new MoeConfig(placement, numExperts, mlpDim, router, groups, dropout, bf16, equalExperts);
    }

    /** Whether weights of one are weights of the other, in a network of so many blocks. */
    public boolean weightsAlike(MoeConfig o, int depth) {
        return numExperts == o.numExperts
                && Objects.equals(mlpDim, o.mlpDim)
                && placement.blocks(depth).equals(o.placement.blocks(depth))
                && router.ensemble() == o.router.ensemble()
                && router.getClass() == o.router.getClass();
    }

    /** The same weights, with or without rounding to bfloat16 on the way. */
    public MoeConfig withBf16(boolean bf16) {
        return new MoeConfig(placement, numExperts, mlpDim, router, groups, dropout, bf16, equalExperts);
    }

    /** The same weights, with what {@code o} chooses again. */
    public MoeConfig with(Rerouting o) {
        return with(router.with(o), o.groups() == null ? groups : o.groups());
    }
}
