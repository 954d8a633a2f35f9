package dev.fovea.verify;

import dev.fovea.text.GemmaChat;
import dev.fovea.text.HuggingFaceTokenizer;
import dev.fovea.text.Message;
import dev.fovea.text.SentencePiece;
import dev.fovea.text.SentencePieceModel;
import dev.fovea.text.SiglipTokenizer;
import dev.fovea.text.Tokenizer;
import dev.fovea.text.TokenizerConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Tokenizers: every field of every row of every {@code .jsonl} file of the case must be equal. */
final class TokenizerChecks {

    private final Case c;
    private final SentencePieceModel model;
    private final @Nullable Tokenizer converted;
    private final boolean lowerCase;

    private TokenizerChecks(Case c) {
        this.c = c;
        this.model = SentencePieceModel.read(Stream.of("spiece.model", "tokenizer.model")
                .map(c.folder()::resolve)
                .filter(Files::exists)
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("no spiece.model and no tokenizer.model there")));
        Path settings = c.folder().resolve("tokenizer_config.json");
        TokenizerConfig config = Files.exists(settings) ? TokenizerConfig.read(settings) : null;
        Path json = c.folder().resolve("tokenizer.json");
        this.lowerCase = config != null && config.lowerCase();
        this.converted = config != null && config.tokenizerClass().equals("SiglipTokenizer")
                ? new SiglipTokenizer(model, config)
                : Files.exists(json) ? HuggingFaceTokenizer.read(json) : null;
    }

    static void run(Case c) throws IOException {
        List<Path> files;
        try (Stream<Path> all = Files.list(c.folder())) {
            files = all.filter(f -> f.toString().endsWith(".jsonl")).sorted().toList();
        }
        var checks = new TokenizerChecks(c);
        for (Path file : files) {
            switch (String.valueOf(file.getFileName())) {
                case "strings.jsonl", "decode.jsonl" -> checks.compare(file, checks.model);
                case "locations.jsonl" -> checks.compare(file, checks.model.withUserDefined(locationsAndSegments()));
                case "chat.jsonl" -> checks.compareChats(file);
                default -> throw new IllegalArgumentException(file.getFileName() + ": unknown kind of rows");
            }
        }
    }

    /** How PaliGemma's authors extend the vocabulary. */
    private static List<String> locationsAndSegments() {
        return Stream.concat(
                        IntStream.range(0, 1024).mapToObj("<loc%04d>"::formatted),
                        IntStream.range(0, 128).mapToObj("<seg%03d>"::formatted))
                .toList();
    }

    private void compare(Path file, SentencePieceModel vocabulary) throws IOException {
        var pieces = SentencePiece.of(vocabulary, c.folder().toString());
        Map<String, Tally> fields = new LinkedHashMap<>();
        int line = 0;
        for (String text : Files.readAllLines(file)) {
            line++;
            JsonNode row = JsonMapper.shared().readTree(text);
            for (var field : row.properties()) {
                Object found = found(field.getKey(), row, pieces);
                fields.computeIfAbsent(field.getKey(), _ -> new Tally()).add(line, value(field.getValue()), found);
            }
        }
        fields.forEach((field, tally) -> tally.compare(file.getFileName() + ":" + field, c));
    }

    /** Conversations: their text and ids, with and without the opening of the model's turn, or that they are refused. */
    private void compareChats(Path file) throws IOException {
        String bos = JsonMapper.shared()
                .readTree(c.folder().resolve("tokenizer_config.json").toFile())
                .path("bos_token")
                .asString("<bos>");
        var texts = new Tally();
        var ids = new Tally();
        var refused = new Tally();
        int line = 0;
        for (String row : Files.readAllLines(file)) {
            line++;
            JsonNode json = JsonMapper.shared().readTree(row);
            boolean open = json.path("add_generation_prompt").asBoolean(false);
            try {
                List<Message> messages =
                        json.required("messages").valueStream().map(Message::of).toList();
                String text = bos + GemmaChat.render(messages, open);
                refused.add(line, json.path("error").asBoolean(false), false);
                texts.add(line, json.path("text").asString(""), text);
                ids.add(
                        line,
                        value(json.path("ids")),
                        list(GemmaChat.encode(
                                messages,
                                open,
                                converted(),
                                SentencePiece.of(model, "").id(bos))));
            } catch (IllegalArgumentException e) {
                refused.add(line, json.path("error").asBoolean(false), true);
            }
        }
        texts.compare(file.getFileName() + ":text", c);
        ids.compare(file.getFileName() + ":ids", c);
        refused.compare(file.getFileName() + ":error", c);
    }

    /** What we make of a row; a field that is given is given back. */
    private Object found(String field, JsonNode row, SentencePiece pieces) {
        return switch (field) {
            case "text", "ids" -> value(row.get(field));
            case "spm" -> list(pieces.encode(text(row)));
            case "spm_decoded" -> pieces.decode(ids(row, "spm"));
            case "canonical" -> SiglipTokenizer.canonical(text(row), lowerCase);
            case "hf" -> list(converted().encode(text(row)));
            case "hf_decoded" -> converted().decode(ids(row, "hf"));
            case "hf_decoded_plain" ->
                converted() instanceof HuggingFaceTokenizer t
                        ? t.decodePlain(ids(row, "hf"))
                        : converted().decode(ids(row, "hf"));
            case "same" ->
                list(pieces.encode(text(row))).equals(list(converted().encode(text(row))));
            default -> throw new IllegalArgumentException("unknown field %s in row %s".formatted(field, row));
        };
    }

    private Tokenizer converted() {
        if (converted == null) {
            throw new IllegalArgumentException("rows have hf, and there is no tokenizer.json");
        }
        return converted;
    }

    private static String text(JsonNode row) {
        return row.required("text").asString();
    }

    /** The ids to decode: given, or those that the reference made of the text. */
    private static int[] ids(JsonNode row, String encoded) {
        JsonNode ids = row.has("ids") ? row.get("ids") : row.required(encoded);
        return ids.valueStream().mapToInt(JsonNode::asInt).toArray();
    }

    private static Object value(JsonNode field) {
        return field.isArray()
                ? list(field.valueStream().mapToInt(JsonNode::asInt).toArray())
                : field.isBoolean() ? (Object) field.asBoolean() : field.asString();
    }

    private static List<Integer> list(int... ids) {
        var list = new ArrayList<Integer>(ids.length);
        for (int id : ids) {
            list.add(id);
        }
        return list;
    }

    /** Rows of one field: all are compared, and the first that is unequal is shown. */
    private static final class Tally {

        private int rows;
        private int unequal;
        private String first = "";

        void add(int line, Object expected, Object found) {
            rows++;
            if (!expected.equals(found) && unequal++ == 0) {
                first = "; line %d: %s instead of %s".formatted(line, found, expected);
            }
        }

        void compare(String name, Case c) {
            c.compareRow(
                    name,
                    "%d of %d rows equal".formatted(rows, rows),
                    "%d of %d rows equal%s".formatted(rows - unequal, rows, first));
        }
    }
}
