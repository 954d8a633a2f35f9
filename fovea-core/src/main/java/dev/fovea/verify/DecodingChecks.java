package dev.fovea.verify;

import static java.util.Objects.requireNonNull;

import dev.fovea.generate.BeamSearch;
import dev.fovea.generate.BeamSearch.Beam;
import dev.fovea.generate.BeamSearch.Stopping;
import dev.fovea.generate.Decoding.Scores;
import dev.fovea.generate.GenerationConfig;
import dev.fovea.generate.Generator;
import dev.fovea.generate.Generator.Answer;
import dev.fovea.generate.SamplingConfig;
import dev.fovea.models.gemma.GemmaCheckpoint;
import dev.fovea.models.gemma.GemmaDecoding;
import dev.fovea.tensor.Tensors;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.bytedeco.pytorch.global.torch.ScalarType;
import tools.jackson.databind.JsonNode;

/** Decoding requests against transformers' generate(). */
final class DecodingChecks {

    private static final Set<String> KNOWN = Set.of(
            "eos_token_id",
            "max_new_tokens",
            "min_new_tokens",
            "repetition_penalty",
            "no_repeat_ngram_size",
            "suppress_tokens",
            "bad_words_ids",
            "sequence_bias",
            "forced_eos_token_id",
            "num_beams",
            "num_return_sequences",
            "length_penalty",
            "early_stopping");

    private final Case c;
    private final GemmaCheckpoint checkpoint;
    private final int[][] prompts;
    private final int[][] padded; // transformers' rules see the padding too

    private DecodingChecks(Case c, GemmaCheckpoint checkpoint) {
        this.c = c;
        this.checkpoint = checkpoint;
        this.prompts = Rows.of(c.tensor("input_ids"), c.tensor("attention_mask"));
        this.padded = Rows.of(c.tensor("input_ids"), null);
    }

    static void run(Case c) {
        JsonNode file = c.json("requests.json");
        try (GemmaCheckpoint checkpoint = GemmaCheckpoint.read(c.folder(), ScalarType.Float)) {
            var checks = new DecodingChecks(c, checkpoint);
            int maxNewTokens = file.required("default_max_new_tokens").asInt();
            file.required("requests").forEachEntry((name, request) -> checks.request(name, request, maxNewTokens));
            if (c.inputs().containsKey("continuation_ids")) {
                checks.continuations();
            }
            if (c.inputs().containsKey("next_turn_ids")) {
                checks.turns();
            }
        }
    }

    private void request(String name, JsonNode request, int maxNewTokens) {
        for (String key : request.propertyNames()) {
            if (!KNOWN.contains(key)) {
                throw new IllegalArgumentException("request %s: unknown setting %s".formatted(name, key));
            }
        }
        GenerationConfig config = config(request, maxNewTokens);
        try (var decoding = new GemmaDecoding(checkpoint.model())) {
            float[][] logits = decoding.next(prompts);
            if (request.path("num_beams").asInt(1) > 1) {
                int wanted = request.path("num_return_sequences").asInt(1);
                List<Beam> beams = search(request).run(decoding, logits, padded, config).stream()
                        .flatMap(its -> its.stream().limit(wanted))
                        .toList();
                compareIds(name, beams.stream().map(Beam::ids).toList());
                c.compare(
                        name + ".sequence_scores",
                        beams.stream().mapToDouble(Beam::score).toArray(),
                        beams.size());
            } else {
                compare(name, Generator.run(decoding, logits, padded, config, Generator.Listener.NONE));
            }
        }
    }

    private void compare(String name, List<Answer> answers) {
        int width = compareIds(name, answers.stream().map(Answer::ids).toList());
        int rows = answers.size();
        c.compare(
                name + ".lengths",
                answers.stream().mapToLong(x -> x.ids().length).toArray(),
                rows);
        var logprobs = new double[rows * width];
        for (int row = 0; row < rows; row++) {
            double[] its = answers.get(row).logprobs();
            System.arraycopy(its, 0, logprobs, row * width, its.length);
        }
        c.compare(name + ".logprobs", logprobs, rows, width);
    }

    /** Rows of ids, 0 after their end; their width. */
    private int compareIds(String name, List<int[]> rows) {
        int width = rows.stream().mapToInt(row -> row.length).max().orElse(0);
        var ids = new long[rows.size() * width];
        for (int row = 0; row < rows.size(); row++) {
            for (int i = 0; i < rows.get(row).length; i++) {
                ids[row * width + i] = rows.get(row)[i];
            }
        }
        c.compare(name + ".ids", ids, rows.size(), width);
        return width;
    }

    private static GenerationConfig config(JsonNode request, int maxNewTokens) {
        var biases = new HashMap<List<Integer>, Double>();
        request.path("sequence_bias")
                .forEach(pair -> biases.put(ids(pair.get(0)), pair.get(1).asDouble()));
        var sampling = new SamplingConfig(
                0, 0, 1, 0, request.path("repetition_penalty").asDouble(1), SamplingConfig.Order.TOP_K_TOP_P, 0);
        return new GenerationConfig(
                sampling,
                request.path("max_new_tokens").asInt(maxNewTokens),
                request.path("min_new_tokens").asInt(0),
                new HashSet<>(ids(request.path("eos_token_id"))),
                Map.copyOf(biases),
                request.path("no_repeat_ngram_size").asInt(0),
                request.path("bad_words_ids")
                        .valueStream()
                        .map(DecodingChecks::ids)
                        .toList(),
                new HashSet<>(ids(request.path("suppress_tokens"))),
                request.has("forced_eos_token_id")
                        ? ids(request.path("forced_eos_token_id")).getFirst()
                        : null);
    }

    private static BeamSearch search(JsonNode request) {
        JsonNode early = request.path("early_stopping");
        Stopping stopping = early.asString("").equals("never")
                ? Stopping.NEVER
                : early.asBoolean(false) ? Stopping.EARLY : Stopping.HEURISTIC;
        return new BeamSearch(
                request.path("num_beams").asInt(),
                request.path("length_penalty").asDouble(1),
                stopping);
    }

    /** One id or a list of them; none where the setting is missing. */
    private static List<Integer> ids(JsonNode json) {
        if (json.isNumber()) {
            return List.of(json.asInt());
        }
        return json.valueStream().map(JsonNode::asInt).toList();
    }

    private void continuations() {
        int[][] continuations = Rows.of(c.tensor("continuation_ids"), null);
        try (var decoding = new GemmaDecoding(checkpoint.model())) {
            decoding.next(prompts);
            Scores scores = decoding.score(continuations);
            int rows = continuations.length;
            int width = continuations[0].length;
            var logprobs = new double[rows * width];
            var best = new long[rows * width];
            var sums = new double[rows];
            for (int row = 0; row < rows; row++) {
                System.arraycopy(scores.logprobs()[row], 0, logprobs, row * width, width);
                sums[row] = scores.sum(row);
                for (int i = 0; i < width; i++) {
                    best[row * width + i] = scores.best()[row][i] ? 1 : 0;
                }
            }
            c.compare("continuation.logprobs", logprobs, rows, width);
            c.compare("continuation.sum", sums, rows);
            c.compare("continuation.is_greedy", best, rows, width);
        }
    }

    /** Two turns of the second prompt on one cache. */
    private void turns() {
        int[] prompt = prompts[1];
        int[] turn = Tensors.toInts(c.tensor("next_turn_ids"));
        int first = steps("turns.first_ids");
        int second = steps("turns.second_ids");
        try (var decoding = new GemmaDecoding(checkpoint.model())) {
            int[] answer = Generator.run(
                            decoding,
                            new float[][] {decoding.next(prompt)},
                            new int[][] {prompt},
                            GenerationConfig.of(SamplingConfig.GREEDY, first, Set.of()),
                            Generator.Listener.NONE)
                    .getFirst()
                    .ids();
            c.compare("turns.first_ids", wide(answer), 1, first);
            int[] fed = new int[turn.length + 1]; // the last token of the answer was chosen and not fed
            fed[0] = answer[first - 1];
            System.arraycopy(turn, 0, fed, 1, turn.length);
            float[] logits = decoding.next(fed);
            var path = new GreedyPath(1, second);
            var all = new ArrayList<float[]>();
            for (int step = 0; step < second; step++) {
                all.add(logits);
                int[][] chosen = path.choose(step, new float[][] {logits});
                logits = decoding.next(chosen[0]);
            }
            c.compare("turns.second_ids", path.ids(), 1, second);
            int vocabulary = logits.length;
            var flat = new float[second * vocabulary];
            for (int step = 0; step < second; step++) {
                System.arraycopy(all.get(step), 0, flat, step * vocabulary, vocabulary);
            }
            c.compare("turns.second_logits", flat, 1, second, vocabulary);
        }
    }

    private int steps(String name) {
        return (int) requireNonNull(c.expected().get(name), name)[1];
    }

    private static long[] wide(int... ids) {
        return Arrays.stream(ids).asLongStream().toArray();
    }
}
