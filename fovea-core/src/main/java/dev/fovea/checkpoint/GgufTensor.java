package dev.fovea.checkpoint;

import static java.nio.ByteOrder.LITTLE_ENDIAN;

import dev.fovea.checkpoint.GgufBlocks.Decoder;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;

/**
 * A tensor of a GGUF file as it is stored.
 *
 * @param shape sizes of the axes, outermost first as everywhere here; the file has them the other way round
 * @param data its bytes, a slice of the mapped file
 */
public record GgufTensor(String name, GgufType type, long[] shape, MemorySegment data) {

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

    /** The tensor with its values as plain numbers: as they are where they are stored so, else float32 in native memory. */
    public StoredTensor dequantised() {
        DType dtype = type.dtype();
        if (dtype != null) {
            return new StoredTensor(name, dtype, shape, data);
        }
        MemorySegment floats = Arena.ofAuto().allocate(Math.multiplyExact(elements(), 4L), 64);
        decode(GgufBlocks.of(type), floats);
        return new StoredTensor(name, DType.F32, shape, floats);
    }

    private void decode(Decoder decoder, MemorySegment floats) {
        int blockBytes = type.blockBytes();
        int blockElements = type.blockElements();
        long blocks = data.byteSize() / blockBytes;
        var packed = new byte[BATCH * blockBytes];
        var values = new float[BATCH * blockElements];
        for (long first = 0; first < blocks; first += BATCH) {
            int count = (int) Math.min(BATCH, blocks - first);
            MemorySegment.copy(data, ValueLayout.JAVA_BYTE, first * blockBytes, packed, 0, count * blockBytes);
            for (int i = 0; i < count; i++) {
                decoder.decode(packed, i * blockBytes, values, i * blockElements);
            }
            MemorySegment.copy(values, 0, floats, F32, first * blockElements * 4, count * blockElements);
        }
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
