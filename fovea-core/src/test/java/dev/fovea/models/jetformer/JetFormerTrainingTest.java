package dev.fovea.models.jetformer;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import dev.fovea.config.Configs;
import dev.fovea.data.ImageDataset;
import dev.fovea.data.LoadOptions;
import dev.fovea.data.drawn.DrawnConfig;
import dev.fovea.data.drawn.DrawnDataset;
import dev.fovea.data.drawn.Task;
import dev.fovea.image.Image;
import dev.fovea.models.jet.SampleGrids;
import dev.fovea.models.jetformer.JetFormerZeroShot.By;
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
        assertThat(folder.resolve("report.html"))
                .content()
                .contains("Samples over training", "Nats per text token", "Standard deviation of the soft tokens");
        Image image = pictures().get(0).image();
        String caption = requireNonNull(pictures().get(0).texts().get("caption"));
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
            likelihoodsAgree(model, image, caption);
        }
    }

    /** Each cost is the same however it is asked for, and depends on no other picture. */
    private static void likelihoodsAgree(JetFormerModel model, Image image, String caption) {
        var likelihood = new JetFormerLikelihood(model, 1, 0);
        Image other = pictures().get(1).image();
        List<JetFormerLikelihood.Cost> costs = likelihood.of(List.of(image, other), List.of(caption, "circle circle"));
        JetFormerLikelihood.Cost cost = costs.getFirst();
        assertThat(likelihood.of(List.of(image), List.of(caption)).getFirst().bits())
                .isCloseTo(cost.bits(), within(1e-4));
        double nats = requireNonNull(cost.nats());
        assertThat(cost.tokens()).isEqualTo(caption.split(" ").length + 1);
        assertThat(requireNonNull(cost.loss())).isCloseTo((cost.bits() + nats) / 2, within(1e-5));

        double[] byText = scores(model, By.TEXT, image, caption, "circle circle");
        double[] byImage = scores(model, By.IMAGE, image, caption, "circle circle");
        assertThat(byText[0]).isCloseTo(-nats * cost.tokens(), within(1e-3));
        assertThat(byImage[0]).isCloseTo(-cost.bits() * 8 * 8 * 3 * Math.log(2), within(0.05));
        assertThat(scores(model, By.TEXT, image, caption + ",circle circle")[0])
                .isCloseTo(Math.log((Math.exp(byText[0]) + Math.exp(byText[1])) / 2), within(1e-4));
        assertThat(byText[0]).isGreaterThan(byText[1]);

        assertThat(likelihood.bits(List.of(image))[0]).isBetween(1.0, 9.0).isNotEqualTo(cost.bits());
        assertThat(likelihood.evaluate(pictures(), null, 5, LoadOptions.DEFAULT).keySet())
                .contains("bits", "nats", "loss", "latentMean", "softStd", "noiseStd", "inversionError");
    }

    private static double[] scores(JetFormerModel model, By by, Image image, String... labels) {
        return JetFormerZeroShot.of(model, by, List.of(labels), List.of("{}"), 0)
                .scores(List.of(image))[0];
    }

    /** Colours are learnt in a minute of training; chance is one in the number of classes. */
    @Test
    void namesOfClassesClassifyEitherWay() {
        train("train.steps=360", "loss={textFirst: 0.5, textWeight: 1, lossOnPrefix: false, labelDrop: 0.1}");
        try (JetFormerModel model = JetFormerModel.open(folder)) {
            for (By by : By.values()) {
                double top1 = JetFormerZeroShot.of(
                                model, by, pictures().classNames(), List.of("a {} circle", "a {} square"), 0)
                        .evaluate(pictures(), 5, LoadOptions.DEFAULT)
                        .top1();
                assertThat(top1)
                        .as(by.name())
                        .isGreaterThan(2.0 / pictures().classNames().size());
            }
        }
    }

    @Test
    void aModelThatAlwaysSawATextCannotDoWithout() {
        train("train.steps=1", "loss={labelDrop: 0}");
        try (JetFormerModel model = JetFormerModel.open(folder)) {
            var likelihood = new JetFormerLikelihood(model, 1, 0);
            List<Image> images = List.of(pictures().get(0).image());
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> likelihood.bits(images))
                    .withMessageContaining("labelDrop");
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
