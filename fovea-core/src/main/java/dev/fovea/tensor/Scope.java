package dev.fovea.tensor;

import java.util.function.UnaryOperator;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * The life of native objects: what is made on this thread while a scope is open is freed when it closes. A training
 * step, an evaluation batch, a generated token opens one; what shall outlive it is made before it and written in place,
 * or handed out with {@link #scoped}.
 */
public final class Scope implements AutoCloseable {

    private final @Nullable PointerScope outer;
    private final PointerScope scope;

    public Scope() {
        Engine.start();
        outer = PointerScope.getInnerScope();
        scope = new PointerScope();
    }

    /** Frees everything made on this thread since this scope was opened, except what was kept. */
    @Override
    public void close() {
        scope.close();
    }

    /** Hands {@code x} to the scope around this one, or to the garbage collector where there is none. */
    public <P extends Pointer> P keep(P x) {
        // detach() frees what nobody else holds, so the new owner comes first.
        if (outer != null) {
            outer.attach(x);
        } else {
            x.retainReference();
        }
        scope.detach(x);
        return x;
    }

    /** Hands {@code x} to the caller alone: no scope frees it, {@code close()} does. */
    public <P extends Pointer> P release(P x) {
        x.retainReference();
        scope.detach(x);
        return x;
    }

    /**
     * Applies {@code body} and frees all that it made but its result. Under autograd this drops Java's handles only:
     * the graph keeps what backward needs.
     */
    public static Tensor scoped(Tensor x, UnaryOperator<Tensor> body) {
        try (var scope = new Scope()) {
            return scope.keep(body.apply(x));
        }
    }
}
