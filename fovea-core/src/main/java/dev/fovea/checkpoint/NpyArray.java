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
        MemorySegment y = allocate(x.byteSize());
        int axes = shape.length;
        var stride = new long[axes]; // of x, in elements
        long step = 1;
        for (int i = 0; i < axes; i++) {
            stride[i] = step;
            step *= shape[i];
        }
        var index = new long[axes];
        long from = 0;
        for (long to = 0; to < step; to++) {
            MemorySegment.copy(x, from * width, y, to * width, width);
            for (int i = axes - 1; i >= 0; i--) {
                from += stride[i];
                if (++index[i] < shape[i]) {
                    break;
                }
                from -= stride[i] * shape[i];
                index[i] = 0;
            }
        }
        return y;
    }
}
