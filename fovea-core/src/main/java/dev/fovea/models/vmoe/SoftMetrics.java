package dev.fovea.models.vmoe;

import java.util.LinkedHashMap;
import java.util.SequencedMap;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * How far a Soft MoE's weights are from uniform, and from being all alike (arXiv 2308.00951, section 5): smallest and
 * largest weights, and cosines between tokens' weights, between slots' weights and between slot vectors.
 */
public final class SoftMetrics {

    private static final double EPS = 1e-9;

    private SoftMetrics() {}

    /** By the names that the authors' code logs them under; each is a scalar. */
    public static SequencedMap<String, Tensor> of(Routing.Soft routing, SoftRouter router) {
        Tensor combine = routing.combine().flatten(2, 3); // [G, S, E·P]
        Tensor dispatch = routing.dispatch().flatten(2, 3); // [G, S, E·P]
        var metrics = new LinkedHashMap<String, Tensor>();
        extremes(metrics, "combine_weights", combine, 2);
        extremes(metrics, "dispatch_weights", dispatch, 1);
        cosines(metrics, "combine_weights", combine);
        cosines(metrics, "dispatch_weights", dispatch.transpose(1, 2));
        cosines(metrics, "mu", router.slots().flatten(1, 2).t().unsqueeze(0)); // [1, E·P, D]
        return metrics;
    }

    private static void extremes(SequencedMap<String, Tensor> metrics, String name, Tensor x, long axis) {
        metrics.put(name + "_min_mean", x.amin(new long[] {axis}, false).mean());
        metrics.put(name + "_max_mean", x.amax(new long[] {axis}, false).mean());
    }

    /** Of all pairs of different rows. */
    private static void cosines(SequencedMap<String, Tensor> metrics, String name, Tensor rows) { // [G, n, d]
        long n = rows.size(1);
        Tensor square = rows.square().sum(new long[] {2}, true, new ScalarTypeOptional());
        Tensor unit = rows.mul(square.add(new Scalar(EPS)).rsqrt());
        Tensor cosine = unit.bmm(unit.transpose(1, 2)); // [G, n, n]
        Tensor self = torch.eye(n, rows.options()).unsqueeze(0); // [1, n, n]
        Tensor others = cosine.mul(self.neg().add(new Scalar(1.0)));
        others = others.add(self.mul(others.max()));
        metrics.put(name + "_similarity_min", others.min());
        metrics.put(name + "_similarity_max", others.max());
        double pairs = (double) rows.size(0) * n * (n - 1);
        Tensor sum = cosine.sum().sub(new Scalar((double) rows.size(0) * n));
        metrics.put(name + "_similarity_mean", sum.div(new Scalar(pairs)));
    }
}
