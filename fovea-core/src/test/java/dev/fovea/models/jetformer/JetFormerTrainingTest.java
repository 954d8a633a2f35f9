package dev.fovea.models.jetformer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.fovea.config.Configs;
import dev.fovea.data.ImageDataset;
import dev.fovea.data.drawn.DrawnConfig;
import dev.fovea.data.drawn.DrawnDataset;
import dev.fovea.data.drawn.Task;
import dev.fovea.image.Image;
import dev.fovea.models.jet.SampleGrids;
import dev.fovea.train.Outcome;
import dev.fovea.train.Progress;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JetFormerTrainingTest {

    private static final String YAML = """
            system: jetformer
            model:
              image: {height: 8, width: 8}
              patch: 4
              flow: {depth: 3, width: 16, numHeads: 2}
              softDims: 6
              width: 24
              depth: 1
              mlpDim: 48
              numHeads: 2
              headDim: 12
              dropout: 0
              numMixtures: 4
              textLength: 9
              untiedVocab: true
            texts: words
            data: {path: unused}
            augment: [{op: resize, size: 8}, valueRange]
            preprocess: [{op: resize, size: 8}, valueRange]
            loss: {textFirst: 0.5, textWeight: 1, lossOnPrefix: false, rgbNoise: 8, latentNoise: 0.1, labelDrop: 0.1}
            optim: {rule: {name: adam, b2: 0.95}, lr: 1e-2, clipNorm: 1.0}
            train: {steps: 60, batchSize: 12, evalEvery: 30}
            samples: 4
            """;

    @TempDir
    private Path folder;

    private static ImageDataset pictures() {
        return new DrawnDataset(DrawnConfig.of(Task.COLOUR, 12, 0).withSize(16).plain()).classified();
    }

    private Outcome train(String... choices) {
        JetFormerTrainingConfig config = Configs.parse(JetFormerTrainingConfig.class, YAML, "test", List.of(choices));
        return new JetFormerTraining(config, folder).run(pictures(), pictures(), Progress.silent(), _ -> {});
    }

    @Test
    void learnsToReadAndDrawAndItsFolderOpens() {
        Outcome outcome = train();
        assertThat(outcome.metrics().get("eval/bits")).isLessThan(7.9);
        assertThat(outcome.metrics().get("eval/nats")).isLessThan(1.5);
        assertThat(SampleGrids.all(folder)).hasSize(2);
        assertThat(folder.resolve("report.html")).content().contains("Samples over training");
        Image image = pictures().get(0).image();
        String caption = pictures().get(0).texts().get("caption");
        try (JetFormerModel model = JetFormerModel.open(folder)) {
            List<Image> drawn = model.generate(List.of(caption, "an unknownword"), 2, Temperatures.NONE, 3);
            assertThat(drawn).hasSize(2).allSatisfy(x -> assertThat(x.height()).isEqualTo(8));
            assertThat(drawn.getFirst().rgb())
                    .isEqualTo(model.generate(List.of(caption, "an unknownword"), 2, Temperatures.NONE, 3)
                            .getFirst()
                            .rgb());
            assertThat(model.caption(List.of(image), 0, 0, 0).getFirst()).startsWith("a");
            double[] scores = model.scores(List.of(image), List.of(caption, "circle circle circle"), 0)[0];
            assertThat(scores[0]).isGreaterThan(scores[1]);
            assertThat(model.bits(List.of(image), List.of(caption), 0)[0]).isBetween(1.0, 9.0);
        }
    }

    @Test
    void aClassIsATextOfOneId() {
        train(
                "texts=classes",
                "model.textLength=1",
                "model.untiedVocab=false",
                "model.vocabRepeats=3",
                "loss={textFirst: 1, lossOnPrefix: false, labelDrop: 0.1}",
                "train.steps=4");
        try (JetFormerModel model = JetFormerModel.open(folder)) {
            String name = pictures().classNames().getFirst();
            assertThat(model.generate(List.of(name), 0, Temperatures.NONE, 0)).hasSize(1);
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> model.generate(List.of("nothing"), 0, Temperatures.NONE, 0))
                    .withMessageContaining("'nothing' is no class")
                    .withMessageContaining(name);
        }
    }

    @Test
    void publishedConfigurationsParse() {
        for (String name : List.of("jetformer_fashion_mnist", "jetformer_drawn")) {
            JetFormerTrainingConfig config =
                    Configs.read(JetFormerTrainingConfig.class, Path.of("../configs", name + ".yaml"), List.of());
            assertThat(config.model().withVocabulary(10).vocabSize()).isEqualTo(13);
        }
    }
}
