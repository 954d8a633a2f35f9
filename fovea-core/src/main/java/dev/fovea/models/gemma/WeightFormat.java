package dev.fovea.models.gemma;

import dev.fovea.kernel.Bf16Matrix;
import dev.fovea.kernel.Int4Matrix;
import dev.fovea.kernel.Int8Matrix;
import dev.fovea.kernel.Matrix;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.Locale;

/** How {@link KernelDecoding} holds weights. */
public enum WeightFormat {
    /** As the published files have them; a mapped file is multiplied where it lies. */
    BF16,
    /** 8 bits, one scale a row. */
    INT8,
    /** 4 bits in blocks of 32; embedding and head, whose errors go straight into the logits, 8 bits. */
    INT4;

    static final String TOKENS = "text.token_embedding.weight";
    static final String HEAD = "text.head.weight";

    /** Such as {@code int8}. */
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** A format by its label. */
    public static WeightFormat of(String label) {
        return Arrays.stream(values())
                .filter(x -> x.label().equals(label))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("weights %s: no such format; there are %s"
                        .formatted(
                                label,
                                Arrays.stream(values()).map(WeightFormat::label).toList())));
    }

    /** The format of a matrix: not all are those of the whole. */
    WeightFormat ofMatrix(String name) {
        return this == INT4 && (name.equals(TOKENS) || name.equals(HEAD)) ? INT8 : this;
    }

    /** Bytes that a matrix takes. */
    long bytes(int rows, int columns) {
        return switch (this) {
            case BF16 -> Bf16Matrix.bytes(rows, columns);
            case INT8 -> Int8Matrix.bytes(rows, columns);
            case INT4 -> Int4Matrix.bytes(rows, columns);
        };
    }

    /** Rounds rows of a larger matrix into its memory; the first of them is a multiple of 16. */
    void pack(float[] weights, int columns, MemorySegment into, int firstRow) {
        switch (this) {
            case BF16 -> Bf16Matrix.pack(weights, columns, into, firstRow);
            case INT8 -> Int8Matrix.pack(weights, columns, into, firstRow);
            case INT4 -> Int4Matrix.pack(weights, columns, into, firstRow);
        }
    }

    /** The matrix that lies in this memory. */
    Matrix matrix(MemorySegment memory, int rows, int columns) {
        return switch (this) {
            case BF16 -> Bf16Matrix.of(memory, rows, columns);
            case INT8 -> Int8Matrix.of(memory, rows, columns);
            case INT4 -> Int4Matrix.of(memory, rows, columns);
        };
    }
}
