package dev.fovea.cli;

import static dev.fovea.cli.Said.fovea;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Commands about experts, and the comparison of runs. */
class ExpertsCommandsTest {

    private static final String CONFIG = """
            model: {imageSize: 16, patchSize: 4, width: 16, depth: 2, mlpDim: 24, numHeads: 2}
            moe: {placement: {rule: every, n: 2}, numExperts: 4}
            data: {path: set by the test, evalSplit: test}
            augment: [valueRange]
            preprocess: [valueRange]
            optim: {rule: {name: adam}, lr: 3e-3}
            train: {steps: 4, batchSize: 20}
            """;

    @TempDir
    private static Path folder;

    private static Path run;
    private static Path data;

    @BeforeAll
    static void train() throws Exception {
        data = folder.resolve("data");
        run = folder.resolve("run");
        Path config = Files.writeString(folder.resolve("config.yaml"), CONFIG);
        fovea("draw", data, "--task", "colour", "--count", 40, "--test", 20, "--size", 16);
        Said said = fovea("train", config, "--out", run, "data.path=" + data);
        assertThat(said.exit()).as(said.err()).isZero();
    }

    @Test
    void evaluatesEveryCapacityInEveryOrder() {
        Said said = fovea("eval", run, "--capacity", "0.5,1.0", "--routing", "priority,vanilla", "--json");
        JsonNode rows = JsonMapper.shared().readTree(said.out());
        assertThat(rows.size()).isEqualTo(4);
        assertThat(rows.get(0).path("order").asString()).isEqualTo("priority");
        assertThat(rows.get(0).path("effectiveCapacity").asDouble()).isEqualTo(0.5);
        assertThat(run.resolve("routing.html")).isNotEmptyFile();
        assertThat(fovea("eval", run, "--k", 5).err()).contains("k 5 is more than the experts to choose from, 4");
    }

    @Test
    void saysWhatEachPictureGetsOfTheExperts() throws Exception {
        Path file = folder.resolve("images.jsonl");
        Said said = fovea(
                "eval", run, "--capacity", 0.5, "--routing", "priority", "--batch", 20, "--per-image", file, "--json");
        JsonNode summary = JsonMapper.shared().readTree(said.out());
        assertThat(summary.path("keptMean").asDouble()).as(said.err()).isBetween(0.2, 0.5);
        assertThat(summary.path("keptMost").asDouble())
                .isGreaterThanOrEqualTo(summary.path("keptLeast").asDouble());
        assertThat(Files.readAllLines(file)).hasSize(20).allMatch(line -> line.contains("\"pngBytes\""));
        assertThat(fovea("eval", run, "--capacity", "0.5,1", "--per-image", file)
                        .err())
                .contains("at most one value of each");
    }

    @Test
    void drawsWhichExpertSawWhichPatch() {
        Path out = folder.resolve("experts");
        Said said = fovea("experts", run, data.resolve("test"), "--out", out, "--capacity", 0.5);
        assertThat(said.exit()).as(said.err()).isZero();
        assertThat(said.out()).contains("load of each expert");
        assertThat(out.resolve("experts.html")).isNotEmptyFile();
        assertThat(out).isDirectoryContaining("glob:**_block01.png");
    }

    @Test
    void comparesRunsSeedBySeed() throws Exception {
        double[][] scores = {{0.5, 0.6, 0.7}, {0.6, 0.7, 0.8}};
        for (int arm = 0; arm < 2; arm++) {
            for (int seed = 0; seed < 3; seed++) {
                Path one = Files.createDirectories(folder.resolve("r%d_%d".formatted(arm, seed)));
                Files.writeString(
                        one.resolve("metrics.jsonl"),
                        "{\"step\":1,\"set\":\"eval\",\"top1\":0.1}\n{\"step\":2,\"set\":\"eval\",\"top1\":%s}\n"
                                .formatted(scores[arm][seed]));
            }
        }
        String of = "%s=" + folder + "/r%d_0," + folder + "/r%d_1," + folder + "/r%d_2";
        Said said = fovea(
                "compare", of.formatted("a", 0, 0, 0), of.formatted("b", 1, 1, 1), "--metrics", "eval/top1", "--json");
        assertThat(said.exit()).as(said.err()).isZero();
        JsonNode difference =
                JsonMapper.shared().readTree(said.out().lines().toList().get(2));
        assertThat(difference.path("of").asString()).isEqualTo("b - a");
        assertThat(difference.path("interval").path("mean").asDouble()).isCloseTo(0.1, within(1e-9));
        assertThat(difference.path("interval").path("high").asDouble()).isLessThan(0.11);
        assertThat(fovea("compare", of.formatted("a", 0, 0, 0), "b=" + folder.resolve("r1_0"))
                        .err())
                .contains("runs are paired");
    }
}
