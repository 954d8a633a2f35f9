package dev.fovea.models.vmoe;

import org.jspecify.annotations.Nullable;

/**
 * What of the routing can be chosen again for evaluation, without touching weights. Null leaves it as it is.
 *
 * @param k experts a token
 * @param capacity slots of an expert
 * @param order who is served first
 * @param groups who competes
 */
public record Rerouting(
        @Nullable Integer k,
        @Nullable Capacity capacity,
        @Nullable Order order,
        @Nullable Groups groups) {

    /** Leaves everything as it is. */
    public static final Rerouting NONE = new Rerouting(null, null, null, null);
}
