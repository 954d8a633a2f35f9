package dev.fovea.tensor;

import static java.lang.foreign.ValueLayout.JAVA_BOOLEAN;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;
import java.nio.file.Files;
import java.nio.file.Path;
import org.bytedeco.pytorch.global.torch.DeviceType;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;

/**
 * While open, matrix products and convolutions of this thread run in bfloat16 and what needs the range in float32, by
 * libtorch's own lists; parameters and gradients stay float32. Open it round the forward pass and the loss, not round
 * backward.
 *
 * <p>JavaCPP has no names for libtorch's autocast state, so its functions are called by their symbols.
 */
public final class Autocast implements AutoCloseable {

    private static volatile boolean everOn;

    private final byte device;
    private final boolean before;

    private Autocast(byte device, boolean on) {
        this.device = device;
        before = Native.isEnabled(device);
        Native.setDtype(device);
        Native.setEnabled(device, on);
        Native.enter();
    }

    /** Turns bfloat16 on for this thread and {@link Engine#device()}. */
    public static Autocast bf16() {
        Engine.start();
        everOn = true;
        return new Autocast(device(), true);
    }

    /** Turns it off for this thread, inside an open one, for what needs float32; null where it was never turned on. */
    public static @Nullable Autocast off() {
        return everOn ? new Autocast(device(), false) : null;
    }

    /** Whether one is open on this thread. */
    static boolean isOn() {
        return everOn && Native.isEnabled(device());
    }

    private static byte device() {
        return (Engine.device().is_cuda() ? DeviceType.CUDA : DeviceType.CPU).value;
    }

    @Override
    public void close() {
        Native.leave(); // the outermost forgets the casts of weights: the optimizer is about to change them
        Native.setEnabled(device, before);
    }

    /** at::autocast of libtorch_cpu, as compilers of the Itanium ABI (Linux, macOS) name its functions. */
    private static final class Native {
        private static final SymbolLookup LIBRARY = library();
        private static final MethodHandle IS_ENABLED = function(
                "_ZN2at8autocast19is_autocast_enabledEN3c1010DeviceTypeE",
                FunctionDescriptor.of(JAVA_BOOLEAN, JAVA_BYTE));
        private static final MethodHandle SET_ENABLED = function(
                "_ZN2at8autocast20set_autocast_enabledEN3c1010DeviceTypeEb",
                FunctionDescriptor.ofVoid(JAVA_BYTE, JAVA_BOOLEAN));
        private static final MethodHandle SET_DTYPE = function(
                "_ZN2at8autocast18set_autocast_dtypeEN3c1010DeviceTypeENS1_10ScalarTypeE",
                FunctionDescriptor.ofVoid(JAVA_BYTE, JAVA_BYTE));
        private static final MethodHandle INCREMENT =
                function("_ZN2at8autocast17increment_nestingEv", FunctionDescriptor.of(JAVA_INT));
        private static final MethodHandle DECREMENT =
                function("_ZN2at8autocast17decrement_nestingEv", FunctionDescriptor.of(JAVA_INT));
        private static final MethodHandle CLEAR =
                function("_ZN2at8autocast11clear_cacheEv", FunctionDescriptor.ofVoid());

        static boolean isEnabled(byte device) {
            try {
                return (boolean) IS_ENABLED.invokeExact(device);
            } catch (Throwable e) {
                throw failed(e);
            }
        }

        static void setEnabled(byte device, boolean enabled) {
            try {
                SET_ENABLED.invokeExact(device, enabled);
            } catch (Throwable e) {
                throw failed(e);
            }
        }

        static void setDtype(byte device) {
            try {
                SET_DTYPE.invokeExact(device, ScalarType.BFloat16.value);
            } catch (Throwable e) {
                throw failed(e);
            }
        }

        static void enter() {
            try {
                int _ = (int) INCREMENT.invokeExact();
            } catch (Throwable e) {
                throw failed(e);
            }
        }

        static void leave() {
            try {
                if ((int) DECREMENT.invokeExact() == 0) {
                    CLEAR.invokeExact();
                }
            } catch (Throwable e) {
                throw failed(e);
            }
        }

        private static MethodHandle function(String symbol, FunctionDescriptor type) {
            MemorySegment address = LIBRARY.find(symbol)
                    .orElseThrow(() -> new IllegalStateException(
                            "bf16 autocast: this build of libtorch has no symbol %s; use precision fp32"
                                    .formatted(symbol)));
            return Linker.nativeLinker().downcallHandle(address, type);
        }

        private static SymbolLookup library() {
            Path file = Path.of(Engine.report().nativesFrom());
            return Files.isRegularFile(file)
                    ? SymbolLookup.libraryLookup(file, Arena.global())
                    : SymbolLookup.loaderLookup();
        }

        private static IllegalStateException failed(Throwable e) {
            return new IllegalStateException("libtorch's autocast could not be called", e);
        }
    }
}
