package dev.fovea.models.gemma;

import dev.fovea.kernel.Matrix;
import dev.fovea.tensor.Scope;
import dev.fovea.tensor.Tensors;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.LinkedHashMap;
import java.util.SequencedMap;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.AutoGradMode;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * A decoder's parameters brought into a format of the kernels.
 *
 * @param table parameters by name
 */
record Packing(SequencedMap<String, Tensor> table, WeightFormat format, Arena arena) implements KernelWeights.Source {

    /** Weights that are rounded at a time. */
    private static final int PIECE = 1 << 21;

    static Packing of(Decoder decoder, WeightFormat format, Arena arena) {
        return new Packing(table(decoder), format, arena);
    }

    /** A decoder's parameters by the names that a {@link Gemma} gives them. */
    static SequencedMap<String, Tensor> table(Decoder decoder) {
        var table = new LinkedHashMap<String, Tensor>();
        table.put(WeightFormat.TOKENS, decoder.tokens().weight());
        for (int i = 0; i < decoder.layers().size(); i++) {
            DecoderLayer x = decoder.layers().get(i);
            String at = "text.layers.%d.".formatted(i);
            table.put(at + "pre_attn_norm.weight", x.preAttnNorm().weight());
            table.put(at + "attn.query.weight", x.attn().query().weight());
            table.put(at + "attn.key.weight", x.attn().key().weight());
            table.put(at + "attn.value.weight", x.attn().value().weight());
            table.put(at + "attn.query_norm.weight", x.attn().queryNorm().weight());
            table.put(at + "attn.key_norm.weight", x.attn().keyNorm().weight());
            table.put(at + "attn.out.weight", x.attn().out().weight());
            table.put(at + "post_attn_norm.weight", x.postAttnNorm().weight());
            table.put(at + "pre_mlp_norm.weight", x.preMlpNorm().weight());
            table.put(at + "mlp.gate.weight", x.mlp().gate().weight());
            table.put(at + "mlp.up.weight", x.mlp().up().weight());
            table.put(at + "mlp.down.weight", x.mlp().down().weight());
            table.put(at + "post_mlp_norm.weight", x.postMlpNorm().weight());
        }
        table.put("text.norm.weight", decoder.norm().weight());
        if (decoder.head() != null) {
            table.put(WeightFormat.HEAD, decoder.head().weight());
        }
        return table;
    }

    @Override
    public Matrix matrix(String name, int rows, int columns) {
        return format.ofMatrix(name).matrix(memory(name, arena), rows, columns);
    }

    /** A matrix packed into memory of an arena, or where it lies if that is its format already. */
    MemorySegment memory(String name, Arena into) {
        Tensor w = tensor(name); // [rows, columns]
        int rows = Math.toIntExact(w.size(0));
        int columns = Math.toIntExact(w.size(1));
        WeightFormat wanted = format.ofMatrix(name);
        if (wanted == WeightFormat.BF16 && isBf16(w) && w.is_contiguous() && !w.is_cuda()) {
            return Tensors.segment(w);
        }
        MemorySegment packed = into.allocate(wanted.bytes(rows, columns), 64);
        int piece = Math.max(1, PIECE / columns / 16) * 16;
        IntStream.range(0, Math.ceilDiv(rows, piece)).parallel().forEach(i -> {
            int first = i * piece;
            wanted.pack(floats(w, first, Math.min(piece, rows - first)), columns, packed, first);
        });
        return packed;
    }

    @Override
    public float[] vector(String name, int size) {
        return floats(tensor(name), 0, size);
    }

    /** What counts is the type that the weights have in memory, as in {@link Decoder#embed}. */
    @Override
    public float root(int width) {
        return root(width, isBf16(tensor(WeightFormat.TOKENS)));
    }

    static float root(int width, boolean isBf16) {
        float root = (float) Math.sqrt(width);
        int bits = Float.floatToRawIntBits(root);
        return isBf16 ? Float.intBitsToFloat(bits + 0x7FFF + (bits >>> 16 & 1) & 0xFFFF0000) : root;
    }

    private Tensor tensor(String name) {
        Tensor found = table.get(name);
        if (found == null) {
            throw new IllegalStateException(name + ": not a parameter of this decoder");
        }
        return found;
    }

    private static boolean isBf16(Tensor x) {
        return x.scalar_type().intern() == ScalarType.BFloat16;
    }

    private static float[] floats(Tensor x, int first, int count) { // [N, ...]
        try (var _ = new Scope();
                var _ = new AutoGradMode(false)) {
            return Tensors.toFloats(x.narrow(0, first, count));
        }
    }
}
