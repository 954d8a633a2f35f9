package dev.fovea.tensor;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * Operations of the calling thread that run on it alone until this is closed, so that several threads can do one each: OpenMP's threads
 * would wait for more work by spinning, and hold the cores that the others want. oneDNN's products heed it, MKL's do not.
 */
public final class OwnThread implements AutoCloseable {

    private static final @Nullable MethodHandle SET =
            find("omp_set_num_threads", FunctionDescriptor.ofVoid(ValueLayout.JAVA_INT));
    private static final @Nullable MethodHandle GET =
            find("omp_get_max_threads", FunctionDescriptor.of(ValueLayout.JAVA_INT));

    private final int before;

    public OwnThread() {
        before = threads();
        setThreads(1);
    }

    /** Whether libtorch's OpenMP is one that this can speak to. */
    public static boolean isPossible() {
        return SET != null && GET != null;
    }

    private static int threads() {
        if (GET == null) {
            throw new IllegalStateException("the OpenMP of this libtorch was not found");
        }
        try {
            return (int) GET.invokeExact();
        } catch (Throwable e) {
            throw new IllegalStateException(e);
        }
    }

    private static void setThreads(int threads) {
        if (SET == null) {
            throw new IllegalStateException("the OpenMP of this libtorch was not found");
        }
        try {
            SET.invokeExact(threads);
        } catch (Throwable e) {
            throw new IllegalStateException(e);
        }
    }

    private static @Nullable MethodHandle find(String name, FunctionDescriptor type) {
        Path library = Engine.openMp();
        if (library == null) {
            return null;
        }
        return SymbolLookup.libraryLookup(library, Arena.global())
                .find(name)
                .map(symbol -> Linker.nativeLinker().downcallHandle(symbol, type))
                .orElse(null);
    }

    @Override
    public void close() {
        setThreads(before);
    }
}
