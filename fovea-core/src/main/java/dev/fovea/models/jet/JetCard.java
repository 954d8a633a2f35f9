package dev.fovea.models.jet;

import dev.fovea.config.Configs;
import dev.fovea.config.TypeKey;
import dev.fovea.config.TypeName;
import dev.fovea.image.Step;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * What a model folder of a Jet says beside the weights, in {@code fovea.yaml}.
 *
 * @param model the flow
 * @param preprocess from a decoded picture to the flow's input
 */
@TypeKey("system")
@TypeName("jet")
record JetCard(JetConfig model, List<Step> preprocess) {

    static final String FILE = "fovea.yaml";

    JetCard {
        preprocess = List.copyOf(preprocess);
    }

    static boolean isThere(Path folder) {
        Path card = folder.resolve(FILE);
        return Files.exists(card) && "jet".equals(Configs.typeName("system", card, List.of()));
    }

    static JetCard read(Path folder) {
        return Configs.read(JetCard.class, folder.resolve(FILE), List.of());
    }

    void write(Path folder) {
        Configs.write(this, folder.resolve(FILE));
    }
}
