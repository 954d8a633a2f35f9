package dev.fovea.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class LanguageModelCommandsTest {

    @TempDir
    private Path folder = Path.of("");

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    /** Rings as computed from the sizes, and the report's figures beside them. */
    @Test
    void memoryIsStatedBesideTheReports() {
        assertThat(run("memory", "gemma3-4b", "--context", "32768", "--weights", "int4"))
                .isZero();
        assertThat(out.toString())
                .contains("cache       0.793 GB")
                .contains("every layer at full length: 4.563 GB")
                .contains("the report states 2.6 GB of weights, 7.3 GB with the cache of 32768 tokens");
    }

    @Test
    void wrongUseIsOneLine() {
        assertThat(run("memory", "gemma3-5b")).isEqualTo(1);
        assertThat(run("memory", "gemma3-4b", "--weights", "int3")).isEqualTo(1);
        assertThat(run("generate", folder.resolve("none").toString(), "Hi")).isEqualTo(1);
        assertThat(err.toString().lines())
                .containsExactly(
                        "fovea memory: gemma3-5b: no such size; there are"
                                + " [gemma3-270m, gemma3-1b, gemma3-4b, gemma3-12b, gemma3-27b]",
                        "fovea memory: weights int3: no such format; there are"
                                + " [f32, bf16, int8, int4, int4-blocks32, sfp8]",
                        "fovea generate: %s: no such folder; wanted a Hugging Face folder of a Gemma 3, or a .gguf file"
                                .formatted(folder.resolve("none")));
    }

    /** The same seed gives the same answer; greedy needs none. */
    @Test
    void answersRepeat() {
        String model = model("gemma3-text/base-12l");
        assertThat(run("generate", model, "What is shown?", "--max-tokens", "9", "--json"))
                .isZero();
        assertThat(run("generate", model, "What is shown?", "--max-tokens", "9", "--json"))
                .isZero();
        assertThat(run("generate", model, "What is shown?", "--max-tokens", "9", "--json", "--greedy"))
                .isZero();
        List<String> lines = out.toString().lines().toList();
        assertThat(text(lines.get(0))).isEqualTo(text(lines.get(1))).isEqualTo(text(lines.get(2)));
        assertThat(run("generate", model, "What is shown?", "--max-tokens", "9", "--json", "--temperature", "3"))
                .isZero();
        assertThat(text(out.toString().lines().toList().getLast())).isNotEqualTo(text(lines.get(0)));
    }

    /** Prompts of a file, several at once, get in their order what each gets alone; a wrong one costs the others nothing. */
    @Test
    void manyPromptsAreAnsweredInOrder() throws IOException {
        String model = model("gemma3-text/base-12l");
        Path prompts = folder.resolve("prompts.jsonl");
        Files.writeString(prompts, """
                {"prompt": "What is shown?"}
                {"messages": [{"role": "user", "content": "Why?"}], "max_tokens": 3}

                {"prompt": "A boat", "image": "none.png"}
                {"prefix": "And then there were two people beside it", "suffix": "x", "temperature": 3, "seed": 5}
                {"prompt": "Hi", "tempreature": 1}
                {"prompt": "What is shown?", "top_logprobs": 2}
                """);
        assertThat(run("generate", model, "--prompts", prompts.toString(), "--max-tokens", "9", "--batch", "2"))
                .isEqualTo(1);
        assertThat(err.toString()).contains("fovea generate: 2 of 6 prompts have no answer");
        List<JsonNode> lines = out.toString()
                .lines()
                .map(line -> JsonMapper.shared().readTree(line))
                .toList();
        assertThat(lines).extracting(line -> line.required("index").asInt()).containsExactly(0, 1, 2, 3, 4, 5);
        assertThat(lines.get(1).required("newTokens").asInt()).isEqualTo(3);
        assertThat(lines.get(1).required("ending").asString()).isEqualTo("length");
        assertThat(lines.get(2).required("error").asString()).contains("none.png");
        assertThat(lines.get(4).required("error").asString()).startsWith("tempreature: no such key; keys here: [");
        assertThat(lines.get(5).required("tokens").get(0).required("top")).hasSize(2);
        assertThat(run("generate", model, "What is shown?", "--max-tokens", "9", "--json"))
                .isZero();
        assertThat(run(
                        "generate",
                        model,
                        "And then there were two people beside it",
                        "--max-tokens",
                        "9",
                        "--temperature",
                        "3",
                        "--seed",
                        "5",
                        "--json"))
                .isZero();
        List<String> alone = out.toString().lines().skip(6).toList();
        assertThat(lines.get(0).required("text").asString())
                .isEqualTo(text(alone.get(0)))
                .isEqualTo(lines.get(5).required("text").asString());
        assertThat(lines.get(3).required("text").asString()).isEqualTo(text(alone.get(1)));
    }

    /** Proposals change the time an answer takes and not the answer. */
    @Test
    void speculationLeavesAnswersTheSame() {
        String model = model("gemma3-text/base-12l");
        List<String> plain = List.of("generate", model, "What is shown?", "--max-tokens", "20", "--json", "--stats");
        assertThat(run(plain.toArray(String[]::new))).isZero();
        for (String source : List.of("--speculate=lookup", "--speculate=draft --draft=" + model)) {
            assertThat(run(Stream.concat(plain.stream(), Stream.of(source.split(" ")))
                            .toArray(String[]::new)))
                    .isZero();
        }
        assertThat(out.toString().lines().map(LanguageModelCommandsTest::text).distinct())
                .hasSize(1);
        assertThat(err.toString().lines().toList().getLast()).contains("proposed tokens accepted (100%)");
        assertThat(run("generate", model, "Hi", "--speculate", "draft")).isEqualTo(1);
        assertThat(err.toString()).contains("--speculate draft: wanted --draft MODEL, the folder of a smaller Gemma 3");
    }

    /** The same on packed weights, which propose to themselves, too. */
    @Test
    void speculationOnPackedWeightsLeavesAnswersTheSame() {
        String packed = folder.resolve("packed").toString();
        assertThat(run("convert", model("gemma3-text/base-12l"), packed, "--weights", "int8"))
                .isZero();
        out.getBuffer().setLength(0);
        String[] plain = {"generate", packed, "What is shown?", "--max-tokens", "40", "--greedy", "--json", "--stats"};
        assertThat(run(plain)).isZero();
        for (String source : List.of("--speculate=lookup", "--speculate=draft --draft=" + packed)) {
            assertThat(run(Stream.concat(Stream.of(plain), Stream.of(source.split(" ")))
                            .toArray(String[]::new)))
                    .isZero();
        }
        assertThat(out.toString().lines().map(LanguageModelCommandsTest::text).distinct())
                .hasSize(1);
        assertThat(err.toString().lines().toList().getLast())
                .containsPattern("proposed tokens accepted \\((9.|100)%\\)"); // the draft rounds its prompt otherwise
    }

    @Test
    void promptsOfOneLineEach() throws IOException {
        Path prompts = folder.resolve("prompts.txt");
        Files.writeString(prompts, "Hello\n\nWhat is a boat?\n");
        String model = model("gemma3-text/base-12l");
        assertThat(run("generate", model, "--prompts", prompts.toString(), "--max-tokens", "4", "--stats"))
                .isZero();
        assertThat(out.toString().lines()).hasSize(2);
        assertThat(err.toString()).contains("2 prompts, ");
        assertThat(run("generate", model)).isEqualTo(2);
        assertThat(run("generate", model, "Hi", "--prompts", prompts.toString()))
                .isEqualTo(2);
    }

    /** Written side by side on packed weights, answers are those of one after the other. */
    @Test
    void packedWeightsAnswerAFileOfPrompts() throws IOException {
        String packed = folder.resolve("packed").toString();
        assertThat(run("convert", model("gemma3-text/base-12l"), packed, "--weights", "int8"))
                .isZero();
        out.getBuffer().setLength(0);
        List<String> prompts = List.of("What is shown?", "Hello", "A red boat lies in the harbour, and", "Why?", "One");
        Path file = Files.write(folder.resolve("prompts.txt"), prompts);
        assertThat(run(
                        "generate",
                        packed,
                        "--prompts",
                        file.toString(),
                        "--batch",
                        "4",
                        "--max-tokens",
                        "12",
                        "--greedy"))
                .isZero();
        List<String> together = out.toString().lines().toList();
        assertThat(together).hasSize(5);
        for (int i = 0; i < prompts.size(); i++) {
            out.getBuffer().setLength(0);
            assertThat(run("generate", packed, prompts.get(i), "--max-tokens", "12", "--greedy", "--json"))
                    .isZero();
            assertThat(text(together.get(i))).isEqualTo(text(out.toString()));
        }
    }

    /** A folder of packed weights is opened as any other, says its format, and refuses another. */
    @Test
    void packedFoldersAnswerAsPackingOnLoadingDoes() throws IOException {
        String model = model("gemma3-text/base-12l");
        String packed = folder.resolve("packed").toString();
        assertThat(run("convert", model, packed, "--weights", "int8")).isZero();
        assertThat(run("generate", model, "What is shown?", "--max-tokens", "9", "--json", "--weights", "int8"))
                .isZero();
        assertThat(run("generate", packed, "What is shown?", "--max-tokens", "9", "--json", "--cache", "bf16"))
                .isZero();
        List<String> lines = out.toString().lines().toList();
        assertThat(text(lines.get(1))).isEqualTo(text(lines.get(0)));
        Path file = folder.resolve("text.txt");
        Files.writeString(file, "A red boat lies in the harbour. ".repeat(8));
        assertThat(run("perplexity", packed, file.toString(), "--context", "32", "--cache", "int8"))
                .isZero();
        assertThat(run("inspect", packed)).isZero();
        assertThat(out.toString()).contains("metadata format: fovea-packed-1", "metadata weights: int8");
        assertThat(run("generate", packed, "Hi", "--weights", "int4")).isEqualTo(1);
        assertThat(run("generate", packed, "Hi", "--dtype", "float32")).isEqualTo(1);
        assertThat(run("generate", model, "Hi", "--cache", "int8")).isEqualTo(1);
        assertThat(err.toString())
                .contains("fovea generate: --weights int4: %s holds packed int8 weights".formatted(packed))
                .contains("holds packed weights, which have one type in memory")
                .contains("--cache goes with --weights, a folder of packed weights or a .gguf file");
    }

    @Test
    void perplexityOfRandomWeightsIsNearTheVocabulary() throws IOException {
        Path text = folder.resolve("text.txt");
        Files.writeString(text, "A red boat lies in the harbour, and two people stand beside it. ".repeat(4));
        assertThat(run("perplexity", model("gemma3-text/base-12l"), text.toString(), "--context", "32", "--json"))
                .isZero();
        JsonNode found = JsonMapper.shared().readTree(out.toString());
        assertThat(found.required("perplexity").asDouble()).isBetween(1000.0, 10_000.0);
        assertThat(found.required("natsPerToken").asDouble())
                .isEqualTo(Math.log(found.required("perplexity").asDouble()));
    }

    private int run(String... arguments) {
        return Main.commandLine()
                .setColorScheme(CommandLine.Help.defaultColorScheme(CommandLine.Help.Ansi.OFF))
                .setOut(new PrintWriter(out, true))
                .setErr(new PrintWriter(err, true))
                .execute(arguments);
    }

    private static String text(String json) {
        return JsonMapper.shared().readTree(json).required("text").asString();
    }

    private static String model(String name) {
        Path folder = Path.of(System.getProperty("fovea.fixtures", "../../shared/fixtures"), name);
        Assumptions.assumeTrue(Files.exists(folder), () -> folder + " is not there");
        return folder.toString();
    }
}
