package dev.fovea.checkpoint;

import static java.nio.ByteOrder.LITTLE_ENDIAN;

import dev.fovea.kernel.BlockFormat;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.Objects;

/**
 * A tensor of a GGUF file as it is stored.
 *
 * @param shape sizes of the axes, outermost first as everywhere here; the file has them the other way round
 * @param data its bytes, a slice of the mapped file
 */
public record GgufTensor(String name, GgufType type, long[] shape, MemorySegment data) {

    private static final ValueLayout.OfShort BF16 = ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(LITTLE_ENDIAN);
    private static final ValueLayout.OfFloat F32 = ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(LITTLE_ENDIAN);
    /** Blocks that are decoded at once. */
    private static final int BATCH = 256;

    /** Number of values. */
    public long elements() {
        return StoredTensor.elements(shape);
    }

    /** The values in row-major order as float32. */
    public float[] toFloats() {
        return dequantised().toFloats();
    }

    /** The tensor with its values as plain numbers: as they are where they are stored so, else float32. */
    public StoredTensor dequantised() {
        return dequantised(DType.F32);
    }

    /**
     * The same with decoded values as {@code blocksAs}, float32 or bfloat16, in native memory of their own. So a model in
     * bfloat16 needs no memory for its float32 twin.
     */
    public StoredTensor dequantised(DType blocksAs) {
        if (blocksAs != DType.F32 && blocksAs != DType.BF16) {
            throw new IllegalArgumentException("blocks as %s, wanted F32 or BF16".formatted(blocksAs));
        }
        DType dtype = type.dtype();
        BlockFormat blocks = type.blocks();
        if (dtype != null || blocks == null) {
            return new StoredTensor(name, Objects.requireNonNull(dtype), shape, data);
        }
        MemorySegment decoded = Arena.ofAuto().allocate(blocksAs.bytes(elements()), 64);
        decode(blocks, decoded, blocksAs == DType.BF16);
        return new StoredTensor(name, blocksAs, shape, decoded);
    }

    private void decode(BlockFormat format, MemorySegment decoded, boolean half) {
        long blocks = data.byteSize() / format.bytes();
        var packed = new byte[BATCH * format.bytes()];
        var values = new float[BATCH * format.size()];
        for (long first = 0; first < blocks; first += BATCH) {
            int count = (int) Math.min(BATCH, blocks - first);
            MemorySegment.copy(data, ValueLayout.JAVA_BYTE, first * format.bytes(), packed, 0, count * format.bytes());
            format.decode(packed, 0, count, values, 0);
            int size = count * format.size();
            if (half) {
                for (int i = 0; i < size; i++) {
                    decoded.set(BF16, 2 * (first * format.size() + i), bf16(values[i]));
                }
            } else {
                MemorySegment.copy(values, 0, decoded, F32, first * format.size() * 4, size);
            }
        }
    }

    /** Rounded to nearest, halves to even, as libtorch does; a damaged scale may give NaN, which stays one. */
    private static short bf16(float x) {
        int bits = Float.floatToIntBits(x);
        return (short) (Float.isNaN(x) ? bits >>> 16 : (bits + 0x7FFF + (bits >>> 16 & 1)) >>> 16);
    }

    /** Type and shape as messages write them: {@code Q4_0 [2, 32]}. */
    public String describe() {
        return type + " " + Arrays.toString(shape);
    }

    @Override
    public String toString() {
        return name + ": " + describe();
    }
}
