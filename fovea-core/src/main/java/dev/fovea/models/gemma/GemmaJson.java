package dev.fovea.models.gemma;

import dev.fovea.generate.GenerationConfig;
import dev.fovea.generate.json.JsonConstraint;
import dev.fovea.generate.json.JsonSchema;
import dev.fovea.generate.json.TokenTable;
import dev.fovea.text.Tokenizer;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import tools.jackson.databind.JsonNode;

/** Answers of a Gemma that are JSON of a schema. The model's tokens are looked through once. */
public final class GemmaJson {

    /** Pieces that mean something to the model and belong in no string. */
    private static final List<String> MARKS = List.of(
            "<pad>",
            "<eos>",
            "<bos>",
            "<unk>",
            "<mask>",
            "[multimodal]",
            "<start_of_turn>",
            "<end_of_turn>",
            "<start_of_image>",
            "<end_of_image>",
            "<image_soft_token>");

    private final TokenTable tokens;

    /** For the answers of a model. */
    public GemmaJson(GemmaModel model) {
        Tokenizer tokenizer = model.tokenizer();
        Set<Integer> never = new HashSet<>(model.defaults().ends());
        for (String mark : MARKS) {
            int[] ids = tokenizer.encode(mark);
            if (ids.length == 1) {
                never.add(ids[0]);
            }
        }
        this.tokens = TokenTable.of(tokenizer, model.config().text().vocabSize(), never);
    }

    /**
     * The same answers, but JSON of a schema, whole within the most tokens that they may have.
     *
     * @throws IllegalArgumentException for a keyword that is not supported, naming it and its place
     */
    public GenerationConfig constrain(GenerationConfig config, JsonNode schema) {
        JsonSchema.of(schema); // told before the first token
        int[] ends = config.ends().stream().mapToInt(Integer::intValue).toArray();
        return config.with(promptLength ->
                new JsonConstraint(JsonSchema.of(schema), tokens, promptLength, config.maxNewTokens(), ends));
    }
}
