package dev.fovea.models.classifier;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.fovea.config.Configs;
import dev.fovea.data.ImageDataset;
import dev.fovea.data.LoadOptions;
import dev.fovea.data.drawn.DrawnConfig;
import dev.fovea.data.drawn.DrawnDataset;
import dev.fovea.data.drawn.Task;
import dev.fovea.image.Image;
import dev.fovea.train.Outcome;
import dev.fovea.train.Progress;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ClassifierTest {

    private static final String YAML = """
            model: {imageSize: 16, patchSize: 4, width: 32, depth: 1, mlpDim: 64, numHeads: 2, pool: tok}
            data: {path: unused}
            augment: [valueRange]
            preprocess: [valueRange]
            optim: {rule: {name: adam}, lr: 3e-3}
            train: {steps: 60, batchSize: 30}
            """;

    @TempDir
    private Path folder;

    private static ImageDataset pictures() {
        return new DrawnDataset(
                        DrawnConfig.of(Task.POSITION, 30, 0).withSize(16).plain())
                .classified();
    }

    private Outcome train() {
        ClassifierConfig config = Configs.parse(ClassifierConfig.class, YAML, "test", List.of());
        return new ClassifierTraining(config, folder).run(pictures(), pictures(), Progress.silent(), _ -> {});
    }

    @Test
    void learnsTheTrainingPicturesAndItsFolderOpens() {
        Outcome outcome = train();
        assertThat(outcome.metrics().get("eval/top1")).isGreaterThan(0.9);
        assertThat(folder.resolve("report.html")).isNotEmptyFile();
        Image image = pictures().get(0).image();
        try (Classifier model = Classifier.open(folder)) {
            var result = model.evaluate(pictures(), 7, LoadOptions.DEFAULT);
            assertThat(result.metrics().top1()).isEqualTo(outcome.metrics().get("eval/top1"));
            var all = model.predict(image, model.card().vit().numClasses());
            assertThat(all.stream().mapToDouble(Prediction::probability).sum()).isCloseTo(1, within(1e-5));
            assertThat(all).isSortedAccordingTo((a, b) -> Double.compare(b.probability(), a.probability()));
        }
    }

    @Test
    void savedAndExportedModelsSayTheSame() {
        train();
        Image image = pictures().get(3).image();
        try (Classifier model = Classifier.open(folder)) {
            float[] expected = model.encode(List.of(image))[0];
            model.save(folder.resolve("own"));
            model.saveHuggingFace(folder.resolve("hf"));
            for (String copy : List.of("own", "hf")) {
                try (Classifier read = Classifier.open(folder.resolve(copy))) {
                    assertThat(read.encode(List.of(image))[0]).as(copy).containsExactly(expected, within(1e-5f));
                    assertThat(read.card().labels()).isEqualTo(model.card().labels());
                }
            }
        }
    }

    @Test
    void aMissingSizeIsNamed() {
        ClassifierConfig config =
                Configs.parse(ClassifierConfig.class, YAML.replace("depth: 1, ", ""), "test", List.of());
        assertThatThrownBy(() ->
                        new ClassifierTraining(config, folder).run(pictures(), pictures(), Progress.silent(), _ -> {}))
                .hasMessageStartingWith("model.depth: missing");
    }
}
