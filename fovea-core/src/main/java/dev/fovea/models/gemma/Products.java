package dev.fovea.models.gemma;

import dev.fovea.kernel.Bf16Matrix;
import dev.fovea.kernel.Matrix;
import dev.fovea.kernel.Stacked;
import dev.fovea.kernel.WidenedMatrix;
import dev.fovea.kernel.Workers;
import dev.fovea.tensor.Engine;
import dev.fovea.tensor.OwnThread;
import dev.fovea.tensor.Scope;
import dev.fovea.tensor.Tensors;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.function.Consumer;
import org.bytedeco.pytorch.AutoGradMode;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * libtorch's products of many vectors with the kernels' matrices: some rows are widened at a time, few enough to stay in
 * the processor's cache, and multiplied; in bfloat16 where the processor multiplies that, as a model in bfloat16 does, each thread
 * with rows of its own, else in float32 by all threads together.
 */
final class Products {

    /** Weights that are widened at a time. */
    static final int PANEL = 1 << 20;

    /** Panels a thread at least, so that none waits long for another's last one. */
    private static final int PIECES = 2;

    private final Workers workers;
    private MemorySegment memory = MemorySegment.NULL;
    private final ThreadLocal<MemorySegment> ofThreads = ThreadLocal.withInitial(() -> MemorySegment.NULL);

    Products(Workers workers) {
        this.workers = workers;
    }

    /** Some groups of rows of a packed matrix, and where their products go. */
    private record Panel(WidenedMatrix matrix, int firstGroup, int groups, long column) {

        long rows() {
            return Math.min(
                    (long) WidenedMatrix.GROUP * groups, matrix.rows() - (long) WidenedMatrix.GROUP * firstGroup);
        }
    }

    /** x Wᵀ. */
    Tensor times(Tensor x, Stacked matrices) { // float32 [T, columns]
        if (Engine.hasFastBf16()
                && OwnThread.isPossible()
                && matrices.parts().stream().allMatch(WidenedMatrix.class::isInstance)) {
            return sideBySide(x, matrices); // [T, rows]
        }
        var columns = new ArrayList<Tensor>();
        for (Matrix part : matrices.parts()) {
            panels(x, part, columns::add);
        }
        return columns.size() == 1
                ? columns.getFirst()
                : torch.cat(new TensorVector(columns.toArray(Tensor[]::new)), 1); // [T, rows]
    }

    /** Each thread widens panels of its own and multiplies with them. */
    private Tensor sideBySide(Tensor x, Stacked matrices) { // float32 [T, columns]
        var panels = new ArrayList<Panel>();
        long column = 0;
        for (Matrix part : matrices.parts()) {
            WidenedMatrix packed = (WidenedMatrix) part;
            int most = Math.max(1, PANEL / packed.paddedColumns() / WidenedMatrix.GROUP);
            int pieces = Math.max(
                    Math.ceilDiv(packed.groups(), most),
                    PIECES * workers.size() / matrices.parts().size());
            int groups = Math.max(1, Math.ceilDiv(packed.groups(), pieces));
            for (int first = 0; first < packed.groups(); first += groups) {
                panels.add(new Panel(packed, first, Math.min(groups, packed.groups() - first), column));
                column += panels.getLast().rows();
            }
        }
        Tensor in = x.to(ScalarType.BFloat16); // [T, columns]
        Tensor out = x.new_empty(x.size(0), column); // [T, rows]
        workers.split(panels.size(), (from, to) -> {
            try (var _ = new OwnThread();
                    var _ = new Scope();
                    var _ = new AutoGradMode(false)) {
                for (Panel panel : panels.subList(from, to)) {
                    multiply(in, panel, out);
                }
            }
        });
        return out;
    }

    private void multiply(Tensor in, Panel panel, Tensor out) { // [T, columns], [T, rows]
        WidenedMatrix matrix = panel.matrix();
        long height = (long) WidenedMatrix.GROUP * panel.groups();
        long bytes = height * matrix.paddedColumns() * Short.BYTES;
        if (ofThreads.get().byteSize() < bytes) {
            ofThreads.set(Arena.ofAuto().allocate(Math.max(bytes, (long) Short.BYTES * PANEL), 64));
        }
        MemorySegment halves = ofThreads.get().asSlice(0, bytes);
        matrix.unpackHalves(panel.firstGroup(), panel.groups(), halves);
        Tensor w = widened(halves, ScalarType.BFloat16, matrix, height, panel.rows()); // [columns, rows]
        Tensor y = out.narrow(1, panel.column(), panel.rows()); // [T, rows]
        y.copy_(in.mm(w));
    }

    /** x Wᵀ in panels of columns, from the first; each is to be used before the next. */
    void panels(Tensor x, Matrix matrix, Consumer<Tensor> use) { // float32 [T, columns]
        switch (matrix) {
            case Bf16Matrix halves -> panels(x, halves, use);
            case WidenedMatrix packed -> panels(x, packed, use);
        }
    }

    private static void panels(Tensor x, Bf16Matrix matrix, Consumer<Tensor> use) {
        Tensor w =
                Tensors.over(matrix.memory(), ScalarType.BFloat16, matrix.rows(), matrix.columns()); // [rows, columns]
        if (Engine.hasFastBf16()) {
            use.accept(torch.linear(x.to(ScalarType.BFloat16), w).to(ScalarType.Float)); // [T, rows]
            return;
        }
        int rows = Math.max(1, PANEL / matrix.columns());
        for (int first = 0; first < matrix.rows(); first += rows) {
            Tensor panel = w.narrow(0, first, Math.min(rows, matrix.rows() - first)); // [rows, columns]
            use.accept(torch.linear(x, panel.to(ScalarType.Float))); // [T, rows]
        }
    }

    private void panels(Tensor x, WidenedMatrix matrix, Consumer<Tensor> use) {
        int groups = Math.max(1, PANEL / matrix.paddedColumns() / WidenedMatrix.GROUP);
        Tensor in = Engine.hasFastBf16() ? x.to(ScalarType.BFloat16) : x; // [T, columns]
        for (int first = 0; first < matrix.groups(); first += groups) {
            int some = Math.min(groups, matrix.groups() - first);
            long height = (long) WidenedMatrix.GROUP * some;
            MemorySegment memory = memory((long) Float.BYTES * matrix.paddedColumns() * height);
            matrix.unpack(first, some, memory, workers);
            long rows = Math.min(height, matrix.rows() - (long) WidenedMatrix.GROUP * first);
            Tensor w = widened(memory, ScalarType.Float, matrix, height, rows).to(in.scalar_type()); // [columns, rows]
            use.accept(in.mm(w).to(ScalarType.Float)); // [T, rows]
        }
    }

    /** Widened weights without what fills them up. */
    private static Tensor widened(MemorySegment memory, ScalarType type, WidenedMatrix matrix, long height, long rows) {
        Tensor all = matrix.isRowByRow()
                ? Tensors.over(memory, type, height, matrix.paddedColumns()).t()
                : Tensors.over(memory, type, matrix.paddedColumns(), height);
        return all.narrow(0, 0, matrix.columns()).narrow(1, 0, rows); // [columns, rows]
    }

    private MemorySegment memory(long bytes) {
        if (memory.byteSize() < bytes) {
            memory = Arena.ofAuto().allocate(Math.max(bytes, (long) Float.BYTES * PANEL), 64);
        }
        return memory.asSlice(0, bytes);
    }
}
