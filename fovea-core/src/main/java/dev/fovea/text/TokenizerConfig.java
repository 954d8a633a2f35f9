package dev.fovea.text;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.SequencedMap;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * What a published folder's {@code tokenizer_config.json} says that changes ids.
 *
 * @param tokenizerClass the class that reads this in transformers
 * @param maxLength most ids of a text; {@link Integer#MAX_VALUE} where the file sets no limit
 * @param addedTokens tokens that are taken from the text before it is cut into pieces, with their ids
 */
public record TokenizerConfig(
        String tokenizerClass,
        String eosToken,
        String padToken,
        String unkToken,
        int maxLength,
        boolean lowerCase,
        SequencedMap<String, Integer> addedTokens) {

    /** Reads a {@code tokenizer_config.json}. */
    public static TokenizerConfig read(Path file) {
        try {
            return of(JsonMapper.shared().readTree(Files.readAllBytes(file)));
        } catch (IOException e) {
            throw new UncheckedIOException(file.toString(), e);
        } catch (JacksonException | IllegalArgumentException e) {
            throw new IllegalArgumentException("%s: %s".formatted(file, firstLine(e)), e);
        }
    }

    private static TokenizerConfig of(JsonNode json) {
        return new TokenizerConfig(
                json.path("tokenizer_class").asString(""),
                token(json, "eos_token"),
                token(json, "pad_token"),
                token(json, "unk_token"),
                (int) Math.min(json.path("model_max_length").asDouble(1e30), Integer.MAX_VALUE),
                json.path("do_lower_case").asBoolean(true),
                addedTokens(json.path("added_tokens_decoder")));
    }

    /** Older files write a token as an object with its text and flags. */
    private static String token(JsonNode json, String key) {
        JsonNode token = json.path(key);
        String text = token.isObject() ? token.path("content").asString("") : token.asString("");
        if (text.isEmpty()) {
            throw new IllegalArgumentException("no %s".formatted(key));
        }
        return text;
    }

    private static SequencedMap<String, Integer> addedTokens(JsonNode byId) {
        var tokens = new LinkedHashMap<String, Integer>();
        byId.forEachEntry((id, token) -> {
            if (token.path("single_word").asBoolean(false)) {
                throw new IllegalArgumentException(
                        "added token %s is single_word, which is not supported".formatted(token.path("content")));
            }
            tokens.put(token.path("content").asString(""), Integer.valueOf(id));
        });
        return tokens;
    }

    private static String firstLine(RuntimeException e) {
        return String.valueOf(e.getMessage()).lines().findFirst().orElse("");
    }
}
