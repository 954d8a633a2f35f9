package dev.fovea.verify;

import dev.fovea.checkpoint.Checkpoints;
import dev.fovea.checkpoint.DType;
import dev.fovea.checkpoint.SafetensorsFile;
import dev.fovea.checkpoint.StoredTensor;
import dev.fovea.tensor.Tensors;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.TreeSet;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * One folder of recorded inputs and results. Gives the inputs, and takes results to compare; {@link #finish} then says
 * what was compared and fails what was not.
 */
public final class Case implements AutoCloseable {

    private static final JsonMapper JSON = new JsonMapper();

    private final Path folder;
    private final String system;
    private final String kind;
    private final List<SafetensorsFile> open = new ArrayList<>();
    private final SequencedMap<String, StoredTensor> inputs;
    private final SequencedMap<String, StoredTensor> expected;
    private final Map<String, Limit> limits = new LinkedHashMap<>();
    private final Map<String, Comparison> compared = new LinkedHashMap<>();
    private @Nullable JsonNode config;
    private boolean hasRows;

    private record Limit(double atol, long mayDiffer) {}

    Case(Path folder, String system, String kind) {
        this.folder = folder;
        this.system = system;
        this.kind = kind;
        this.inputs = read("inputs.safetensors");
        this.expected = read("expected.safetensors");
        readLimits();
    }

    /** The case's folder. */
    public Path folder() {
        return folder;
    }

    /** Name of the system, such as {@code vit}. */
    public String system() {
        return system;
    }

    /** Kind of the case, such as {@code model}. */
    public String kind() {
        return kind;
    }

    /** The case's {@code config.json}. */
    public JsonNode config() {
        if (config == null) {
            config = json("config.json");
        }
        return config;
    }

    /** A JSON file of the case. */
    public JsonNode json(String name) {
        return JSON.readTree(folder.resolve(name).toFile());
    }

    /** Everything in {@code inputs.safetensors}; empty when there is no such file. */
    public SequencedMap<String, StoredTensor> inputs() {
        return Collections.unmodifiableSequencedMap(inputs);
    }

    /** One input as it is stored. */
    public StoredTensor input(String name) {
        StoredTensor x = inputs.get(name);
        if (x == null) {
            throw new IllegalArgumentException(
                    "%s: no input %s; there are %s".formatted(folder, name, inputs.keySet()));
        }
        return x;
    }

    /** One input as a tensor of the engine, of its own. */
    public Tensor tensor(String name) {
        return Checkpoints.tensor(input(name)).clone();
    }

    /** Names and shapes of what must be computed. */
    public SequencedMap<String, long[]> expected() {
        var shapes = new LinkedHashMap<String, long[]>();
        expected.forEach((name, x) -> shapes.put(name, x.shape()));
        return shapes;
    }

    /** Whether {@code name} is among what must be computed. */
    public boolean expects(String name) {
        return expected.containsKey(name);
    }

    /** Where the reference's result is not zero: READMEs zero what is meaningless, such as padding. */
    public double[] expectedValues(String name) {
        StoredTensor x = expected.get(name);
        if (x == null) {
            throw new IllegalArgumentException("%s: nothing recorded under %s".formatted(folder, name));
        }
        return x.toDoubles();
    }

    /** The folder of pictures that cases name: {@code data/images} beside the fixtures folder of the same set. */
    public Path images() {
        return folder.toAbsolutePath().resolve("../../../data/images").normalize();
    }

    /** Compares a tensor of the engine. */
    public void compare(String name, Tensor x) {
        boolean floating = x.is_floating_point();
        compare(name, Tensors.toDoubles(x), floating, Tensors.shape(x));
    }

    /** Compares floating-point values in row-major order. */
    public void compare(String name, double[] values, long... shape) {
        compare(name, values, true, shape);
    }

    /** Compares floating-point values in row-major order. */
    public void compare(String name, float[] values, long... shape) {
        var wide = new double[values.length];
        for (int i = 0; i < wide.length; i++) {
            wide[i] = values[i];
        }
        compare(name, wide, true, shape);
    }

    /** Compares integers in row-major order. */
    public void compare(String name, long[] values, long... shape) {
        compare(name, Arrays.stream(values).asDoubleStream().toArray(), false, shape);
    }

    /** For a case without {@code expected.safetensors}: one row of it agreed or did not. */
    public void compareRow(String row, Object expectedValue, Object found) {
        hasRows = true;
        boolean same = expectedValue.equals(found);
        compared.put(
                row,
                same
                        ? new Comparison(row, 0, 0, new long[0], "")
                        : Comparison.problem(row, 0, "found %s, expected %s".formatted(found, expectedValue)));
    }

    /** What was compared, in the file's order, and a failed entry for every recorded tensor that was not. */
    List<Comparison> finish() {
        if (expected.isEmpty() && !hasRows) {
            throw new IllegalStateException(folder + ": nothing was compared");
        }
        var all = new ArrayList<Comparison>();
        for (String name : expected.keySet()) {
            Comparison c = compared.remove(name);
            all.add(c != null ? c : Comparison.problem(name, limit(name).atol, "recorded but not compared"));
        }
        all.addAll(compared.values());
        return all;
    }

    private void compare(String name, double[] values, boolean floating, long... shape) {
        StoredTensor want = expected.get(name);
        if (want == null) {
            compared.put(name, Comparison.problem(name, 0, "compared but not recorded"));
            return;
        }
        Limit limit = limit(name);
        if (!Arrays.equals(shape, want.shape())) {
            compared.put(
                    name,
                    Comparison.problem(
                            name,
                            limit.atol,
                            "found shape %s, expected %s"
                                    .formatted(Arrays.toString(shape), Arrays.toString(want.shape()))));
        } else if (floating != isFloating(want.dtype())) {
            compared.put(
                    name,
                    Comparison.problem(
                            name,
                            limit.atol,
                            "found %s, expected %s"
                                    .formatted(floating ? "floating-point values" : "integers", want.dtype())));
        } else {
            compared.merge(
                    name,
                    differ(name, values, want, limit),
                    (a, b) -> a.ok() ? b : a); // by two ways, both are to agree
        }
    }

    private static Comparison differ(String name, double[] values, StoredTensor want, Limit limit) {
        double[] wanted = want.toDoubles();
        double worst = 0;
        int at = 0;
        long different = 0;
        for (int i = 0; i < wanted.length; i++) {
            double d = distance(values[i], wanted[i]);
            if (d > limit.atol) {
                different++;
            }
            if (d > worst) {
                worst = d;
                at = i;
            }
        }
        if (different > 0 && different <= limit.mayDiffer) {
            worst = limit.atol; // neighbours in rank that the reference itself cannot tell apart
        }
        return new Comparison(name, worst, limit.atol, index(at, want.shape()), "");
    }

    private static double distance(double found, double wanted) {
        if (found == wanted || (Double.isNaN(found) && Double.isNaN(wanted))) {
            return 0;
        }
        double d = Math.abs(found - wanted);
        return Double.isNaN(d) ? Double.POSITIVE_INFINITY : d;
    }

    private static long[] index(long flat, long[] shape) {
        var index = new long[shape.length];
        for (int axis = shape.length - 1; axis >= 0; axis--) {
            index[axis] = flat % Math.max(1, shape[axis]);
            flat /= Math.max(1, shape[axis]);
        }
        return index;
    }

    private static boolean isFloating(DType dtype) {
        return switch (dtype) {
            case BOOL, U8, I8, U16, I16, U32, I32, U64, I64 -> false;
            default -> true;
        };
    }

    private Limit limit(String name) {
        Limit limit = limits.get(name);
        if (limit == null) {
            throw new IllegalStateException("%s: tolerance.json has no %s".formatted(folder, name));
        }
        return limit;
    }

    private void readLimits() {
        if (expected.isEmpty()) {
            return;
        }
        JsonNode all = json("tolerance.json");
        for (var entry : all.properties()) {
            JsonNode t = entry.getValue();
            StoredTensor x = expected.get(entry.getKey());
            var shape = new long[t.required("shape").size()];
            for (int i = 0; i < shape.length; i++) {
                shape[i] = t.required("shape").get(i).asLong();
            }
            if (x != null && !Arrays.equals(shape, x.shape())) {
                throw new IllegalArgumentException("%s: %s is %s in tolerance.json and %s in expected.safetensors"
                        .formatted(folder, entry.getKey(), Arrays.toString(shape), Arrays.toString(x.shape())));
            }
            limits.put(
                    entry.getKey(),
                    new Limit(
                            t.required("atol").asDouble(), t.path("may_differ").asLong(0)));
        }
        if (!limits.keySet().equals(expected.keySet())) {
            var odd = new TreeSet<>(limits.keySet());
            odd.removeAll(expected.keySet());
            var missing = new TreeSet<>(expected.keySet());
            missing.removeAll(limits.keySet());
            throw new IllegalArgumentException(
                    "%s: only in tolerance.json: %s; only in expected.safetensors: %s".formatted(folder, odd, missing));
        }
    }

    private SequencedMap<String, StoredTensor> read(String name) {
        Path file = folder.resolve(name);
        if (!Files.exists(file)) {
            return new LinkedHashMap<>();
        }
        SafetensorsFile opened = SafetensorsFile.open(file);
        open.add(opened);
        return opened.tensors();
    }

    @Override
    public void close() {
        open.forEach(SafetensorsFile::close);
    }
}
