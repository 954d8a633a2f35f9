package dev.fovea.optim;

import dev.fovea.tensor.Scope;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.Set;
import java.util.stream.Collectors;
import org.bytedeco.pytorch.AutoGradMode;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * Updates parameters in place from their gradients. Update {@code t} depends on the parameters, their gradients and
 * {@link #state()} alone, so that a run restored from a checkpoint goes on bit for bit.
 *
 * <pre>{@code
 * try (Optimizer optimizer = Optimizer.of(config, params.table(), totalSteps)) {
 *     for (long step = 0; step < totalSteps; step++) {
 *         try (var _ = new Scope()) {
 *             objective.loss(batches.at(step), true).value().backward();
 *             optimizer.step(step);
 *         }
 *     }
 * }
 * }</pre>
 */
public final class Optimizer implements AutoCloseable {

    private record Part(Assignment assigned, List<Integer> indices, Update update) {}

    private final OptimConfig config;
    private final SequencedMap<String, Tensor> trained = new LinkedHashMap<>();
    private final List<Part> parts = new ArrayList<>();
    private final Gradients gradients;
    private final State state = new State("optimizer");
    private final Tensor count;

    private Optimizer(OptimConfig config, SequencedMap<String, Tensor> all, Horizon run) {
        this.config = config;
        var params = new LinkedHashMap<>(all);
        params.values().removeIf(x -> !x.requires_grad());
        SequencedMap<Assignment, List<String>> groups = Assignment.groups(config, params, run);
        if (groups.isEmpty()) {
            throw new IllegalArgumentException("all %d parameters are frozen".formatted(params.size()));
        }
        count = state.add("count", () -> torch.zeros(new long[0]).to(ScalarType.Long));
        Set<String> names = groups.values().stream().flatMap(List::stream).collect(Collectors.toSet());
        params.forEach((name, x) -> {
            if (names.contains(name)) {
                trained.put(name, checked(name, x));
            }
        });
        List<String> order = List.copyOf(trained.keySet());
        groups.forEach((assigned, its) -> parts.add(new Part(
                assigned,
                its.stream().map(order::indexOf).toList(),
                Update.of(config.rule(), its, its.stream().map(trained::get).toList(), state))));
        gradients = new Gradients(config, trained);
    }

    /** For lengths given in steps and percent. */
    public static Optimizer of(OptimConfig config, SequencedMap<String, Tensor> params, long totalSteps) {
        return of(config, params, Horizon.of(totalSteps));
    }

    /**
     * An optimizer of {@code params}, leaves that gather gradients, which it neither copies nor owns. Those that
     * gather none are constants of the network and stay out.
     *
     * @throws IllegalArgumentException when a pattern of the configuration matches no parameter, or all are frozen
     */
    public static Optimizer of(OptimConfig config, SequencedMap<String, Tensor> params, Horizon run) {
        return new Optimizer(config, params, run);
    }

    /**
     * Updates every parameter that is not frozen from its gradient, with the rates of {@code step}, and drops the
     * gradients.
     *
     * @throws DivergedException when a gradient is not finite; nothing is updated then
     */
    public StepInfo step(long step) {
        try (var _ = new Scope();
                var _ = new AutoGradMode(false)) {
            List<Tensor> all = gradients.gather();
            double norm = gradients.norm(all, step);
            double factor = config.clipNorm() == null || norm < config.clipNorm() ? 1 : config.clipNorm() / norm;
            if (config.clipValue() != null) {
                Gradients.limit(all, config.clipValue());
            }
            count.add_(new Scalar(1L));
            long number = count();
            for (Part part : parts) {
                List<Tensor> its = part.indices().stream().map(all::get).toList();
                part.update()
                        .apply(new Update.Step(
                                its,
                                factor,
                                part.assigned().rate(step),
                                part.assigned().shrink(step),
                                number));
            }
            gradients.clear();
            return new StepInfo(
                    norm, config.lr() * parts.getFirst().assigned().schedule().at(step));
        }
    }

    /** Number of updates made so far, those before a restored checkpoint included. */
    public long count() {
        try (var _ = new Scope()) {
            return count.item_long();
        }
    }

    /** Names of the parameters that are updated; the others are frozen. */
    public List<String> trained() {
        return List.copyOf(trained.keySet());
    }

    /** Drops all gradients without an update. */
    public void clearGradients() {
        gradients.clear();
    }

    /**
     * What must be saved to go on bit for bit, beside the parameters: {@code count}, and what the rule keeps by
     * parameter, such as {@code mu.blocks.0.norm1.weight}. The tensors themselves, which the next step writes over.
     */
    public SequencedMap<String, Tensor> state() {
        return Collections.unmodifiableSequencedMap(state.tensors());
    }

    /**
     * Goes on from a saved {@link #state()}.
     *
     * @throws IllegalArgumentException when a tensor is missing, is one too many, or has another shape or type; nothing
     *     is changed then
     */
    public void restore(Map<String, Tensor> saved) {
        state.restore(saved);
    }

    private static Tensor checked(String name, Tensor x) {
        if (!x.is_contiguous()) {
            throw new IllegalArgumentException("%s: found a strided tensor, wanted a contiguous one".formatted(name));
        }
        return x;
    }

    /** Frees the state; the parameters stay. */
    @Override
    public void close() {
        parts.forEach(part -> part.update().close());
        state.close();
    }
}
