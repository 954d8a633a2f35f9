package dev.fovea.verify;

import dev.fovea.models.vmoe.Assignment;
import dev.fovea.models.vmoe.Capacity;
import dev.fovea.models.vmoe.ExpertChoice;
import dev.fovea.models.vmoe.ExpertRouter;
import dev.fovea.models.vmoe.Order;
import dev.fovea.models.vmoe.Routes;
import dev.fovea.tensor.Tensors;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Tensor;
import tools.jackson.databind.JsonNode;

/** V-MoE's capacities, buffers, dispatch and combine on their own, each several times in a case. */
final class VmoeDispatchChecks {

    /** The map between dispatch and combine whose gradients are recorded. */
    private static final float[] MIXED = {1, .5f, -.3f, 2, .7f, -1};

    private VmoeDispatchChecks() {}

    static void function(Case c) {
        JsonNode config = c.config();
        if (config.has("rows")) {
            capacities(c, config.get("rows"));
            return;
        }
        for (JsonNode one : config.required("cases")) {
            String name = one.required("name").asString() + "/";
            if (c.expects(name + "token")) {
                expertsChoose(c, name, one);
            } else {
                tokensChoose(c, name, one);
            }
        }
    }

    private static void capacities(Case c, JsonNode rows) {
        long[] found = rows.valueStream()
                .mapToLong(row -> {
                    var capacity = new Capacity(
                            row.required("capacity_factor").asDouble(),
                            null,
                            VmoeModels.rounding(row.required("ceil_or_round").asString()),
                            VmoeModels.multipleOf(row, "multiple_of"));
                    try {
                        return capacity.slots(
                                row.required("num_tokens").asLong(),
                                row.required("num_experts").asInt());
                    } catch (IllegalArgumentException e) {
                        return -1; // recorded where the reference refuses too
                    }
                })
                .toArray();
        c.compare("capacity", found, found.length);
    }

    private static void tokensChoose(Case c, String name, JsonNode one) {
        Tensor gates = c.tensor(name + "gates"); // [G, S, E]
        int groups = (int) gates.size(0);
        int groupSize = (int) gates.size(1);
        int numExperts = (int) gates.size(2);
        int k = one.required("k").asInt();
        int capacity = VmoeModels.capacity(one).slots((long) groupSize * k, numExperts);
        var a = Assignment.of(
                Tensors.toFloats(gates),
                groups,
                groupSize,
                numExperts,
                k,
                capacity,
                one.required("bpr").asBoolean() ? Order.PRIORITY : Order.VANILLA);
        c.compare(name + "capacity", new long[] {capacity});
        c.compare(name + "expert", longs(a.expert()), groups, groupSize, k);
        c.compare(name + "position", longs(a.position()), groups, groupSize, k);
        c.compare(name + "kept", kept(a), groups, groupSize, k);
        Tensor index = Tensors.of(a.expert(), groups, groupSize, k);
        c.compare(name + "combine_weights", gates.gather(2, index));
        c.compare(
                name + "einsum_combine_weights",
                oneHot(a, Tensors.toFloats(gates)),
                groups,
                groupSize,
                numExperts,
                capacity);
        both(c, name, gates, Routes.of(a));
    }

    private static void expertsChoose(Case c, String name, JsonNode one) {
        Tensor gates = c.tensor(name + "gates"); // [G, S, E]
        int groups = (int) gates.size(0);
        int groupSize = (int) gates.size(1);
        int numExperts = (int) gates.size(2);
        Capacity capacity = VmoeModels.capacity(one);
        int slots = capacity.slots(groupSize, numExperts);
        int[] chosen = ExpertRouter.chosen(Tensors.toFloats(gates), groups, groupSize, numExperts, slots);
        c.compare(name + "token", longs(chosen), groups, numExperts, slots);
        Routes routes = ExpertRouter.routes(gates, capacity);
        metrics(c, name + "metric/", ExpertChoice.of(routes, gates));
        both(c, name, gates, routes);
    }

    /** What the reference logs of experts that choose, as far as it is recorded. */
    static void metrics(Case c, String prefix, ExpertChoice choice) {
        int groups = choice.minExperts().length;
        ints(c, prefix + "num_experts_per_item_min", choice.minExperts(), groups);
        ints(c, prefix + "num_experts_per_item_max", choice.maxExperts(), groups);
        floats(c, prefix + "min_selected_gate", choice.minGate(), groups);
        floats(c, prefix + "max_selected_gate", choice.maxGate(), groups);
        choice.shareWithAtLeast()
                .forEach((t, share) ->
                        floats(c, prefix + "ratio_processed_items_by_at_least_%d_experts".formatted(t), share, groups));
    }

    private static void floats(Case c, String name, float[] values, long... shape) {
        if (c.expects(name)) {
            c.compare(name, values, shape);
        }
    }

    /** Compares integers where they are recorded. */
    static void ints(Case c, String name, int[] values, long... shape) {
        if (c.expects(name)) {
            c.compare(name, longs(values), shape);
        }
    }

    /** Dispatch and combine on recorded data, and gradients through both. */
    private static void both(Case c, String name, Tensor gates, Routes routes) {
        Tensor data = c.tensor(name + "data"); // [G, S, 3]
        data.set_requires_grad(true);
        gates.set_requires_grad(true);
        Tensor rows = routes.dispatch(data.flatten(0, 1)); // [R, 3]
        c.compare(name + "dispatched", routes.toSlots(rows));
        Tensor flat = gates.flatten(0, 1); // [G·S, E]
        Tensor mixed = rows.tanh().matmul(Tensors.of(MIXED, 3, 2)); // [R, 2]
        Tensor through = routes.combine(mixed, flat); // [G·S, 2]
        Tensor combined = c.inputs().containsKey(name + "expert_outputs")
                ? routes.combine(routes.fromSlots(c.tensor(name + "expert_outputs")), flat)
                : through;
        c.compare(name + "combined", combined.unflatten(0, gates.size(0), gates.size(1)));
        through.square().sum().backward();
        c.compare(name + "grad_gates", gates.grad());
        c.compare(name + "grad_data", data.grad());
    }

    private static float[] oneHot(Assignment a, float[] gates) { // [G, S, E, B]
        var weights = new float[gates.length * a.capacity()];
        for (int choice = 0; choice < a.expert().length; choice++) {
            if (a.kept(choice)) {
                int at = choice / a.k() * a.numExperts() + a.expert()[choice];
                weights[at * a.capacity() + a.position()[choice]] = gates[at];
            }
        }
        return weights;
    }

    static long[] kept(Assignment a) {
        return IntStream.range(0, a.expert().length)
                .mapToLong(choice -> a.kept(choice) ? 1 : 0)
                .toArray();
    }

    static long[] longs(int[] values) {
        return IntStream.of(values).asLongStream().toArray();
    }
}
