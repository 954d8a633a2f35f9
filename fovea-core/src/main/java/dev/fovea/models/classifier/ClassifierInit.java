package dev.fovea.models.classifier;

import dev.fovea.models.vit.PositionTables;
import dev.fovea.models.vit.Size;
import dev.fovea.models.vit.VitConfig;
import dev.fovea.models.vit.VitConfig.Pool;
import dev.fovea.models.vmoe.Upcycling;
import dev.fovea.models.vmoe.VmoeConfig;
import dev.fovea.nn.Params;
import dev.fovea.tensor.Scope;
import java.util.LinkedHashMap;
import java.util.SequencedMap;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/**
 * Where a run's parameters begin: fresh, or a trained encoder with a fresh head. A dense encoder becomes one with experts
 * by copying its MLPs.
 */
final class ClassifierInit {

    private static final String POSITIONS = "position_embedding";

    private ClassifierInit() {}

    static Params params(ClassifierConfig config, VitConfig vit, @Nullable VmoeConfig vmoe) {
        if (config.init() == null) {
            return Params.fresh(config.train().seed());
        }
        var tensors = new LinkedHashMap<String, Tensor>();
        try (var scope = new Scope();
                Classifier from = Classifier.open(config.init())) {
            ModelCard old = from.card();
            requireSameEncoder(config, old, vit, vmoe);
            SequencedMap<String, Tensor> begin = new LinkedHashMap<>(from.parameterTable());
            begin.keySet().removeIf(name -> name.startsWith("head.")); // the classes are this run's own
            begin.computeIfPresent(
                    POSITIONS,
                    (_, table) -> positions(table, old.vit().grid(), vit.grid(), old.moe() != null, vit.pool()));
            if (vmoe != null && old.moe() == null) {
                begin = Upcycling.experts(begin, vmoe);
            }
            begin.forEach((name, x) -> tensors.put(name, scope.release(x.clone())));
        }
        return Params.of(tensors, config.train().seed());
    }

    /** Only the picture's size and the classes may differ, and a dense network may become one with experts. */
    private static void requireSameEncoder(
            ClassifierConfig config, ModelCard old, VitConfig vit, @Nullable VmoeConfig vmoe) {
        VitConfig before = old.vit().withImage(vit.image()).withClasses(0);
        boolean sameExperts = old.moe() == null || (vmoe != null && old.moe().weightsAlike(vmoe.moe(), vit.depth()));
        if (!before.equals(vit.withClasses(0)) || !sameExperts) {
            throw new IllegalArgumentException("%s: has %s%s, the model section wants %s%s"
                    .formatted(
                            config.init(),
                            old.vit().withClasses(0),
                            old.moe() == null ? "" : " with " + old.moe(),
                            vit.withClasses(0),
                            vmoe == null ? "" : " with " + vmoe.moe()));
        }
    }

    /** The table on a new grid; a class token's row in front, which a network with experts has, stays as it is. */
    private static Tensor positions(Tensor table, Size from, Size to, boolean withExperts, Pool pool) { // [1, N, D]
        if (!withExperts || pool != Pool.TOK) {
            return PositionTables.resampleAligned(table, from, to);
        }
        Tensor grid = table.narrow(1, 1, table.size(1) - 1).contiguous();
        return torch.cat(new TensorVector(table.narrow(1, 0, 1), PositionTables.resampleAligned(grid, from, to)), 1);
    }
}
