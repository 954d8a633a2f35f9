package dev.fovea.text;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.BooleanNode;
import tools.jackson.databind.node.NullNode;
import tools.jackson.databind.node.StringNode;

/**
 * Reads a {@code tokenizer.json} of the kind that {@link MergesTokenizer} runs. Whatever the file has otherwise makes it one
 * of another kind, also what is an error: then the library that defines the format reads it and says so.
 */
final class MergesReader {

    /** The file is for the library. */
    private static final class OtherKindException extends IOException {

        private static final long serialVersionUID = 1L;

        OtherKindException(String message) {
            super(message);
        }
    }

    private static final JsonNode BLANKS_TO_BARS = json("""
            {"type": "Replace", "pattern": {"String": " "}, "content": "\u2581"}""");

    /** Never finds a blank, since all have been replaced. */
    private static final JsonNode SPLIT_AT_BLANKS = json("""
            {"type": "Split", "pattern": {"String": " "}, "behavior": "MergedWithPrevious", "invert": false}""");

    private static final JsonNode BARS_TO_BLANKS = json("""
            {"type": "Sequence", "decoders": [
              {"type": "Replace", "pattern": {"String": "\u2581"}, "content": " "},
              {"type": "ByteFallback"},
              {"type": "Fuse"}]}""");

    private final JsonScanner in;
    private final PieceTable pieces;
    private final MergeTable merges;
    private final Map<String, JsonNode> rest = new HashMap<>();
    private final List<MergesTokenizer.Added> added = new ArrayList<>();

    private MergesReader(InputStream in, int sizeOfFile) {
        this.in = new JsonScanner(in);
        pieces = new PieceTable(sizeOfFile / 128);
        merges = new MergeTable(pieces, sizeOfFile / 64);
    }

    /** The tokenizer of a file; nothing for one of another kind. */
    static Optional<MergesTokenizer> read(Path file) {
        try (var in = new FileInputStream(file.toFile())) {
            return Optional.of(new MergesReader(in, (int) Math.min(Files.size(file), 1 << 28)).tokenizer());
        } catch (OtherKindException | JsonScanner.MalformedException e) {
            return Optional.empty();
        } catch (IOException e) {
            throw new UncheckedIOException(file.toString(), e);
        }
    }

    private MergesTokenizer tokenizer() throws IOException {
        members(this::member);
        require(in.peek() < 0, "more behind the end");
        require(rest.containsKey("model.vocab") && rest.containsKey("model.merges"), "no pieces or no merges");
        require(absent("truncation") && absent("padding"), "texts of a set length");
        require(is("normalizer", BLANKS_TO_BARS), "another normalizer");
        require(absent("pre_tokenizer") || is("pre_tokenizer", SPLIT_AT_BLANKS), "another pre-tokenizer");
        require(absent("post_processor") || marksAlone(rest.get("post_processor")), "another post-processor");
        require(is("decoder", BARS_TO_BLANKS), "another decoder");
        require(is("model.type", StringNode.valueOf("BPE")), "another model");
        require(is("model.byte_fallback", BooleanNode.TRUE), "no byte fallback");
        require(absent("model.ignore_merges") || is("model.ignore_merges", BooleanNode.FALSE), "merges ignored");
        for (String key : List.of("dropout", "continuing_subword_prefix", "end_of_word_suffix")) {
            require(absent("model." + key), key);
        }
        checkAdded();
        try {
            return new MergesTokenizer(pieces, merges, added);
        } catch (IllegalArgumentException e) {
            throw new OtherKindException(String.valueOf(e.getMessage()));
        }
    }

    private void member(String key) throws IOException {
        switch (key) {
            case "added_tokens" -> {
                once(key, NullNode.getInstance());
                elements(this::addedToken);
            }
            case "model" -> members(this::modelMember);
            default -> once(key, value());
        }
    }

    private void modelMember(String key) throws IOException {
        switch (key) {
            case "vocab" -> {
                once("model.vocab", NullNode.getInstance());
                vocabulary();
            }
            case "merges" -> {
                once("model.merges", NullNode.getInstance());
                elements(this::merge);
            }
            default -> once("model." + key, value());
        }
    }

    /** Pieces with their ids, which must be 0, 1, 2 ... */
    private void vocabulary() throws IOException {
        if (!in.enter('{', '}')) {
            return;
        }
        do {
            in.readString();
            require(in.length() > 0, "an empty piece");
            int id = pieces.size();
            require(pieces.add(in.string(), 0, in.length()) == PieceTable.NONE, "a piece twice");
            in.expect(':');
            require(in.integer() == id, "ids that are not in order");
        } while (in.more('}'));
    }

    /** A pair, {@code ["a", "b"]} or {@code "a b"}, whose parts and union are pieces. */
    private void merge() throws IOException {
        int middle;
        if (in.peek() == '[') {
            in.expect('[');
            in.readString();
            middle = in.length();
            in.expect(',');
            in.append();
            in.expect(']');
        } else {
            in.readString();
            middle = in.cutOut(' ');
        }
        require(merges.add(in.string(), middle, in.length()), "a merge of what is no piece");
    }

    private void addedToken() throws IOException {
        var token = new AddedToken();
        members(token::member);
        require(token.text.length > 0 && token.id >= 0, "an added token without id or text");
        added.add(new MergesTokenizer.Added(token.id, token.text, token.special));
    }

    /** What is said of an added token. */
    private final class AddedToken {

        private int id = -1;
        private byte[] text = {};
        private boolean special;

        void member(String key) throws IOException {
            switch (key) {
                case "id" -> id = in.integer();
                case "content" -> {
                    in.readString();
                    text = in.text().getBytes(UTF_8);
                }
                case "special" -> special = in.bool();
                default -> require(!in.bool(), "an added token that is " + key);
            }
        }
    }

    /** Added tokens that are pieces have their ids, the others those behind the pieces, in order. */
    private void checkAdded() throws IOException {
        var seen = new HashSet<String>();
        int behind = pieces.size();
        for (MergesTokenizer.Added token : added) {
            require(seen.add(new String(token.text(), UTF_8)), "an added token twice");
            int piece = pieces.find(token.text(), 0, token.text().length);
            require(token.id() == (piece == PieceTable.NONE ? behind++ : piece), "an added token with another id");
        }
    }

    private void once(String key, JsonNode value) throws IOException {
        require(rest.put(key, value) == null, "a key twice");
    }

    private JsonNode value() throws IOException {
        String text = new String(in.value(), UTF_8);
        try {
            return json(text);
        } catch (JacksonException e) {
            throw new JsonScanner.MalformedException(text);
        }
    }

    private static JsonNode json(String text) {
        return JsonMapper.shared().readTree(text);
    }

    private boolean is(String key, JsonNode value) {
        return value.equals(rest.get(key));
    }

    private boolean absent(String key) {
        return !rest.containsKey(key) || is(key, NullNode.getInstance());
    }

    /** A post-processor that only adds the marks that are not asked for. */
    private static boolean marksAlone(@Nullable JsonNode processor) {
        return processor != null && processor.path("type").asString("").equals("TemplateProcessing");
    }

    private static void require(boolean condition, String otherwise) throws OtherKindException {
        if (!condition) {
            throw new OtherKindException(otherwise);
        }
    }

    private interface Member {

        void read(String key) throws IOException;
    }

    private interface Element {

        void read() throws IOException;
    }

    private void members(Member member) throws IOException {
        if (in.enter('{', '}')) {
            do {
                member.read(in.key());
            } while (in.more('}'));
        }
    }

    private void elements(Element element) throws IOException {
        if (in.enter('[', ']')) {
            do {
                element.read();
            } while (in.more(']'));
        }
    }
}
