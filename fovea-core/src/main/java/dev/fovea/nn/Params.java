package dev.fovea.nn;

import dev.fovea.tensor.Engine;
import dev.fovea.tensor.Scope;
import dev.fovea.tensor.Tensors;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.Set;
import java.util.TreeSet;
import java.util.zip.CRC32;
import org.bytedeco.pytorch.AutoGradMode;
import org.bytedeco.pytorch.GeneratorOptional;
import org.bytedeco.pytorch.MemoryFormatOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * Where a network's parameters come from and what they are called; owns them. Either draws fresh ones or hands out those
 * of a checkpoint, so that building, loading and naming a network are one piece of code. Names are
 * {@code snake_case.dotted}.
 */
public final class Params implements AutoCloseable {

    /** What all views of one tree of names share. */
    private static final class Store {
        final SequencedMap<String, Tensor> table = new LinkedHashMap<>();
        final Map<String, Tensor> given;
        final boolean fresh;
        final long seed;
        final Set<String> constants = new HashSet<>();
        boolean trainable;

        Store(Map<String, Tensor> given, boolean fresh, long seed) {
            this.given = given;
            this.fresh = fresh;
            this.seed = seed;
        }
    }

    private final Store store;
    private final String prefix;

    private Params(Store store, String prefix) {
        this.store = store;
        this.prefix = prefix;
    }

    /**
     * Fresh float32 parameters. Each is drawn from a generator of its own, seeded by {@code seed} and the parameter's
     * name, so that it does not depend on what else the network has.
     */
    public static Params fresh(long seed) {
        return new Params(new Store(Map.of(), true, seed), "");
    }

    /** Parameters of a checkpoint by name. The tensors are used as they are, without a copy, and closed with this. */
    public static Params of(Map<String, Tensor> tensors) {
        return new Params(new Store(new LinkedHashMap<>(tensors), false, 0), "");
    }

    /**
     * Parameters of a checkpoint where it has them, fresh ones where it does not: a new head on a pre-trained network.
     * {@link #drawn()} names the fresh ones.
     */
    public static Params of(Map<String, Tensor> tensors, long seed) {
        return new Params(new Store(new LinkedHashMap<>(tensors), true, seed), "");
    }

    /** The parameters below {@code name}. */
    public Params at(String name) {
        return new Params(store, prefix + name + ".");
    }

    /** The parameters of item {@code index} of a list called {@code name}. */
    public Params at(String name, int index) {
        return at(name + "." + index);
    }

    /**
     * The parameter {@code name} of the given shape.
     *
     * @throws IllegalArgumentException when the checkpoint has none of this name or one of another shape
     */
    public Tensor get(String name, Init init, long... shape) {
        return take(name, init, ScalarType.Float, shape);
    }

    /**
     * A constant of the network, such as a permutation: drawn, saved and loaded like a parameter, never trained.
     *
     * @throws IllegalArgumentException when the checkpoint has none of this name or one of another shape
     */
    public Tensor constant(String name, Init init, ScalarType type, long... shape) {
        store.constants.add(prefix + name);
        return take(name, init, type, shape);
    }

    /** Whether the checkpoint has {@code name}; false for fresh parameters. */
    public boolean has(String name) {
        return store.given.containsKey(prefix + name);
    }

    /** Makes every parameter, also those asked for later, a leaf that gathers gradients; constants stay as they are. */
    public Params trainable() {
        store.trainable = true;
        store.table.forEach(this::train);
        return this;
    }

    /** Every parameter asked for so far, by its whole name, in the order of asking. */
    public SequencedMap<String, Tensor> table() {
        return Collections.unmodifiableSequencedMap(store.table);
    }

    /** Names of the parameters that were drawn and not read. */
    public List<String> drawn() {
        return store.table.keySet().stream()
                .filter(name -> !store.given.containsKey(name))
                .toList();
    }

    /** Names in the checkpoint that no one asked for. */
    public List<String> leftovers() {
        return store.given.keySet().stream()
                .filter(name -> !store.table.containsKey(name))
                .sorted()
                .toList();
    }

    /** Refuses a checkpoint that holds more than the network asked for. */
    public void requireNoLeftovers() {
        List<String> left = leftovers();
        if (!left.isEmpty()) {
            throw new IllegalArgumentException("checkpoint has %d tensors that the model does not know: %s%s"
                    .formatted(left.size(), left.subList(0, Math.min(8, left.size())), left.size() > 8 ? " ..." : ""));
        }
    }

    /** Number of values in all parameters. */
    public long count() {
        return store.table.values().stream().mapToLong(Tensor::numel).sum();
    }

    /** Frees the parameters. */
    @Override
    public void close() {
        store.table.values().forEach(Tensor::close);
        store.given.values().forEach(Tensor::close);
    }

    private Tensor take(String name, Init init, ScalarType type, long... shape) {
        String path = prefix + name;
        if (store.table.containsKey(path)) {
            throw new IllegalStateException(path + ": asked for twice");
        }
        Tensor x = store.given.get(path);
        if (x != null) {
            if (!Arrays.equals(Tensors.shape(x), shape)) {
                throw new IllegalArgumentException("%s: checkpoint has %s, the model expects %s"
                        .formatted(path, Tensors.describe(x), Arrays.toString(shape)));
            }
        } else if (store.fresh) {
            x = draw(path, init, type, shape);
        } else {
            throw new IllegalArgumentException("checkpoint has no %s %s; under the same parent it has %s"
                    .formatted(path, Arrays.toString(shape), siblings(path)));
        }
        boolean isFloating = type == ScalarType.Float;
        if (x.is_floating_point() != isFloating) {
            throw new IllegalArgumentException("%s: checkpoint has %s, the model expects %s"
                    .formatted(path, x.scalar_type(), isFloating ? "floating-point values" : type));
        }
        store.table.put(path, x);
        if (store.trainable) {
            train(path, x);
        }
        return x;
    }

    private void train(String path, Tensor x) {
        if (!store.constants.contains(path)) {
            x.set_requires_grad(true);
        }
    }

    private Tensor draw(String path, Init init, ScalarType type, long... shape) {
        Engine.start();
        try (var scope = new Scope();
                var _ = new AutoGradMode(false)) {
            Tensor x = torch.empty(shape, new TensorOptions(type), new MemoryFormatOptional());
            var generator = torch.make_generator_cpu(seedOf(path));
            init.fill(x, new GeneratorOptional(generator));
            return scope.release(Engine.toDevice(x));
        }
    }

    private long seedOf(String path) {
        var crc = new CRC32();
        crc.update(path.getBytes(StandardCharsets.UTF_8));
        return (store.seed * 0x9E3779B97F4A7C15L ^ crc.getValue()) & Long.MAX_VALUE;
    }

    private Set<String> siblings(String path) {
        String parent = path.substring(0, path.lastIndexOf('.') + 1);
        var names = new TreeSet<String>();
        for (String name : store.given.keySet()) {
            if (name.startsWith(parent) && names.size() < 16) {
                names.add(name);
            }
        }
        return names;
    }
}
