package dev.fovea.models.siglip;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fovea.config.Configs;
import dev.fovea.data.DataConfig;
import dev.fovea.data.Datasets;
import dev.fovea.data.ImageDataset;
import dev.fovea.data.LoadOptions;
import dev.fovea.data.drawn.DrawnConfig;
import dev.fovea.data.drawn.DrawnDataset;
import dev.fovea.data.drawn.DrawnFiles;
import dev.fovea.data.drawn.Task;
import dev.fovea.train.Outcome;
import dev.fovea.train.Progress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ContrastiveTrainingTest {

    private static final String YAML = """
            system: siglip
            vision: {imageSize: 16, patchSize: 4, width: 32, depth: 1, mlpDim: 64, numHeads: 2, pool: map}
            text: {maxLength: 48, width: 32, depth: 1, mlpDim: 64, numHeads: 2}
            data: {evalSplit: train}
            augment: [valueRange]
            preprocess: [valueRange]
            optim: {rule: {name: adam}, lr: 3e-3}
            train: {steps: 150, batchSize: 24}
            """;

    @TempDir
    private Path data;

    @TempDir
    private Path folder;

    @BeforeEach
    void draw() {
        var drawn = new DrawnDataset(
                DrawnConfig.of(Task.POSITION, 24, 0).withSize(16).plain());
        DrawnFiles.jsonl(drawn, data, "train", DrawnFiles.Lines.CAPTION);
    }

    private Outcome train(String... overrides) {
        var all = new ArrayList<>(List.of(overrides));
        all.add("data.path=" + data);
        var config = Configs.parse(ContrastiveConfig.class, YAML, "test", all);
        return new ContrastiveTraining(config, folder).run(Progress.silent(), _ -> {});
    }

    @Test
    void learnsWhichTextBelongsToWhichPictureAndItsFolderOpens() {
        Outcome outcome = train();
        assertThat(outcome.metrics().get("eval/imageToText@1")).isGreaterThan(0.9);
        assertThat(outcome.metrics().get("eval/textToImage@1")).isGreaterThan(0.9);
        assertThat(folder.resolve("report.html")).isNotEmptyFile();
        ImageDataset pairs = Datasets.open(DataConfig.of(data).withSplit("train"));
        assertThat(SiglipModel.isSiglip(folder)).isTrue();
        try (SiglipModel model = SiglipModel.open(folder)) {
            assertThat(model.retrieval(pairs, "suffix", 10, LoadOptions.DEFAULT).evaluate())
                    .containsEntry("imageToText@1", outcome.metrics().get("eval/imageToText@1"));
        }
    }

    @Test
    void theSoftmaxLossLearnsTheSame() {
        assertThat(train("loss=softmax").metrics().get("eval/imageToText@1")).isGreaterThan(0.9);
    }

    @Test
    void aRunMayBeginWhereAnotherEnded(@TempDir Path second) {
        Double before = train().metrics().get("eval/imageToText@1");
        var config = Configs.parse(
                ContrastiveConfig.class,
                YAML,
                "test",
                List.of("data.path=" + data, "init=" + folder, "train.steps=1", "optim.lr=0"));
        Outcome outcome = new ContrastiveTraining(config, second).run(Progress.silent(), _ -> {});
        assertThat(outcome.metrics().get("eval/imageToText@1")).isEqualTo(before);
    }

    @Test
    void aTextThatIsNotThereIsNamed() {
        assertThatThrownBy(() -> train("textColumn=title"))
                .hasMessageContaining("textColumn: found texts [prefix, suffix] beside a picture, wanted [title]");
    }
}
