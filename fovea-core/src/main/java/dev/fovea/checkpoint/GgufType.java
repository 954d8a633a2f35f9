package dev.fovea.checkpoint;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** The element types of GGUF: numbers as they are, or blocks of quantised ones. */
public enum GgufType {
    F32(0, DType.F32),
    F16(1, DType.F16),
    Q4_0(2, 32, 18),
    Q4_1(3, 32, 20),
    Q5_0(6, 32, 22),
    Q5_1(7, 32, 24),
    Q8_0(8, 32, 34),
    Q2_K(10, 256, 84),
    Q3_K(11, 256, 110),
    Q4_K(12, 256, 144),
    Q5_K(13, 256, 176),
    Q6_K(14, 256, 210),
    I8(24, DType.I8),
    I16(25, DType.I16),
    I32(26, DType.I32),
    I64(27, DType.I64),
    F64(28, DType.F64),
    BF16(30, DType.BF16),
    MXFP4(39, 32, 17);

    private final int id;
    private final int blockElements;
    private final int blockBytes;
    private final @Nullable DType dtype;

    GgufType(int id, DType dtype) {
        this(id, 1, dtype.bits() / 8, dtype);
    }

    GgufType(int id, int blockElements, int blockBytes) {
        this(id, blockElements, blockBytes, null);
    }

    GgufType(int id, int blockElements, int blockBytes, @Nullable DType dtype) {
        this.id = id;
        this.blockElements = blockElements;
        this.blockBytes = blockBytes;
        this.dtype = dtype;
    }

    /** The number in the file. */
    public int id() {
        return id;
    }

    /** Values of a block; 1 where values stand alone. */
    public int blockElements() {
        return blockElements;
    }

    /** Bytes of a block. */
    public int blockBytes() {
        return blockBytes;
    }

    /** Whether values are quantised in blocks. */
    public boolean isQuantised() {
        return dtype == null;
    }

    /** The same type elsewhere; null where values are quantised in blocks. */
    @Nullable
    DType dtype() {
        return dtype;
    }

    /** Bytes of a tensor; refused where the innermost axis holds no whole blocks or the size overflows. */
    long bytes(long[] shape) {
        long elements = StoredTensor.elements(shape);
        long inner = shape.length == 0 ? 1 : shape[shape.length - 1];
        if (inner % blockElements != 0) {
            throw new ArithmeticException(
                    "rows of %d values, wanted whole blocks of %d".formatted(inner, blockElements));
        }
        return Math.multiplyExact(elements / blockElements, blockBytes);
    }

    static GgufType of(long id) {
        for (GgufType type : values()) {
            if (type.id == id) {
                return type;
            }
        }
        throw new IllegalArgumentException("tensor type %d, known are %s"
                .formatted(
                        id,
                        Arrays.stream(values())
                                .map(t -> "%s (%d)".formatted(t, t.id))
                                .toList()));
    }
}
