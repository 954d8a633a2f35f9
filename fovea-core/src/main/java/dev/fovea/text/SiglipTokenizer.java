package dev.fovea.text;

import static java.util.stream.Collectors.joining;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.Comparator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;

/**
 * The text side of SigLIP (arXiv 2303.15343) as the published checkpoints prepare it: lower case, ASCII punctuation
 * removed, blanks collapsed and trimmed, SentencePiece, {@code </s>} at the end, cut and padded to a fixed length. A
 * special token written out in the text becomes the token.
 */
public final class SiglipTokenizer implements PaddedTokenizer {

    private static final String SPACE = "\u2581";
    private static final Pattern PUNCTUATION = Pattern.compile("[!-/:-@\\[-`{-~]");

    private final SentencePiece pieces;
    private final TokenizerConfig config;
    private final Pattern addedTokens;
    /** Pieces of the unknown token spelled out, which stands before each text that is cut. */
    private final int leadLength;

    private final int eosId;
    private final int padId;

    /** A tokenizer of a vocabulary under the settings of a {@code tokenizer_config.json}. */
    public SiglipTokenizer(SentencePieceModel model, TokenizerConfig config) {
        if (config.maxLength() < 1) {
            throw new IllegalArgumentException("model_max_length %d, wanted 1 or more".formatted(config.maxLength()));
        }
        this.pieces = SentencePiece.of(model.withDummyPrefix(false), "SigLIP's vocabulary");
        this.config = config;
        // The longest first: where two begin at one place, the longer is meant. Without any, a pattern that never fits.
        this.addedTokens = Pattern.compile(config.addedTokens().keySet().stream()
                .sorted(Comparator.comparingInt(String::length).reversed())
                .map(Pattern::quote)
                .collect(joining("|", "(?:", "|(?!))")));
        this.leadLength = pieces.encode(config.unkToken()).length;
        this.eosId = idOf(config.eosToken());
        this.padId = idOf(config.padToken());
    }

    /** Reads {@code spiece.model} and {@code tokenizer_config.json} of a published folder. */
    public static SiglipTokenizer read(Path folder) {
        return new SiglipTokenizer(
                SentencePieceModel.read(folder.resolve("spiece.model")),
                TokenizerConfig.read(folder.resolve("tokenizer_config.json")));
    }

    /** Ids of {@code text} with {@code </s>} at the end, at most {@link #maxLength()}. */
    @Override
    public int[] encode(String text) {
        int[] ids = textIds(text);
        int length = Math.min(ids.length, config.maxLength() - 1);
        // A text that ends with </s> gets no second one.
        if (length > 0 && ids[length - 1] == eosId) {
            return Arrays.copyOf(ids, length);
        }
        int[] ended = Arrays.copyOf(ids, length + 1);
        ended[length] = eosId;
        return ended;
    }

    /** Ids of {@code text} as the tower takes them: cut or padded to exactly {@code length}. */
    @Override
    public int[] encode(String text, int length) {
        int[] ids = encode(text);
        int[] padded = Arrays.copyOf(ids, length);
        if (ids.length < length) {
            Arrays.fill(padded, ids.length, length, padId);
        } else {
            padded[length - 1] = eosId;
        }
        return padded;
    }

    private int[] textIds(String text) {
        String marked = SPACE + text.replace(SPACE, " ");
        var ids = IntStream.builder();
        Matcher token = addedTokens.matcher(marked);
        int from = 0;
        while (token.find()) {
            cut(marked.substring(from, token.start()), ids);
            ids.add(idOf(token.group()));
            from = token.end();
        }
        cut(marked.substring(from), ids);
        return ids.build().toArray();
    }

    /** The unknown token in front keeps SentencePiece from dropping the blank with which the text begins. */
    private void cut(String text, IntStream.Builder ids) {
        if (!text.isEmpty()) {
            String plain = canonical(text, config.lowerCase());
            IntStream.of(pieces.encode(config.unkToken() + plain))
                    .skip(leadLength)
                    .forEach(ids);
        }
    }

    /** A text without ASCII punctuation, its blanks collapsed and trimmed, in lower case if so asked. */
    public static String canonical(String text, boolean lowerCase) {
        String plain =
                PUNCTUATION.matcher(lowerCase ? LowerCase.of(text) : text).replaceAll("");
        return Blanks.collapse(plain);
    }

    private int idOf(String token) {
        Integer added = config.addedTokens().get(token);
        int id = added == null ? pieces.id(token) : added;
        if (id < 0) {
            throw new IllegalArgumentException("token %s is neither a piece nor an added token".formatted(token));
        }
        return id;
    }

    /** The text of the pieces; special tokens are left out. */
    @Override
    public String decode(int... ids) {
        return pieces.decode(IntStream.of(ids)
                .filter(id -> !config.addedTokens().containsValue(id))
                .toArray());
    }

    /** Most ids of a text. */
    public int maxLength() {
        return config.maxLength();
    }

    public int eosId() {
        return eosId;
    }

    public int padId() {
        return padId;
    }

    /** Number of ids, added tokens included. */
    @Override
    public int vocabSize() {
        int added = config.addedTokens().values().stream()
                .mapToInt(id -> id + 1)
                .max()
                .orElse(0);
        return Math.max(pieces.vocabSize(), added);
    }
}
