package dev.fovea.checkpoint;

import dev.fovea.kernel.BlockFormat;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** The element types of GGUF: numbers as they are, or blocks of quantised ones. */
public enum GgufType {
    F32(0, DType.F32, BlockFormat.F32),
    F16(1, DType.F16, BlockFormat.F16),
    Q4_0(2, BlockFormat.Q4_0),
    Q4_1(3, BlockFormat.Q4_1),
    Q5_0(6, BlockFormat.Q5_0),
    Q5_1(7, BlockFormat.Q5_1),
    Q8_0(8, BlockFormat.Q8_0),
    Q2_K(10, BlockFormat.Q2_K),
    Q3_K(11, BlockFormat.Q3_K),
    Q4_K(12, BlockFormat.Q4_K),
    Q5_K(13, BlockFormat.Q5_K),
    Q6_K(14, BlockFormat.Q6_K),
    I8(24, DType.I8),
    I16(25, DType.I16),
    I32(26, DType.I32),
    I64(27, DType.I64),
    F64(28, DType.F64),
    BF16(30, DType.BF16),
    MXFP4(39, BlockFormat.MXFP4);

    private final int id;
    private final @Nullable DType dtype;
    private final @Nullable BlockFormat blocks;

    private final int blockElements;
    private final int blockBytes;

    GgufType(int id, DType dtype) {
        this(id, dtype, null);
    }

    GgufType(int id, DType dtype, @Nullable BlockFormat blocks) {
        this.id = id;
        this.dtype = dtype;
        this.blocks = blocks;
        this.blockElements = 1;
        this.blockBytes = dtype.bits() / 8;
    }

    GgufType(int id, BlockFormat blocks) {
        this.id = id;
        this.dtype = null;
        this.blocks = blocks;
        this.blockElements = blocks.size();
        this.blockBytes = blocks.bytes();
    }

    /** The number in the file. */
    public int id() {
        return id;
    }

    /** How the kernels multiply rows of this type; null where they do not, or not as blocks (bfloat16). */
    public @Nullable BlockFormat blocks() {
        return blocks;
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
