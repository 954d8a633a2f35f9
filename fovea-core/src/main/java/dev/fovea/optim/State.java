package dev.fovea.optim;

import dev.fovea.tensor.Scope;
import dev.fovea.tensor.Tensors;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.function.Supplier;
import org.bytedeco.pytorch.AutoGradMode;
import org.bytedeco.pytorch.Tensor;

/** Named tensors that are written in place from step to step, saved and restored together. */
final class State implements AutoCloseable {

    private final String owner;
    private final SequencedMap<String, Tensor> tensors = new LinkedHashMap<>();

    /** @param owner what the state belongs to, for messages */
    State(String owner) {
        this.owner = owner;
    }

    /** Adds a tensor that {@code maker} makes. */
    Tensor add(String name, Supplier<Tensor> maker) {
        try (var scope = new Scope();
                var _ = new AutoGradMode(false)) {
            Tensor x = scope.release(maker.get());
            tensors.put(name, x);
            return x;
        }
    }

    SequencedMap<String, Tensor> tensors() {
        return Collections.unmodifiableSequencedMap(tensors);
    }

    /** Writes every tensor of {@code saved} over the one of its name; changes nothing unless all of them fit. */
    void restore(Map<String, Tensor> saved) {
        tensors.forEach((name, x) -> {
            Tensor y = saved.get(name);
            if (y == null) {
                throw new IllegalArgumentException("checkpoint has no %s %s of the %s; it has %s"
                        .formatted(
                                name,
                                Tensors.describe(x),
                                owner,
                                few(saved.keySet().stream().sorted().toList())));
            }
            if (!Arrays.equals(Tensors.shape(x), Tensors.shape(y))
                    || x.scalar_type().intern() != y.scalar_type().intern()) {
                throw new IllegalArgumentException("%s: checkpoint has %s %s, the %s expects %s %s"
                        .formatted(
                                name,
                                y.scalar_type(),
                                Tensors.describe(y),
                                owner,
                                x.scalar_type(),
                                Tensors.describe(x)));
            }
        });
        List<String> left = saved.keySet().stream()
                .filter(name -> !tensors.containsKey(name))
                .sorted()
                .toList();
        if (!left.isEmpty()) {
            throw new IllegalArgumentException(
                    "checkpoint has %d tensors that the %s does not know: %s".formatted(left.size(), owner, few(left)));
        }
        try (var _ = new Scope();
                var _ = new AutoGradMode(false)) {
            tensors.forEach((name, x) -> x.copy_(saved.get(name)));
        }
    }

    private static String few(List<String> names) {
        return names.size() <= 8 ? names.toString() : names.subList(0, 8) + " ...";
    }

    @Override
    public void close() {
        tensors.values().forEach(Tensor::close);
        tensors.clear();
    }
}
