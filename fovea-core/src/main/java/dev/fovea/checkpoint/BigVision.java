package dev.fovea.checkpoint;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SequencedMap;
import org.jspecify.annotations.Nullable;

/** What is peculiar to big_vision's checkpoints and their forerunners in vision_transformer, apart from names. */
public final class BigVision {

    private static final ValueLayout.OfFloat F32 = ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private static final String POSITIONS = "pos_embedding";

    private BigVision() {}

    /**
     * Opens a checkpoint of parameters: those below {@code params/} or {@code opt/target/} where there are such, under
     * their names without it, else all but {@code opt/}. Optimizer state is not even read.
     */
    public static Weights open(Path path) {
        try (Weights file =
                Checkpoints.open(path, name -> !name.startsWith("opt/") || name.startsWith("opt/target/"))) {
            String root = "";
            for (String candidate : new String[] {"opt/target/", "params/"}) {
                if (file.tensors().keySet().stream().anyMatch(name -> name.startsWith(candidate))) {
                    root = candidate;
                }
            }
            var tensors = new LinkedHashMap<String, StoredTensor>();
            for (StoredTensor x : file.tensors().values()) {
                if (x.name().startsWith(root)) {
                    put(tensors, x.name().substring(root.length()), x);
                }
            }
            return new Weights(file.path(), file.kind(), tensors, file.metadata());
        }
    }

    /**
     * Repairs old Vision Transformers: positions that lie in the encoder, a table of positions whose first row belongs
     * to the CLS token (it is split off and added to {@code cls}), a pooling head without a scope of its own, and blocks
     * whose parts were counted through.
     *
     * @param prefix where the image tower lies, such as {@code img/}, or empty
     * @param positions number of patches of the model that asks: a table of just so many rows is never split; 0 where
     *     that is not known
     */
    public static Weights repaired(Weights weights, String prefix, long positions) {
        var tensors = new LinkedHashMap<String, StoredTensor>();
        boolean inlinedHead = weights.tensors().containsKey(prefix + "probe");
        for (StoredTensor x : weights.tensors().values()) {
            put(
                    tensors,
                    x.name().startsWith(prefix)
                            ? prefix + renamed(x.name().substring(prefix.length()), inlinedHead)
                            : x.name(),
                    x);
        }
        splitPositions(tensors, prefix, positions);
        return new Weights(weights.path(), weights.kind(), tensors, weights.metadata());
    }

    private static String renamed(String name, boolean inlinedHead) {
        if (name.equals("Transformer/posembed_input/" + POSITIONS) || name.equals("Transformer/" + POSITIONS)) {
            return POSITIONS;
        }
        if (inlinedHead
                && (name.equals("probe")
                        || name.startsWith("MlpBlock_0/")
                        || name.startsWith("MultiHeadDotProductAttention_0/")
                        || name.startsWith("LayerNorm_0/"))) {
            return "MAPHead_0/" + name;
        }
        if (name.startsWith("Transformer/encoderblock")) { // LayerNorm_0, attention, LayerNorm_2, MLP
            return name.replace("/MultiHeadDotProductAttention_1/", "/MultiHeadDotProductAttention_0/")
                    .replace("/LayerNorm_2/", "/LayerNorm_1/")
                    .replace("/MlpBlock_3/", "/MlpBlock_0/");
        }
        return name;
    }

    private static void splitPositions(SequencedMap<String, StoredTensor> tensors, String prefix, long positions) {
        StoredTensor table = tensors.get(prefix + POSITIONS); // [1, N, D]
        if (table == null || table.shape().length != 3 || table.shape()[0] != 1) {
            return;
        }
        long rows = table.shape()[1];
        long side = (long) Math.sqrt((double) rows);
        if (rows == positions || side * side + 1 != rows) {
            return;
        }
        long width = table.shape()[2];
        long rowBytes = table.dtype().bytes(width);
        tensors.put(
                table.name(),
                new StoredTensor(
                        table.name(),
                        table.dtype(),
                        new long[] {1, rows - 1, width},
                        table.data().asSlice(rowBytes)));
        var first = new StoredTensor(
                table.name(),
                table.dtype(),
                new long[] {1, 1, width},
                table.data().asSlice(0, rowBytes));
        @Nullable StoredTensor cls = tensors.get(prefix + "cls");
        if (cls != null) {
            tensors.put(cls.name(), sum(cls, first));
        }
    }

    private static StoredTensor sum(StoredTensor a, StoredTensor b) {
        float[] x = a.toFloats();
        float[] y = b.toFloats();
        if (x.length != y.length) {
            throw new IllegalArgumentException(
                    "%s: found %d values, the row of positions has %d".formatted(a.name(), x.length, y.length));
        }
        MemorySegment data = NpyArray.allocate(4L * x.length);
        for (int i = 0; i < x.length; i++) {
            data.setAtIndex(F32, i, x[i] + y[i]);
        }
        return new StoredTensor(a.name(), DType.F32, a.shape(), data);
    }

    private static void put(Map<String, StoredTensor> tensors, String name, StoredTensor x) {
        if (tensors.put(name, new StoredTensor(name, x.dtype(), x.shape(), x.data())) != null) {
            throw new IllegalArgumentException(
                    "two tensors of the checkpoint are %s, one of them %s".formatted(name, x.name()));
        }
    }
}
