package dev.fovea.checkpoint;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** {@code mmap} itself: Java's own private mapping wants to open the file for writing, and many models are read-only. */
final class PosixMap {

    private static final int READ_WRITE = 1 | 2; // PROT_READ | PROT_WRITE, on Linux and macOS
    private static final int PRIVATE = 2; // MAP_PRIVATE

    private static final Linker LINKER = Linker.nativeLinker();
    private static final MethodHandle OPEN = handle("open", FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_INT));
    private static final MethodHandle CLOSE = handle("close", FunctionDescriptor.of(JAVA_INT, JAVA_INT));
    private static final MethodHandle MMAP =
            handle("mmap", FunctionDescriptor.of(ADDRESS, ADDRESS, JAVA_LONG, JAVA_INT, JAVA_INT, JAVA_INT, JAVA_LONG));
    private static final MethodHandle MUNMAP = handle("munmap", FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_LONG));

    private PosixMap() {}

    /** The file's bytes, private and writable, or null where the system refuses. */
    static @Nullable MemorySegment map(Path file, long size) {
        try (Arena arena = Arena.ofConfined()) {
            int fd = (int)
                    OPEN.invokeExact(arena.allocateFrom(file.toAbsolutePath().toString()), 0 /* O_RDONLY */);
            if (fd < 0) {
                return null;
            }
            try {
                MemorySegment mapped =
                        (MemorySegment) MMAP.invokeExact(MemorySegment.NULL, size, READ_WRITE, PRIVATE, fd, 0L);
                return mapped.address() == -1 ? null : mapped.reinterpret(size, Arena.ofAuto(), PosixMap::unmap);
            } finally {
                int _ = (int) CLOSE.invokeExact(fd);
            }
        } catch (Throwable e) {
            throw new IllegalStateException("mmap of " + file, e);
        }
    }

    private static void unmap(MemorySegment mapped) {
        try {
            int _ = (int) MUNMAP.invokeExact(mapped, mapped.byteSize());
        } catch (Throwable e) {
            throw new IllegalStateException("munmap", e);
        }
    }

    private static MethodHandle handle(String name, FunctionDescriptor type) {
        SymbolLookup symbols = LINKER.defaultLookup();
        return LINKER.downcallHandle(symbols.findOrThrow(name), type);
    }
}
