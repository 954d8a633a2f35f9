package dev.fovea.models.jetformer;

import dev.fovea.config.Configs;
import dev.fovea.config.TypeKey;
import dev.fovea.config.TypeName;
import dev.fovea.image.Step;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * What a model folder of a JetFormer says beside the weights, in {@code fovea.yaml}.
 *
 * @param model the sizes
 * @param vocabulary of its texts
 * @param preprocess from a decoded picture to the model's input
 */
@TypeKey("system")
@TypeName("jetformer")
record JetFormerCard(JetFormerConfig model, Vocabulary vocabulary, List<Step> preprocess) {

    static final String FILE = "fovea.yaml";

    JetFormerCard {
        preprocess = List.copyOf(preprocess);
    }

    static boolean isThere(Path folder) {
        Path card = folder.resolve(FILE);
        return Files.exists(card) && "jetformer".equals(Configs.typeName("system", card, List.of()));
    }

    static JetFormerCard read(Path folder) {
        return Configs.read(JetFormerCard.class, folder.resolve(FILE), List.of());
    }

    void write(Path folder) {
        Configs.write(this, folder.resolve(FILE));
    }
}
