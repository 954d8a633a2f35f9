package dev.fovea.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.ResourceLock;
import org.junit.jupiter.api.parallel.Resources;

class ToolsOptionTest {

    private static final String WEATHER = """
            {"name": "weather", "description": "What the sky does.",
             "parameters": {"type": "object", "properties": {"city": {"type": "string"}}}}""";

    @TempDir
    private Path folder = Path.of("");

    private Path tools = Path.of("");

    /** What a model of random weights calls is what the schema leaves it. */
    private Path call = Path.of("");

    @BeforeEach
    void files() throws IOException {
        tools = file("tools.json", "[{\"type\": \"function\", \"function\": %s}]".formatted(WEATHER));
        call = file("call.json", """
                {"type": "object", "required": ["name", "arguments"], "additionalProperties": false, "properties": {
                  "name": {"const": "weather"},
                  "arguments": {"type": "object", "required": ["city"], "additionalProperties": false,
                                "properties": {"city": {"const": "Bern"}}}}}""");
    }

    @Test
    void aCallIsReadOutOfTheAnswer() {
        Said said = Said.fovea(
                "generate",
                model(),
                "Is it raining?",
                "--tools",
                tools,
                "--json-schema",
                call,
                "--max-tokens",
                60,
                "--json");
        assertThat(said.exit()).as(said.err()).isZero();
        assertThat(said.json().required("calls").toString())
                .isEqualTo("[{\"name\":\"weather\",\"arguments\":{\"city\":\"Bern\"}}]");
        Said words = Said.fovea("generate", model(), "Is it raining?", "--tools", tools, "--max-tokens", 3, "--json");
        assertThat(words.json().required("calls")).isEmpty();
        Said without = Said.fovea("generate", model(), "Is it raining?", "--max-tokens", 3, "--json");
        assertThat(without.json().has("calls")).isFalse();
        assertThat(words.json().required("promptTokens").asInt())
                .isGreaterThan(without.json().required("promptTokens").asInt() + 20);
    }

    @Test
    @ResourceLock(Resources.SYSTEM_OUT)
    void theChatAsksForResultsAndGoesOn() {
        InputStream before = System.in;
        System.setIn(new ByteArrayInputStream("Is it raining?\nIt is.\n".getBytes(StandardCharsets.UTF_8)));
        try {
            Said said = Said.fovea("chat", model(), "--tools", tools, "--json-schema", call, "--max-tokens", 60);
            assertThat(said.exit()).as(said.err()).isZero();
            assertThat(said.out().split("Bern", -1)).hasSize(3);
            assertThat(said.err()).contains(">>> weather{\"city\":\"Bern\"} = weather{\"city\":\"Bern\"} = ");
        } finally {
            System.setIn(before);
        }
    }

    @Test
    void wrongFilesAreOneLine() throws IOException {
        String[][] wrong = {
            {"[", "cannot be read as JSON"},
            {"{}", "found OBJECT, wanted a list of functions"},
            {"[]", "found an empty list, wanted a list of functions"},
            {"[{\"description\": \"x\"}]", "function 0: wanted a name, and parameters that are an object"},
            {"[{\"name\": \"x\", \"parameters\": 3}]", "function 0: wanted a name, and parameters that are an object"},
            {"[%s, %s]".formatted(WEATHER, WEATHER), "function 1: there is another weather"}
        };
        for (String[] each : wrong) {
            Said said = Said.fovea("generate", model(), "Hi", "--tools", file("wrong.json", each[0]));
            assertThat(said.exit()).isEqualTo(1);
            assertThat(said.err()).contains(each[1]).hasLineCount(1);
        }
        assertThat(Said.fovea("generate", model(), "Hi", "--tools", tools, "--raw")
                        .err())
                .contains("--tools goes into the system's words");
        assertThat(Said.fovea("generate", model(), "--prompts", tools, "--tools", tools)
                        .err())
                .contains("--tools goes with one prompt; found --prompts");
    }

    private Path file(String name, String text) throws IOException {
        return Files.writeString(folder.resolve(name), text);
    }

    private static Path model() {
        Path model = Path.of(System.getProperty("fovea.fixtures", "../../shared/fixtures"), "gemma3-text/base-12l");
        Assumptions.assumeTrue(Files.exists(model), () -> model + " is not there");
        return model;
    }
}
