package dev.fovea.checkpoint;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.function.Function;

/**
 * A tensor that is made when its turn to be written comes, so that a file may be larger than memory.
 *
 * @param data its bytes, little-endian and row-major; what is made in the arena is freed once it is written
 */
public record PlannedTensor(DType dtype, long[] shape, Function<Arena, MemorySegment> data) {

    long bytes() {
        return dtype.bytes(StoredTensor.elements(shape));
    }
}
