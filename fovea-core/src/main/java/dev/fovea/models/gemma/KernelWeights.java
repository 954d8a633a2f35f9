package dev.fovea.models.gemma;

import dev.fovea.kernel.Bf16Matrix;
import dev.fovea.kernel.Int4Matrix;
import dev.fovea.kernel.Int8Matrix;
import dev.fovea.kernel.Matrix;
import dev.fovea.kernel.Stacked;
import dev.fovea.nn.RmsNorm;
import dev.fovea.tensor.Scope;
import dev.fovea.tensor.Tensors;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.AutoGradMode;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * A decoder's matrices as the kernels multiply them, and its norms as arrays. Query, key and value are one product, and so are
 * gate and up. Norms are 1 + w.
 *
 * @param layers from the first
 * @param norm before the head // [D]
 * @param head the embedding where the model ties them // [V, D]
 */
record KernelWeights(List<Layer> layers, float[] norm, Stacked head) {

    /** Rows of a matrix that are made at a time: the head of the published models has 300 million weights. */
    private static final int ROWS = 16_384;

    /** One block. */
    record Layer(
            float[] preAttn,
            Stacked queryKeyValue,
            float[] queryNorm,
            float[] keyNorm,
            Stacked out,
            float[] postAttn,
            float[] preMlp,
            Stacked gateUp,
            Stacked down,
            float[] postMlp) {}

    static KernelWeights of(Decoder decoder, WeightFormat format, Arena arena) {
        List<Layer> layers = decoder.layers().parallelStream()
                .map(layer -> layer(layer, format, arena))
                .toList();
        Tensor head = decoder.head() == null
                ? decoder.tokens().weight()
                : decoder.head().weight();
        WeightFormat headFormat = format == WeightFormat.INT4 ? WeightFormat.INT8 : format;
        return new KernelWeights(layers, norm(decoder.norm()), stacked(headFormat, arena, head));
    }

    /** Bytes that a token reads. */
    long bytes() {
        return head.bytes()
                + layers.stream()
                        .mapToLong(x -> x.queryKeyValue.bytes() + x.out.bytes() + x.gateUp.bytes() + x.down.bytes())
                        .sum();
    }

    private static Layer layer(DecoderLayer x, WeightFormat format, Arena arena) {
        Attention attn = x.attn();
        GatedMlp mlp = x.mlp();
        return new Layer(
                norm(x.preAttnNorm()),
                stacked(
                        format,
                        arena,
                        attn.query().weight(),
                        attn.key().weight(),
                        attn.value().weight()),
                norm(attn.queryNorm()),
                norm(attn.keyNorm()),
                stacked(format, arena, attn.out().weight()),
                norm(x.postAttnNorm()),
                norm(x.preMlpNorm()),
                stacked(format, arena, mlp.gate().weight(), mlp.up().weight()),
                stacked(format, arena, mlp.down().weight()),
                norm(x.postMlpNorm()));
    }

    private static float[] norm(RmsNorm norm) {
        try (var _ = new Scope()) {
            float[] factors = Tensors.toFloats(norm.weight());
            for (int i = 0; i < factors.length; i++) {
                factors[i] += 1;
            }
            return factors;
        }
    }

    private static Stacked stacked(WeightFormat format, Arena arena, Tensor... weights) { // [rows, columns] each
        var parts = new ArrayList<Matrix>();
        for (Tensor w : weights) {
            int rows = Math.toIntExact(w.size(0));
            IntStream.iterate(0, first -> first < rows, first -> first + ROWS)
                    .forEach(first -> parts.add(matrix(format, arena, w, first, Math.min(ROWS, rows - first))));
        }
        return new Stacked(parts);
    }

    private static Matrix matrix(WeightFormat format, Arena arena, Tensor w, int first, int rows) {
        int columns = Math.toIntExact(w.size(1));
        if (format == WeightFormat.BF16
                && w.scalar_type().intern() == ScalarType.BFloat16
                && w.is_contiguous()
                && !w.is_cuda()) {
            long rowBytes = 2L * columns;
            return Bf16Matrix.of(Tensors.segment(w).asSlice(first * rowBytes, rows * rowBytes), rows, columns);
        }
        float[] values;
        try (var _ = new Scope();
                var _ = new AutoGradMode(false)) {
            values = Tensors.toFloats(w.narrow(0, first, rows));
        }
        return switch (format) {
            case BF16 -> Bf16Matrix.of(values, columns, arena);
            case INT8 -> Int8Matrix.of(values, columns, arena);
            case INT4 -> Int4Matrix.of(values, columns, arena);
        };
    }
}
