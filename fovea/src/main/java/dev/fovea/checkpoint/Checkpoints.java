package dev.fovea.checkpoint;

import dev.fovea.tensor.Engine;
import dev.fovea.tensor.Scope;
import java.lang.foreign.MemorySegment;
import org.bytedeco.pytorch.Tensor;

/** Named tensors on disk and in the engine. */
public final class Checkpoints {

    private Checkpoints() {}

    /**
     * The stored tensor as an engine tensor of the same type on the CPU, over the stored bytes themselves where they
     * lie aligned in native memory and can be written to, else a copy of them. The bytes stay alive as long as native
     * code has use for them; in-place changes do not reach the file.
     *
     * <p>It belongs to the {@link Scope} that is open, as every tensor does.
     */
    public static Tensor tensor(StoredTensor stored) {
        Engine.start();
        MemorySegment data = stored.data();
        var type = EngineTypes.of(stored);
        boolean usable = data.isNative()
                && !data.isReadOnly()
                && data.byteSize() > 0
                && data.address() % (stored.dtype().bits() / 8) == 0;
        return usable ? Borrowed.tensor(data, stored.shape(), type) : Borrowed.copy(data, stored.shape(), type);
    }
}
