package dev.fovea.verify;

import dev.fovea.checkpoint.StoredTensor;
import dev.fovea.generate.LogitsProcessor;
import dev.fovea.generate.Logprobs;
import dev.fovea.generate.SamplingConfig;
import dev.fovea.generate.SamplingConfig.Order;
import java.util.Arrays;
import java.util.Set;
import tools.jackson.databind.JsonNode;

/** What logits processors leave of given rows of logits. */
final class SamplingChecks {

    private static final Set<String> SETTINGS = Set.of("temperature", "top_k", "top_p", "min_p", "repetition_penalty");

    private SamplingChecks() {}

    static void processors(Case c) {
        for (JsonNode request : c.json("cases.json")) {
            String rows = request.required("rows").asString();
            String name = "%s.%s".formatted(request.required("name").asString(), rows);
            SamplingConfig config = config(request.required("settings"));
            StoredTensor logits = c.input("logits." + rows); // [rows, V]
            StoredTensor history = c.input("history." + rows); // [rows, T]
            compare(c, name, config, logits, history);
        }
    }

    private static void compare(Case c, String name, SamplingConfig config, StoredTensor logits, StoredTensor history) {
        int numRows = (int) logits.shape()[0];
        int vocabSize = (int) logits.shape()[1];
        float[] filtered = logits.toFloats();
        int[] ids = Arrays.stream(history.toLongs()).mapToInt(Math::toIntExact).toArray();
        var probabilities = new double[filtered.length];
        var kept = new long[numRows];
        for (int r = 0; r < numRows; r++) {
            float[] row = Arrays.copyOfRange(filtered, r * vocabSize, (r + 1) * vocabSize);
            int[] seen = Arrays.copyOfRange(ids, r * ids.length / numRows, (r + 1) * ids.length / numRows);
            for (LogitsProcessor processor : config.processors()) {
                processor.process(row, seen);
            }
            System.arraycopy(row, 0, filtered, r * vocabSize, vocabSize);
            for (Logprobs.Entry token : Logprobs.top(row, vocabSize)) {
                probabilities[r * vocabSize + token.id()] = Math.exp(token.logprob());
                kept[r]++;
            }
        }
        c.compare("filtered." + name, filtered, logits.shape());
        c.compare("probs." + name, probabilities, logits.shape());
        c.compare("kept." + name, kept, numRows);
    }

    private static SamplingConfig config(JsonNode settings) {
        for (String key : settings.propertyNames()) {
            if (!SETTINGS.contains(key)) {
                throw new IllegalArgumentException("setting %s, known are %s".formatted(key, SETTINGS));
            }
        }
        return new SamplingConfig(
                settings.path("temperature").asDouble(1),
                settings.path("top_k").asInt(0),
                settings.path("top_p").asDouble(1),
                settings.path("min_p").asDouble(0),
                settings.path("repetition_penalty").asDouble(1),
                Order.TOP_K_TOP_P,
                0);
    }
}
