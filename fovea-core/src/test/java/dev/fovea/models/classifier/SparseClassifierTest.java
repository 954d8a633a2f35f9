package dev.fovea.models.classifier;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fovea.config.Configs;
import dev.fovea.data.ImageDataset;
import dev.fovea.data.LoadOptions;
import dev.fovea.data.drawn.DrawnConfig;
import dev.fovea.data.drawn.DrawnDataset;
import dev.fovea.data.drawn.Task;
import dev.fovea.image.Image;
import dev.fovea.models.vmoe.Order;
import dev.fovea.train.Outcome;
import dev.fovea.train.Progress;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SparseClassifierTest {

    private static final String DENSE = """
            model: {imageSize: 16, patchSize: 4, width: 32, depth: 2, mlpDim: 48, numHeads: 2, pool: tok}
            data: {path: unused}
            augment: [valueRange]
            preprocess: [valueRange]
            optim: {rule: {name: adam}, lr: 3e-3}
            train: {steps: 60, batchSize: 30}
            """;

    private static final String EXPERTS = "moe: {placement: {rule: every, n: 2}, numExperts: 4, dropout: 0.05}\n";

    @TempDir
    private Path folder;

    private static ImageDataset pictures(int size) {
        return new DrawnDataset(
                        DrawnConfig.of(Task.POSITION, 30, 0).withSize(size).plain())
                .classified();
    }

    private static Outcome train(String yaml, Path folder, ImageDataset data, String... overrides) {
        var config = Configs.parse(ClassifierConfig.class, yaml, "test", List.of(overrides));
        return new ClassifierTraining(config, folder).run(data, data, Progress.silent(), _ -> {});
    }

    @Test
    void learnsAndItsRoutingCanBeChosenAgain() {
        Outcome outcome = train(DENSE + EXPERTS, folder, pictures(16));
        assertThat(outcome.metrics().get("eval/top1")).isGreaterThan(0.9);
        assertThat(outcome.metrics()).containsKeys("train/task", "train/auxiliary");
        try (Classifier model = Classifier.open(folder)) {
            var sweep =
                    new RoutingSweep(List.of(0.25, 1.0), List.of(Order.PRIORITY, Order.VANILLA), List.of(1, 2), null);
            List<RoutingSweep.Row> rows = sweep.run(model, pictures(16), 15, LoadOptions.DEFAULT, _ -> {});
            assertThat(rows).hasSize(8);
            assertThat(rows.getFirst().effectiveCapacity())
                    .isLessThan(rows.get(1).effectiveCapacity());
            assertThat(rows.getFirst().usefulMillions()).isLessThan(rows.get(1).usefulMillions());
            assertThat(rows).allMatch(row -> row.usefulMillions() <= row.paddedMillions());
            assertThat(RoutingSweep.page("x", "", rows).html()).contains("<svg").contains("priority, k 2");
            Image image = pictures(16).get(0).image();
            ExpertMaps maps = ExpertMaps.of(model, List.of(image, image));
            assertThat(maps.pictures()).hasSize(2).allMatch(blocks -> blocks.containsKey(1));
            assertThat(maps.usage().blocks().values()).allMatch(block -> block.tokens() == 2 * 17);
            assertThatThrownBy(() -> model.saveHuggingFace(folder.resolve("hf")))
                    .hasMessageContaining("network with experts");
        }
    }

    @Test
    void aDenseNetworkGrowsExpertsAndTakesLargerPictures() {
        train(DENSE, folder.resolve("dense"), pictures(16));
        String init = "init=" + folder.resolve("dense");
        Outcome grown = train(DENSE + EXPERTS, folder.resolve("grown"), pictures(16), init, "train.steps=30");
        assertThat(grown.metrics().get("eval/top1")).isGreaterThan(0.9);
        train(
                DENSE + EXPERTS,
                folder.resolve("large"),
                pictures(24),
                "init=" + folder.resolve("grown"),
                "model.imageSize=24",
                "train.steps=2");
        try (Classifier model = Classifier.open(folder.resolve("large"))) {
            assertThat(model.card().vit().numPatches()).isEqualTo(36);
        }
        assertThatThrownBy(
                        () -> train(DENSE, folder.resolve("shrunk"), pictures(16), "init=" + folder.resolve("grown")))
                .hasMessageContaining("the model section wants");
    }

    @Test
    void anEnsembleInOneNetworkLearns() {
        String members = """
                moe:
                  placement: {rule: every, n: 2}
                  numExperts: 4
                  router: {name: tokensChoose, k: 1, members: 2}
                """;
        Outcome outcome = train(DENSE + members, folder, pictures(16));
        assertThat(outcome.metrics().get("eval/top1")).isGreaterThan(0.9);
    }

    @Test
    void aDenseNetworkHasNoRoutingToChoose() {
        train(DENSE, folder, pictures(16), "train.steps=1");
        try (Classifier model = Classifier.open(folder)) {
            var sweep = new RoutingSweep(List.of(0.5), List.of(), List.of(), null);
            assertThatThrownBy(() -> sweep.run(model, pictures(16), 15, LoadOptions.DEFAULT, _ -> {}))
                    .hasMessage("this model has no experts to route otherwise");
        }
    }
}
