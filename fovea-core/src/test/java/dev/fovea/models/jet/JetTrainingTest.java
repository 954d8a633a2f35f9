package dev.fovea.models.jet;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.fovea.config.Configs;
import dev.fovea.data.ImageDataset;
import dev.fovea.data.drawn.DrawnConfig;
import dev.fovea.data.drawn.DrawnDataset;
import dev.fovea.data.drawn.Task;
import dev.fovea.image.Image;
import dev.fovea.train.Outcome;
import dev.fovea.train.Progress;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JetTrainingTest {

    private static final String YAML = """
            system: jet
            model: {image: {height: 8, width: 8}, patch: 2, depth: 5, width: 16, numHeads: 2}
            data: {path: unused}
            augment: [{op: centralCrop, size: 8}, valueRange]
            preprocess: [{op: centralCrop, size: 8}, valueRange]
            optim: {rule: {name: adam, b2: 0.95}, lr: 5e-3, clipNorm: 1.0}
            train: {steps: 40, batchSize: 20, evalEvery: 20}
            samples: 4
            """;

    @TempDir
    private Path folder;

    private static ImageDataset pictures() {
        return new DrawnDataset(
                        DrawnConfig.of(Task.POSITION, 20, 0).withSize(16).plain())
                .classified();
    }

    @ParameterizedTest
    @ValueSource(strings = {"reversible=false", "reversible=true", "model.net=cnn"})
    void learnsAndItsFolderGivesLikelihoodsSamplesAndInterpolations(String choice) {
        JetTrainingConfig config = Configs.parse(JetTrainingConfig.class, YAML, "test", List.of(choice));
        Outcome outcome = new JetTraining(config, folder).run(pictures(), pictures(), Progress.silent(), _ -> {});

        double bits = requireNonNull(outcome.metrics().get("eval/bits"));
        assertThat(bits)
                .isLessThan(6.9)
                .isGreaterThan(8.32 - config.model().depth() / 2.0); // capacity of the couplings
        assertThat(outcome.metrics().get("eval/inversionError")).isLessThan(1e-4);
        assertThat(SampleGrids.all(folder)).hasSize(2);
        assertThat(folder.resolve("report.html")).content().contains("Samples over training", "evaluation 2");
        Image a = pictures().get(0).image();
        Image b = pictures().get(1).image();
        try (JetModel model = JetModel.open(folder);
                JetModel wide = JetModel.open(folder, true)) {
            assertThat(model.bits(List.of(a, b), 3, 0)).containsExactly(new double[] {bits, bits}, within(3.0));
            assertThat(wide.bits(List.of(a), 200, 0)[0]).isCloseTo(model.bits(List.of(a), 200, 0)[0], within(0.1));
            assertThat(bytes(model.sample(3, 0.9, 5)))
                    .isEqualTo(bytes(model.sample(3, 0.9, 5)))
                    .hasSize(3);
            List<Image> way = model.interpolate(a, b, 4);
            assertThat(way).hasSize(4);
            assertThat(way.getFirst().rgb()).isEqualTo(a.crop(4, 4, 8, 8).rgb());
            assertThat(way.getLast().rgb()).isEqualTo(b.crop(4, 4, 8, 8).rgb());
        }
    }

    private static List<String> bytes(List<Image> images) {
        return images.stream().map(x -> Arrays.toString(x.rgb())).toList();
    }

    @Test
    void publishedConfigurationsParse() {
        for (String name : List.of("jet_fashion_mnist", "jet_cifar10")) {
            JetTrainingConfig config =
                    Configs.read(JetTrainingConfig.class, Path.of("../configs", name + ".yaml"), List.of());
            assertThat(config.model().depth()).isGreaterThanOrEqualTo(16);
        }
    }
}
