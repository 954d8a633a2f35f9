package dev.fovea.text;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.core.JsonPointer;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Ids and texts are compared with those of the library that defines the file. */
class MergesTokenizerTest {

    private static final String[] ODD = {
        "\n",
        "\n\n",
        " ",
        "  ",
        " ".repeat(32),
        "\t",
        "\r\n",
        "\u00e9",
        "e\u0301",
        "\u65e5\u672c",
        "\ud83d\ude42",
        "\u200d",
        "\u0000",
        "\ufffd",
        "\u2581",
        "\u2581\u2581",
        "\u00a0",
        "<bos>",
        "<bo",
        "<unk>",
        "<0x41>",
        "<0xC3>",
        "<",
        ">",
        "\u0905"
    };

    @TempDir
    Path folder;

    @Test
    void randomMergesAsTheLibrary() throws IOException {
        for (int seed = 0; seed < 20; seed++) {
            var random = new Random(seed);
            ObjectNode json = vocabulary(random, seed % 4 > 0);
            if (seed % 2 == 1) {
                mergesAsTexts(json);
            }
            Path file = write(json);
            HuggingFaceTokenizer own = HuggingFaceTokenizer.read(file);
            if (seed % 3 == 0) {
                HuggingFaceTokenizer.prepare(file);
                own = MergesTables.read(file).orElseThrow();
            }
            assertThat(own).isInstanceOf(MergesTokenizer.class);
            compare(own, file, random, 300);
        }
    }

    @Test
    void recordedVocabulariesAsTheLibrary() throws IOException {
        for (Path json : RecordedTokenizers.json()) {
            compare(MergesReader.read(json).orElseThrow(), json, new Random(1), 3000);
        }
    }

    private static void compare(HuggingFaceTokenizer own, Path file, Random random, int rounds) {
        List<String> parts = parts(file);
        int last =
                JsonMapper.shared().readTree(file.toFile()).at("/model/vocab").size() + 5;
        try (RustTokenizer library = RustTokenizer.read(file)) {
            for (int round = 0; round < rounds; round++) {
                String text = text(random, parts);
                int[] ids = library.encode(text);
                assertThat(own.encode(text)).as(text).isEqualTo(ids);
                int[] any = random.ints(random.nextInt(8), 0, last).toArray();
                for (int[] some : new int[][] {ids, any}) {
                    assertThat(own.decode(some)).isEqualTo(library.decode(some));
                    assertThat(own.decodePlain(some)).isEqualTo(library.decodePlain(some));
                }
            }
        }
    }

    private static List<String> parts(Path file) {
        JsonNode json = JsonMapper.shared().readTree(file.toFile());
        var parts = new ArrayList<>(json.at("/model/vocab").propertyNames());
        json.path("added_tokens")
                .forEach(token -> parts.add(token.path("content").asString()));
        return parts;
    }

    private static String text(Random random, List<String> parts) {
        var text = new StringBuilder();
        for (int i = random.nextInt(12); i > 0; i--) {
            text.append(
                    switch (random.nextInt(5)) {
                        case 0 -> ODD[random.nextInt(ODD.length)];
                        case 1 -> Character.toString(32 + random.nextInt(95));
                        case 2 -> Character.toString(random.nextInt(5) > 0 ? ' ' : random.nextInt(0xD800));
                        default -> parts.get(random.nextInt(parts.size())).replace('\u2581', ' ');
                    });
        }
        return text.toString();
    }

    /** Few letters and many merges, so that most texts can be put together in several ways. */
    private static ObjectNode vocabulary(Random random, boolean hasBlank) {
        var pieces = new LinkedHashSet<String>(List.of("<pad>", "<eos>", "<bos>", "<unk>"));
        for (int b = 0; b < 256; b++) {
            pieces.add("<0x%02X>".formatted(b));
        }
        var letters = new ArrayList<>(List.of("a", "b", "c", "\u00e9", "\ud83d\ude42"));
        if (hasBlank) {
            letters.add("\u2581");
        }
        pieces.addAll(letters);
        pieces.addAll(List.of("ax", "xa")); // without x
        var parts = new ArrayList<>(letters);
        Map<String, ArrayList<String>> merges = new LinkedHashMap<>();
        for (int i = 0; i < 150; i++) {
            String left = parts.get(random.nextInt(parts.size()));
            String right = parts.get(random.nextInt(parts.size()));
            if (left.length() + right.length() < 9) {
                merges.putIfAbsent(left + " " + right, new ArrayList<>(List.of(left, right)));
                if (pieces.add(left + right)) {
                    parts.add(left + right);
                }
            }
        }
        ObjectNode json = (ObjectNode) JsonMapper.shared().readTree("""
                        {"version": "1.0", "truncation": null, "padding": null, "added_tokens": [],
                         "normalizer": {"type": "Replace", "pattern": {"String": " "}, "content": "\u2581"},
                         "pre_tokenizer": null, "post_processor": null,
                         "decoder": {"type": "Sequence", "decoders": [
                           {"type": "Replace", "pattern": {"String": "\u2581"}, "content": " "},
                           {"type": "ByteFallback"}, {"type": "Fuse"}]},
                         "model": {"type": "BPE", "dropout": null, "unk_token": "<unk>", "continuing_subword_prefix": null,
                           "end_of_word_suffix": null, "fuse_unk": true, "byte_fallback": true, "ignore_merges": false,
                           "vocab": {}, "merges": []}}""");
        var model = (ObjectNode) json.get("model");
        pieces.forEach(piece ->
                ((ObjectNode) model.get("vocab")).put(piece, model.get("vocab").size()));
        merges.values().forEach(pair -> ((ArrayNode) model.get("merges"))
                .add(((ArrayNode) JsonMapper.shared().valueToTree(pair))));
        for (String text : List.of("<bos>", "<bo", "<unk>", "aab", "\u2581\u2581", "<more>", "a<", "\ud83d\ude42b")) {
            added(json, text, random.nextBoolean());
        }
        return json;
    }

    private static void added(ObjectNode json, String text, boolean special) {
        JsonNode vocabulary = json.at("/model/vocab");
        var tokens = (ArrayNode) json.get("added_tokens");
        int behind = (int) tokens.valueStream()
                .filter(token -> !vocabulary.has(token.get("content").asString()))
                .count();
        tokens.addObject()
                .put("id", vocabulary.path(text).asInt(vocabulary.size() + behind))
                .put("content", text)
                .put("single_word", false)
                .put("lstrip", false)
                .put("rstrip", false)
                .put("normalized", false)
                .put("special", special);
    }

    private static void mergesAsTexts(ObjectNode json) {
        var model = (ObjectNode) json.get("model");
        ArrayNode texts = JsonMapper.shared().createArrayNode();
        model.get("merges")
                .forEach(pair ->
                        texts.add(pair.get(0).asString() + " " + pair.get(1).asString()));
        model.set("merges", texts);
    }

    @Test
    void tablesOfAnotherFileAreNotUsed() throws IOException {
        ObjectNode json = vocabulary(new Random(3), true);
        Path file = write(json);
        HuggingFaceTokenizer.prepare(file);
        assertThat(HuggingFaceTokenizer.read(file).encode("<more>")).hasSize(1);
        ((ObjectNode) json.at("/added_tokens/5")).put("content", "<mode>"); // of the same length
        write(json);
        assertThat(MergesTables.read(file)).isEmpty();
        assertThat(HuggingFaceTokenizer.read(file).encode("<mode>")).hasSize(1);
        HuggingFaceTokenizer.prepare(file);
        assertThat(MergesTables.read(file)).isPresent();
    }

    @Test
    void damagedTablesAreNamed() throws IOException {
        Path file = write(vocabulary(new Random(3), true));
        HuggingFaceTokenizer.prepare(file);
        Path tables = file.resolveSibling("tokenizer.tables");
        byte[] sound = Files.readAllBytes(tables);
        for (int at :
                new int[] {0, 7, 24, 28, 1000, sound.length - 1}) { // the sign, and all behind the checksum of the json
            byte[] bytes = sound.clone();
            bytes[at] ^= 4;
            Files.write(tables, bytes);
            assertThatThrownBy(() -> HuggingFaceTokenizer.read(file))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("tokenizer.tables");
        }
        for (int length : new int[] {0, 20, 500, sound.length - 1}) {
            Files.write(tables, Arrays.copyOf(sound, length));
            assertThatThrownBy(() -> HuggingFaceTokenizer.read(file))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("tokenizer.tables");
        }
        byte[] newer = sound.clone();
        newer[8]++;
        Files.write(tables, newer);
        assertThat(MergesTables.read(file)).isEmpty();
        assertThat(HuggingFaceTokenizer.read(file).encode("<more>")).hasSize(1);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/normalizer/content",
                "/decoder/type",
                "/model/type",
                "/model/byte_fallback",
                "/model/vocab",
                "/model/merges",
                "/model",
                "/model/vocab/<0x41>",
                "/model/vocab/a",
                "/added_tokens/2/id",
                "/added_tokens/1/content"
            })
    void aFileThatLacksSomethingIsForTheLibrary(String what) throws IOException {
        ObjectNode json = vocabulary(new Random(3), true);
        assertThat(MergesReader.read(write(json))).isPresent();
        JsonPointer place = JsonPointer.compile(what);
        ((ObjectNode) json.at(place.head())).remove(place.last().getMatchingProperty());
        assertThat(MergesReader.read(write(json))).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/normalizer:{\"type\": \"NFC\"}",
                "/pre_tokenizer:{\"type\": \"Whitespace\"}",
                "/post_processor:{\"type\": \"ByteLevel\", \"add_prefix_space\": true, \"trim_offsets\": true}",
                "/padding:{}",
                "/model/dropout:0.5",
                "/model/ignore_merges:true",
                "/model/end_of_word_suffix:\"x\"",
                "/model/vocab/a:7",
                "/model/vocab/a:1.5",
                "/model/merges/0:[\"a\", \"zz\"]",
                "/model/merges/0:[\"a\", \"x\"]",
                "/model/merges/0:[\"x\", \"a\"]",
                "/model/merges/0:[\"a\", \"b\", \"c\"]",
                "/model/merges/0:\"a b c\"",
                "/model/merges/0:\"ab\"",
                "/added_tokens/0/lstrip:true",
                "/added_tokens/0/normalized:true",
                "/added_tokens/0/id:77",
                "/added_tokens/0/content:\"\"",
                "/added_tokens/0/content:\"<unk>\""
            })
    void aFileThatHasSomethingElseIsForTheLibrary(String change) throws IOException {
        ObjectNode json = vocabulary(new Random(3), true);
        int colon = change.indexOf(':');
        JsonPointer place = JsonPointer.compile(change.substring(0, colon));
        JsonNode value = JsonMapper.shared().readTree(change.substring(colon + 1));
        JsonNode parent = json.at(place.head());
        String key = place.last().getMatchingProperty();
        if (parent instanceof ArrayNode array) {
            array.set(Integer.parseInt(key), value);
        } else {
            ((ObjectNode) parent).set(key, value);
        }
        assertThat(MergesReader.read(write(json))).isEmpty();
    }

    @Test
    void aPieceThatIsNotUtf8IsForTheLibrary() throws IOException {
        byte[] bytes = vocabulary(new Random(3), true).toPrettyString().getBytes(UTF_8);
        for (int i = 0; i < bytes.length; i++) {
            if (bytes[i] == (byte) 0xC3 && bytes[i + 1] == (byte) 0xA9) {
                bytes[i + 1] = 'x'; // the one letter between U+0080 and U+07FF
            }
        }
        assertThat(MergesReader.read(Files.write(folder.resolve("tokenizer.json"), bytes)))
                .isEmpty();
    }

    @Test
    void aFileCutAnywhereIsForTheLibraryAndNamed() throws IOException {
        byte[] whole = vocabulary(new Random(3), true).toPrettyString().getBytes(UTF_8);
        var random = new Random(4);
        for (int i = 0; i < 200; i++) {
            Path file = folder.resolve("tokenizer.json");
            Files.write(file, Arrays.copyOf(whole, random.nextInt(whole.length)));
            assertThat(MergesReader.read(file)).isEmpty();
        }
        assertThatThrownBy(() -> HuggingFaceTokenizer.read(folder.resolve("tokenizer.json")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("tokenizer.json");
    }

    private Path write(JsonNode json) throws IOException {
        return Files.writeString(folder.resolve("tokenizer.json"), json.toPrettyString());
    }
}
