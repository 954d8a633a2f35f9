package dev.fovea.checkpoint;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** The data of a npy array, brought to row-major little-endian. */
final class NpyArray {

    private static final long ALIGNMENT = 64;

    private NpyArray() {}

    static MemorySegment allocate(long bytes) {
        return Arena.ofAuto().allocate(bytes, ALIGNMENT);
    }

    static StoredTensor of(String name, NpyHeader header, MemorySegment data) {
        int width = header.dtype().bits() / 8;
        MemorySegment y = data;
        if (header.swapped()) {
            y = swapBytes(y, header.dtype() == DType.C64 ? 4 : width);
        }
        if (header.fortran() && header.shape().length > 1) {
            y = rowMajor(y, header.shape(), width);
        }
        return new StoredTensor(name, header.dtype(), header.shape(), y);
    }

    private static MemorySegment swapBytes(MemorySegment x, int width) {
        MemorySegment y = allocate(x.byteSize());
        for (long i = 0; i < x.byteSize(); i += width) {
            for (int j = 0; j < width; j++) {
                y.set(JAVA_BYTE, i + j, x.get(JAVA_BYTE, i + width - 1 - j));
            }
        }
        return y;
    }

    private static MemorySegment rowMajor(MemorySegment x, long[] shape, int width) {
        var strides = new long[shape.length];
        long step = 1;
        for (int i = 0; i < shape.length; i++) {
            strides[i] = step;
            step *= shape[i];
        }
        return gathered(x, 0, shape, strides, width);
    }

    /** A view's elements of {@code width} bytes in row-major order; offset and strides, in elements, lie within {@code x}. */
    static MemorySegment gathered(MemorySegment x, long offset, long[] shape, long[] strides, long width) {
        long count = StoredTensor.elements(shape);
        MemorySegment y = allocate(count * width);
        var index = new long[shape.length];
        long from = offset;
        for (long to = 0; to < count; to++) {
            MemorySegment.copy(x, from * width, y, to * width, width);
            for (int i = shape.length - 1; i >= 0; i--) {
                from += strides[i];
                if (++index[i] < shape[i]) {
                    break;
                }
                from -= strides[i] * shape[i];
                index[i] = 0;
            }
        }
        return y;
    }
}
