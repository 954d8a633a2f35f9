package dev.fovea.checkpoint;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/**
 * A tensor as a file holds it: row-major, little-endian, not yet known to the engine.
 *
 * @param name name in the file
 * @param dtype element type
 * @param shape sizes of the axes, empty for a scalar
 * @param data its bytes, often a slice of the mapped file
 */
public record StoredTensor(String name, DType dtype, long[] shape, MemorySegment data) {

    public StoredTensor {
        long wanted = dtype.bytes(elements(shape));
        if (data.byteSize() != wanted) {
            throw new IllegalArgumentException("%s: %s %s takes %d bytes, found %d"
                    .formatted(name, dtype, Arrays.toString(shape), wanted, data.byteSize()));
        }
    }

    /** Number of elements. */
    public long elements() {
        return elements(shape);
    }

    /** The values in row-major order as float32, rounded where the type is wider. */
    public float[] toFloats() {
        return Conversions.toFloats(this);
    }

    /** The values in row-major order as float64. */
    public double[] toDoubles() {
        return Conversions.toDoubles(this);
    }

    /** The values of an integer or boolean tensor in row-major order; unsigned 64-bit ones above 2^63 are refused. */
    public long[] toLongs() {
        return Conversions.toLongs(this);
    }

    /** Type and shape as messages write them: {@code F32 [2, 3]}. */
    public String describe() {
        return dtype + " " + Arrays.toString(shape);
    }

    @Override
    public String toString() {
        return name + ": " + describe();
    }

    static long elements(long[] shape) {
        long n = 1;
        for (long size : shape) {
            if (size < 0) {
                throw new ArithmeticException("negative size in shape " + Arrays.toString(shape));
            }
            n = Math.multiplyExact(n, size);
        }
        return n;
    }
}
