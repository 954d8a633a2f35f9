package dev.fovea.cli;

import dev.fovea.config.Configs;
import dev.fovea.models.classifier.ClassifierConfig;
import dev.fovea.models.classifier.ClassifierTraining;
import dev.fovea.models.jet.JetTraining;
import dev.fovea.models.jet.JetTrainingConfig;
import dev.fovea.models.jetformer.JetFormerTraining;
import dev.fovea.models.jetformer.JetFormerTrainingConfig;
import dev.fovea.models.siglip.ContrastiveConfig;
import dev.fovea.models.siglip.ContrastiveTraining;
import dev.fovea.train.Training;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.function.BiFunction;

/** What {@code fovea train} can train: a configuration's {@code system} key says which. */
final class Trainings {

    private static final String KEY = "system";
    private static final String DEFAULT = "classifier";

    private static final Map<String, Kind<?>> KINDS = Map.of(
            "classifier", new Kind<>(ClassifierConfig.class, ClassifierTraining::new),
            "jet", new Kind<>(JetTrainingConfig.class, JetTraining::new),
            "jetformer", new Kind<>(JetFormerTrainingConfig.class, JetFormerTraining::new),
            "siglip", new Kind<>(ContrastiveConfig.class, ContrastiveTraining::new));

    private record Kind<C>(Class<C> config, BiFunction<C, Path, Training> training) {

        Training open(Path file, List<String> overrides, Path folder) {
            return training.apply(Configs.read(config, file, overrides), folder);
        }
    }

    private Trainings() {}

    /** The run that a file and its overrides describe, in a folder. */
    static Training open(Path file, List<String> overrides, Path folder) {
        String name = Configs.typeName(KEY, file, overrides);
        Kind<?> kind = KINDS.get(name == null ? DEFAULT : name);
        if (kind == null) {
            throw new Failure(
                    "%s: %s: found %s, wanted one of %s".formatted(file, KEY, name, new TreeSet<>(KINDS.keySet())));
        }
        return kind.open(file, overrides, folder);
    }
}
