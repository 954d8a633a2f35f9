package dev.fovea.optim;

import dev.fovea.config.Default;
import dev.fovea.tensor.Scope;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import org.bytedeco.pytorch.AutoGradMode;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** An exponential moving average of parameters, e ← d · e + (1 − d) · θ, which often evaluates better than the last. */
public final class Ema implements AutoCloseable {

    /**
     * How much of the past is kept.
     *
     * @param decay d at most, such as 0.999
     * @param warmup lets d rise as (1 + n) / (10 + n) with the number of updates n, so that the start is forgotten
     */
    public record Config(double decay, @Default("true") boolean warmup) {

        public Config {
            if (!(decay >= 0 && decay < 1)) {
                throw new IllegalArgumentException("decay: found %s, wanted at least 0 and below 1".formatted(decay));
            }
        }

        double at(long updates) {
            return warmup ? Math.min(decay, (1.0 + updates) / (10.0 + updates)) : decay;
        }
    }

    private record Pair(String name, Tensor param, Tensor average) {}

    private final Config config;
    private final List<Pair> pairs = new ArrayList<>();
    private final State state = new State("moving average");
    private final Tensor count;

    private Ema(Config config, SequencedMap<String, Tensor> params) {
        this.config = config;
        count = state.add("count", () -> torch.zeros(new long[0]).to(ScalarType.Long));
        params.forEach((name, x) -> pairs.add(
                new Pair(name, x, state.add("ema." + name, () -> x.detach().clone()))));
    }

    /** An average that begins at the parameters as they are now. */
    public static Ema of(Config config, SequencedMap<String, Tensor> params) {
        return new Ema(config, params);
    }

    /** Moves the average towards the parameters; after each optimizer step. */
    public void update() {
        try (var _ = new Scope();
                var _ = new AutoGradMode(false)) {
            count.add_(new Scalar(1L));
            var share = new Scalar(1 - config.at(count.item_long()));
            for (Pair pair : pairs) {
                if (pair.param().is_floating_point()) { // a constant of the network is its own average
                    pair.average().lerp_(pair.param(), share);
                }
            }
        }
    }

    /** The averages by parameter name. */
    public SequencedMap<String, Tensor> averages() {
        var averages = new LinkedHashMap<String, Tensor>();
        pairs.forEach(pair -> averages.put(pair.name(), pair.average()));
        return averages;
    }

    /** Puts the averages in the parameters' place until the result is closed: {@code try (var _ = ema.swapped())}. */
    public Swap swapped() {
        swap();
        return this::swap;
    }

    /** Parameters that hold their averages; closing gives them back their own values. */
    public interface Swap extends AutoCloseable {
        @Override
        void close();
    }

    private void swap() {
        try (var _ = new AutoGradMode(false)) {
            for (Pair pair : pairs) {
                try (var _ = new Scope()) {
                    Tensor own = pair.param().clone();
                    pair.param().copy_(pair.average());
                    pair.average().copy_(own);
                }
            }
        }
    }

    /** What must be saved to go on: {@code count} and {@code ema.<parameter>}. */
    public SequencedMap<String, Tensor> state() {
        return state.tensors();
    }

    /** Goes on from a saved {@link #state()}; changes nothing unless all of it fits. */
    public void restore(Map<String, Tensor> saved) {
        state.restore(saved);
    }

    /** Frees the averages; the parameters stay. */
    @Override
    public void close() {
        state.close();
    }
}
