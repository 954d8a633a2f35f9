package dev.fovea.optim;

import dev.fovea.tensor.Engine;
import dev.fovea.tensor.Scope;
import java.util.List;
import org.bytedeco.pytorch.Dispatcher;
import org.bytedeco.pytorch.GenericList;
import org.bytedeco.pytorch.IValue;
import org.bytedeco.pytorch.IValueVector;
import org.bytedeco.pytorch.OperatorHandle;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorType;
import org.bytedeco.pytorch.Type;

/**
 * An operator of libtorch that its Java API does not name, called through the dispatcher: the fused optimizer kernels
 * over lists of tensors.
 */
final class NativeOperator {

    private final OperatorHandle handle;

    private NativeOperator(OperatorHandle handle) {
        this.handle = handle;
    }

    /** The operator {@code aten::name.overload}. */
    static NativeOperator of(String name, String overload) {
        Engine.start();
        try (var scope = new Scope()) {
            return new NativeOperator(
                    scope.release(Dispatcher.singleton().findSchemaOrThrow("aten::" + name, overload)));
        }
    }

    /** Calls with the arguments of the schema, in its order. What it returns lies on the stack that comes back. */
    IValueVector call(IValue... arguments) {
        var stack = new IValueVector(arguments);
        handle.callBoxed(stack);
        return stack;
    }

    /** A list of tensors as an argument. */
    static IValue list(List<Tensor> tensors) {
        var list = new GenericList(new Type.TypePtr(TensorType.get()));
        tensors.forEach(x -> list.push_back(new IValue(x)));
        return new IValue(list);
    }

    /** An argument that outlives the scope it was made in. */
    static IValue keptList(List<Tensor> tensors) {
        try (var scope = new Scope()) {
            return scope.release(list(tensors));
        }
    }
}
