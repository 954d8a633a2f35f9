package dev.fovea.verify;

import dev.fovea.text.HuggingFaceTokenizer;
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
        boolean same = true;
        boolean hasChat = false;
        for (Path file : files) {
            switch (String.valueOf(file.getFileName())) {
                case "strings.jsonl", "decode.jsonl" -> same &= checks.compare(file, checks.model);
                case "locations.jsonl" ->
                    same &= checks.compare(file, checks.model.withUserDefined(locationsAndSegments()));
                case "chat.jsonl" -> hasChat = true;
                default -> throw new IllegalArgumentException(file.getFileName() + ": unknown kind of rows");
            }
        }
        if (same && hasChat) {
            throw new NotBuiltException("chat templates not built yet; all other rows are equal");
        }
    }

    /** How PaliGemma's authors extend the vocabulary. */
    private static List<String> locationsAndSegments() {
        return Stream.concat(
                        IntStream.range(0, 1024).mapToObj("<loc%04d>"::formatted),
                        IntStream.range(0, 128).mapToObj("<seg%03d>"::formatted))
                .toList();
    }

    private boolean compare(Path file, SentencePieceModel vocabulary) throws IOException {
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
        return fields.values().stream().allMatch(tally -> tally.unequal == 0);
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
