package dev.fovea.models.classifier;

import dev.fovea.image.PreprocessorConfig;
import dev.fovea.image.Step;
import dev.fovea.models.vit.VitCheckpoint;
import dev.fovea.models.vit.VitConfig;
import dev.fovea.models.vmoe.VmoeConfig;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Class names and preprocessing of a model, from what lies beside its weights. */
final class ModelCards {

    private ModelCards() {}

    static ModelCard of(Path path, VitConfig vit) {
        return ModelCard.of(
                vit,
                null,
                labels(path.resolve("config.json"), vit),
                preprocess(path.resolve("preprocessor_config.json"), vit));
    }

    /** Of a released V-MoE, which has neither class names nor preprocessing beside it. */
    static ModelCard of(Path path, VmoeConfig vmoe) {
        return ModelCard.of(
                vmoe.vit(), vmoe, List.of(), preprocess(path.resolveSibling("preprocessor_config.json"), vmoe.vit()));
    }

    private static List<String> labels(Path config, VitConfig vit) {
        if (!Files.exists(config) || vit.numClasses() == 0) {
            return List.of();
        }
        JsonNode names = new JsonMapper().readTree(config.toFile()).path("id2label");
        var labels = new ArrayList<String>();
        for (int k = 0; k < vit.numClasses(); k++) {
            labels.add(names.path(Integer.toString(k)).asString(Integer.toString(k)));
        }
        return labels;
    }

    private static List<Step> preprocess(Path config, VitConfig vit) {
        return Files.exists(config)
                ? PreprocessorConfig.read(config).preprocess().steps()
                : VitCheckpoint.bigVisionPreprocess(vit).steps();
    }
}
