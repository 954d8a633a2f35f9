package dev.fovea.checkpoint;

import dev.fovea.tensor.Scope;
import dev.fovea.tensor.Tensors;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.ConcurrentHashMap;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.pytorch.MemoryFormatOptional;
import org.bytedeco.pytorch.PointerConsumer;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * Engine tensors over memory that Java owns. libtorch tells when the last native owner of such memory (tensor, view,
 * autograd graph) is gone; until then the segment is kept here, so that the garbage collector cannot free it.
 */
final class Borrowed {

    private record Held(MemorySegment data, int count) {}

    private static final ConcurrentHashMap<Long, Held> HELD = new ConcurrentHashMap<>();

    private static final class Release extends PointerConsumer {
        @Override
        public void call(Pointer data) {
            HELD.computeIfPresent(
                    data.address(), (_, held) -> held.count() == 1 ? null : new Held(held.data(), held.count() - 1));
        }
    }

    // One for all, never freed: native code may call it as long as the process lives.
    private static final PointerConsumer RELEASE = release();

    private Borrowed() {}

    static Tensor tensor(MemorySegment data, long[] shape, ScalarType type) {
        HELD.merge(data.address(), new Held(data, 1), (old, _) -> new Held(old.data(), old.count() + 1));
        try (var scope = new Scope()) {
            return scope.keep(torch.from_blob(pointer(data), shape, RELEASE, new TensorOptions(type)));
        }
    }

    static Tensor copy(MemorySegment data, long[] shape, ScalarType type) {
        try (var scope = new Scope()) {
            Tensor x = torch.empty(shape, new TensorOptions(type), new MemoryFormatOptional());
            if (data.byteSize() > 0) {
                MemorySegment.ofAddress(Tensors.address(x).address())
                        .reinterpret(data.byteSize())
                        .copyFrom(data);
            }
            return scope.keep(x);
        }
    }

    /** Number of addresses that native code borrows now. */
    static int held() {
        return HELD.size();
    }

    private static PointerConsumer release() {
        var release = new Release();
        release.retainReference(); // outlives the scope that may be open
        return release;
    }

    private static Pointer pointer(MemorySegment data) {
        return new Pointer() {
            {
                address = data.address();
            }
        };
    }
}
