package dev.fovea.kernel;

import java.lang.foreign.MemorySegment;

/**
 * All of native memory as one segment, for loops over addresses. A load from a segment of its own costs several times as much where other
 * code of the process has shown the compiler segments of other classes, mapped or not, closed or not: it asks at each load then.
 *
 * <p>Nothing is checked here any more. Who takes an address has checked that the memory is open and large enough
 * ({@link Matrix#requireOpen}), and keeps it reachable until after the last access.
 */
final class Everywhere {

    /** A constant to the compiler: of one class, never closed, without an end. */
    static final MemorySegment MEMORY = MemorySegment.NULL.reinterpret(Long.MAX_VALUE);

    private Everywhere() {}
}
