package dev.fovea.cli;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonInclude.Include;
import dev.fovea.cli.LanguageModelOption.Decodings;
import dev.fovea.generate.Answering;
import dev.fovea.generate.Answering.Outcome;
import dev.fovea.generate.Answering.Token;
import dev.fovea.generate.ContinuousBatch;
import dev.fovea.generate.ContinuousBatch.Limits;
import dev.fovea.generate.ContinuousBatch.Request;
import dev.fovea.generate.GenerationConfig;
import dev.fovea.models.gemma.GemmaModel;
import dev.fovea.models.gemma.GemmaProcessor.Prompt;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/**
 * Answers to a file of prompts, several at once, a line of JSON each in the order of the prompts.
 *
 * @param config the rules of an answer, by what its line says and how many tokens the prompt leaves it
 * @param chat whether prompts are users' turns
 * @param system the system's words, null for none
 * @param texts how many are written at once
 */
record GenerateMany(
        Decodings decodings,
        PromptFile file,
        BiFunction<LineOptions, Integer, GenerationConfig> config,
        boolean chat,
        @Nullable String system,
        int texts) {

    /** Tokens of new prompts that are read beside the answers: each holds the others up. */
    private static final int CHUNK = 128;

    /** An answer under way, or why there is none. */
    private record Pending(
            int index,
            @Nullable Answering answering,
            @Nullable String error) {}

    /** A line of the output. */
    private sealed interface Line {}

    /** An answer. */
    private record Answered(
            int index,
            String text,
            int promptTokens,
            int newTokens,
            String ending,
            @JsonInclude(Include.NON_NULL) @Nullable List<Token> tokens)
            implements Line {}

    /** Why there is none. */
    private record Failed(int index, String error) implements Line {}

    /**
     * Writes the answers.
     *
     * @param stats where to say at the end how many tokens came in which time; null for nowhere
     * @return how many prompts have none
     */
    int run(PrintWriter out, @Nullable PrintWriter stats) {
        long start = System.nanoTime();
        int failed = 0;
        long read = 0;
        long written = 0;
        var limits = new Limits(texts, (long) texts * contextLength(), 2 * texts, CHUNK);
        Deque<Pending> pending = new ArrayDeque<>();
        try (var batch = new ContinuousBatch<>(decodings.batch(), model().tokenizer(), limits)) {
            for (int i = 0; i < file.size() || !pending.isEmpty(); i++) {
                if (i < file.size()) {
                    pending.add(submit(batch, i));
                }
                if (pending.size() == 2 * texts || i >= file.size()) {
                    Line line = line(pending.remove());
                    switch (line) {
                        case Answered answer -> {
                            read += answer.promptTokens();
                            written += answer.newTokens();
                        }
                        case Failed _ -> failed++;
                    }
                    out.println(Output.json(line));
                    out.flush();
                }
            }
        }
        if (stats != null) {
            double seconds = (System.nanoTime() - start) / 1e9;
            stats.println(String.format(
                    Locale.ROOT,
                    "%d prompts, %d tokens read and %d written in %.2f s (%.1f/s)",
                    file.size(),
                    read,
                    written,
                    seconds,
                    written / seconds));
        }
        return failed;
    }

    private Pending submit(ContinuousBatch<Prompt> batch, int index) {
        try {
            PromptFile.Line line = file.line(index, system);
            var options = new LineOptions(line.options());
            Prompt prompt = line.prompt(model(), chat);
            int left = contextLength() - prompt.ids().length;
            if (left < 1) {
                throw new IllegalArgumentException("a prompt of %d tokens leaves no room: the model's context has %d"
                        .formatted(prompt.ids().length, contextLength()));
            }
            return new Pending(
                    index,
                    batch.submit(new Request<>(
                            prompt, config.apply(options, left), options.stops(), options.count("top_logprobs", 0))),
                    null);
        } catch (IllegalArgumentException | UncheckedIOException e) {
            return new Pending(index, null, firstLine(e));
        }
    }

    private static Line line(Pending pending) {
        if (pending.answering() == null) {
            return new Failed(pending.index(), String.valueOf(pending.error()));
        }
        try {
            Outcome outcome = pending.answering().await();
            boolean told =
                    outcome.tokens().stream().anyMatch(token -> !token.top().isEmpty());
            return new Answered(
                    pending.index(),
                    outcome.text(),
                    outcome.promptTokens(),
                    outcome.tokens().size(),
                    outcome.ending().name().toLowerCase(Locale.ROOT),
                    told ? outcome.tokens() : null);
        } catch (IllegalStateException e) {
            return new Failed(pending.index(), firstLine(e));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new Failure("interrupted");
        }
    }

    private static String firstLine(Exception e) {
        return String.valueOf(e.getMessage()).lines().findFirst().orElse("");
    }

    private GemmaModel model() {
        return decodings.model();
    }

    private int contextLength() {
        return model().config().text().contextLength();
    }
}
