package dev.fovea.cli;

import static dev.fovea.cli.Said.fovea;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import picocli.CommandLine;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Commands as a user or a script calls them: exit codes, streams, JSON. One small model serves all. */
class CommandsTest {

    private static final String CONFIG = """
            model: {imageSize: 16, patchSize: 4, width: 32, depth: 1, mlpDim: 64, numHeads: 2, pool: tok}
            data: {path: set by the test, evalSplit: test}
            augment: [valueRange]
            preprocess: [valueRange]
            optim: {rule: {name: adam}, lr: 3e-3}
            train: {steps: 20, batchSize: 20}
            """;

    @TempDir
    private static Path folder;

    private static Path run;
    private static Path data;
    private static Path config;

    @BeforeAll
    static void train() throws Exception {
        data = folder.resolve("data");
        run = folder.resolve("run");
        config = Files.writeString(folder.resolve("config.yaml"), CONFIG);
        assertThat(fovea("draw", data, "--task", "colour", "--count", 40, "--test", 20, "--size", 16)
                        .exit())
                .isZero();
        Said said = fovea("train", config, "--out", run, "--json", "data.path=" + data);
        assertThat(said.exit()).as(said.err()).isZero();
        assertThat(said.json().path("eval/top1").isNumber()).isTrue();
    }

    @Test
    void evaluatesTheRunOnItsOwnDataAndOnOther() {
        Said own = fovea("eval", run, "--json");
        Said named = fovea("eval", run, "--data", data, "--split", "test", "--json");
        assertThat(own.json().path("metrics")).isEqualTo(named.json().path("metrics"));
        assertThat(fovea("eval", run, "--confusion").out()).contains("top1", "rows: true class, columns: predicted");
    }

    @Test
    void predictsAndEmbedsEachPictureOfAFolderOnALineOfJson() {
        Path pictures = data.resolve("test");
        Said predicted = fovea("predict", run, pictures, "--top", 2, "--json");
        assertThat(predicted.out().lines()).hasSize(20).allSatisfy(line -> assertThat(
                        JsonMapper.shared().readTree(line).path("predictions").size())
                .isEqualTo(2));
        assertThat(fovea("embed", run, pictures).out().lines()).hasSize(20).allSatisfy(line -> assertThat(
                        JsonMapper.shared().readTree(line).path("embedding").size())
                .isEqualTo(32));
    }

    @Test
    void probesAndNeighborsScoreAModelsVectors() {
        Said probe =
                fovea("fewshot", run, "--data", data, "--eval-split", "test", "--shots", "2", "--seeds", 2, "--json");
        assertThat(probe.json().propertyNames()).containsExactly("2shot", "2shot/seed0", "2shot/seed1");
        Said knn = fovea("knn", run, "--data", data, "--eval-split", "train", "--k", "1", "--json");
        assertThat(knn.json().path("1nn").asDouble())
                .as("each picture is its own neighbour")
                .isEqualTo(1);
    }

    @Test
    void aConvertedModelScoresTheSame() {
        Path copy = folder.resolve("copy");
        Path exported = folder.resolve("exported");
        assertThat(fovea("convert", run, copy).exit()).isZero();
        assertThat(fovea("convert", run, exported, "--to", "huggingface").exit())
                .isZero();
        JsonNode before = fovea("eval", run, "--data", data, "--split", "test", "--json")
                .json()
                .path("metrics");
        for (Path other : List.of(copy, exported)) {
            JsonNode after = fovea("eval", other, "--data", data, "--split", "test", "--json")
                    .json()
                    .path("metrics");
            assertThat(after.path("crossEntropy").asDouble())
                    .isEqualTo(before.path("crossEntropy").asDouble());
        }
        Said again = fovea("convert", run, copy);
        assertThat(again.exit()).isEqualTo(1);
        assertThat(again.err()).contains("holds a model already; nothing was written");
    }

    @Test
    void inspectNamesWhatIsInAModel() {
        assertThat(fovea("inspect", run).out()).contains("position_embedding", "32");
    }

    @Test
    void trainsTwoTowersAndClassifiesByNames() throws Exception {
        Path pairs = folder.resolve("pairs");
        Path towers = folder.resolve("towers");
        assertThat(fovea("draw", pairs, "--task", "colour", "--as", "caption", "--count", 20, "--test", 8, "--size", 16)
                        .exit())
                .isZero();
        Path siglip = Files.writeString(folder.resolve("siglip.yaml"), """
                system: siglip
                vision: {imageSize: 16, patchSize: 4, width: 32, depth: 1, mlpDim: 64, numHeads: 2, pool: map}
                text: {maxLength: 32, width: 32, depth: 1, mlpDim: 64, numHeads: 2}
                data: {path: set by the test, evalSplit: test}
                augment: [valueRange]
                preprocess: [valueRange]
                optim: {rule: {name: adam}, lr: 1e-3}
                train: {steps: 3, batchSize: 10}
                """);
        assertThat(fovea("train", siglip, "--out", towers, "data.path=" + pairs).exit())
                .isZero();
        Said scores =
                fovea("zeroshot", towers, "--data", data, "--split", "test", "--template", "a {} figure", "--json");
        assertThat(scores.json().path("top1").isNumber()).isTrue();
        Path picture = pairs.resolve("images/test_00000020.png");
        Said fits = fovea("zeroshot", towers, picture, "--labels", "red,blue", "--json");
        assertThat(fits.json().path("labels").size()).isEqualTo(2);
        Said recalls = fovea("retrieval", towers, "--data", pairs, "--split", "test", "--json");
        assertThat(recalls.json().path("imageToText@10").asDouble())
                .as("8 texts")
                .isEqualTo(1);
        assertThat(fovea("zeroshot", run, picture, "--labels", "a,b").err()).contains("wanted a SigLIP model");
    }

    @Test
    void whatAUserCanMendIsOneLineAndExitCode1() {
        for (Said said : List.of(
                fovea("eval", folder.resolve("absent")),
                fovea("train", folder.resolve("absent.yaml"), "--out", folder.resolve("x")),
                fovea("train", config, "--out", folder.resolve("x"), "optim.lrr=1"),
                fovea("train", config, "--out", folder.resolve("x"), "system=jett"),
                fovea("verify", folder.resolve("absent")),
                fovea("predict", run, config))) {
            assertThat(said.exit()).as(said.err()).isEqualTo(1);
            assertThat(said.out()).isEmpty();
            assertThat(said.err().lines()).as(said.err()).hasSize(1);
        }
    }

    @Test
    void aDivergedTrainingEndsWithOneLine() {
        Said said = fovea("train", config, "--out", folder.resolve("diverged"), "data.path=" + data, "optim.lr=1e30");
        assertThat(said.exit()).as(said.err()).isEqualTo(1);
        assertThat(said.err().lines().toList().getLast())
                .matches("fovea train: step 1: the gradient of .* is not finite .*");
        assertThat(said.err()).doesNotContain("\tat ", "Exception");
    }

    @Test
    void wrongUseIsExitCode2AndNamesTheNearestCommand() {
        assertThat(fovea("train").exit()).isEqualTo(2);
        Said said = fovea("tran");
        assertThat(said.exit()).isEqualTo(2);
        assertThat(said.err()).contains("train");
    }

    static List<String> commands() {
        return Main.commandLine().getSubcommands().keySet().stream().sorted().toList();
    }

    /** The program reads the options of the command that it is told; the tests those of all. */
    @ParameterizedTest
    @MethodSource("commands")
    void aCommandAloneIsAsAmongAll(String command) {
        CommandLine alone = Main.commandLine(command, "--help");
        assertThat(alone.getSubcommands().size())
                .isEqualTo(command.equals("help") ? commands().size() : 1);
        assertThat(usage(alone, command)).isEqualTo(usage(Main.commandLine(), command));
        assertThat(Main.commandLine("nonsense").getSubcommands().keySet()).containsAll(commands());
    }

    private static String usage(CommandLine line, String command) {
        return requireNonNull(line.getSubcommands().get(command)).getUsageMessage();
    }

    @ParameterizedTest
    @MethodSource("commands")
    void helpOfEveryCommandIsOnStandardOutput(String command) {
        Said said = fovea("help", command);
        assertThat(said.exit()).isZero();
        assertThat(said.out()).contains("Usage: fovea " + command);
        assertThat(said.err()).isEmpty();
        if (!List.of("help", "generate-completion").contains(command)) {
            assertThat(said.out()).as("an example").containsPattern("(?s)Examples?:.*\n  fovea " + command);
        }
    }

    @Test
    void completionsNameTheCommands() {
        assertThat(fovea("generate-completion").out()).contains("quickstart", "predict", "verify");
    }
}
