package dev.fovea.models.classifier;

import dev.fovea.models.vit.PositionTables;
import dev.fovea.models.vit.VitConfig;
import dev.fovea.nn.Params;
import dev.fovea.tensor.Scope;
import java.util.LinkedHashMap;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;

/** Where a run's parameters begin: fresh, or a trained encoder with a fresh head. */
final class ClassifierInit {

    private ClassifierInit() {}

    static Params params(ClassifierConfig config, VitConfig vit) {
        if (config.init() == null) {
            return Params.fresh(config.train().seed());
        }
        var tensors = new LinkedHashMap<String, Tensor>();
        try (var scope = new Scope();
                Classifier from = Classifier.open(config.init())) {
            VitConfig old = from.card().vit();
            if (!old.withImage(vit.image()).withClasses(0).equals(vit.withClasses(0))) {
                throw new IllegalArgumentException("%s: has %s, the model section wants %s"
                        .formatted(config.init(), old.withClasses(0), vit.withClasses(0)));
            }
            for (Map.Entry<String, Tensor> entry : from.parameterTable().entrySet()) {
                String name = entry.getKey();
                if (name.startsWith("head.")) {
                    continue; // the classes are this run's own
                }
                Tensor x = name.equals("position_embedding")
                        ? PositionTables.resampleAligned(entry.getValue(), old.grid(), vit.grid())
                        : entry.getValue();
                tensors.put(name, scope.release(x.clone()));
            }
        }
        return Params.of(tensors, config.train().seed());
    }
}
