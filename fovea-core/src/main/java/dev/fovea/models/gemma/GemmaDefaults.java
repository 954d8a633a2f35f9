package dev.fovea.models.gemma;

import dev.fovea.generate.SamplingConfig;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import tools.jackson.databind.JsonNode;

/**
 * How a folder's model is meant to be used.
 *
 * @param sampling {@code generation_config.json}'s, greedy where it does not ask for sampling
 * @param ends tokens that end a text
 * @param bosToken id at the beginning of a text
 * @param chat whether the model was tuned for conversations: the folder has a chat template
 */
public record GemmaDefaults(SamplingConfig sampling, Set<Integer> ends, int bosToken, boolean chat) {

    /** transformers' default where {@code generation_config.json} samples and has no {@code top_k}. */
    private static final int TOP_K = 50;

    /** End of text and end of turn in the published vocabulary. */
    private static final Set<Integer> ENDS = Set.of(1, 106);

    private static final int BOS = 2;

    public GemmaDefaults {
        ends = Set.copyOf(ends);
    }

    /** The defaults of a Hugging Face folder. */
    public static GemmaDefaults read(Path folder) {
        JsonNode config = JsonFile.orEmpty(folder.resolve("config.json"));
        JsonNode generation = JsonFile.orEmpty(folder.resolve("generation_config.json"));
        JsonNode ends = first(generation, config, "eos_token_id");
        var ids = new LinkedHashSet<Integer>();
        if (ends.isArray()) {
            ends.forEach(id -> ids.add(id.asInt()));
        } else if (ends.isNumber()) {
            ids.add(ends.asInt());
        }
        return new GemmaDefaults(
                sampling(generation),
                ids.isEmpty() ? ENDS : ids,
                first(generation, config, "bos_token_id").asInt(BOS),
                hasTemplate(folder));
    }

    private static SamplingConfig sampling(JsonNode c) {
        if (!c.path("do_sample").asBoolean(false)) {
            return SamplingConfig.GREEDY;
        }
        return new SamplingConfig(
                c.path("temperature").asDouble(1),
                c.path("top_k").asInt(TOP_K),
                c.path("top_p").asDouble(1),
                c.path("min_p").asDouble(0),
                c.path("repetition_penalty").asDouble(1),
                SamplingConfig.Order.TOP_K_TOP_P,
                0);
    }

    private static boolean hasTemplate(Path folder) {
        return Files.exists(folder.resolve("chat_template.jinja"))
                || Files.exists(folder.resolve("chat_template.json"))
                || JsonFile.orEmpty(folder.resolve("tokenizer_config.json")).has("chat_template");
    }

    private static JsonNode first(JsonNode generation, JsonNode config, String key) {
        for (JsonNode c : List.of(generation, config, config.path("text_config"))) {
            if (c.has(key) && !c.path(key).isNull()) {
                return c.path(key);
            }
        }
        return generation.path(key);
    }
}
