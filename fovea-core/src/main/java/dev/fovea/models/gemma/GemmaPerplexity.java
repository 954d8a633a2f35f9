package dev.fovea.models.gemma;

import dev.fovea.generate.Decoding;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * How well a model foresees a text: the text's tokens in windows that do not overlap, each after a begin mark of its own.
 *
 * @param tokens of the text, begin marks not counted
 * @param nats mean of −ln p of a token
 * @param bitsPerByte −log₂ p of the whole text, by its length in UTF-8: the measure that does not depend on a tokenizer
 */
public record GemmaPerplexity(long tokens, double nats, double bitsPerByte) {

    /** e to the mean of −ln p. */
    public double perplexity() {
        return Math.exp(nats);
    }

    /**
     * Of a text.
     *
     * @param context tokens of a window, the begin mark included
     * @param progress is given what was found so far after each window; {@code bitsPerByte} only at the end
     */
    public static GemmaPerplexity of(GemmaModel model, String text, int context, Consumer<GemmaPerplexity> progress) {
        return of(model, model::decoding, text, context, progress);
    }

    /** The same with decodings of the caller's, such as {@link GemmaKernels#decoding}, one a window. */
    public static GemmaPerplexity of(
            GemmaModel model,
            Supplier<? extends Decoding> decodings,
            String text,
            int context,
            Consumer<GemmaPerplexity> progress) {
        if (context < 2) {
            throw new IllegalArgumentException("context %d, wanted 2 or more".formatted(context));
        }
        int[] ids = model.tokenizer().encode(text);
        if (ids.length == 0) {
            throw new IllegalArgumentException("the text is empty");
        }
        double sum = 0;
        for (int start = 0; start < ids.length; start += context - 1) {
            int end = Math.min(ids.length, start + context - 1);
            try (Decoding decoding = decodings.get()) {
                decoding.next(model.defaults().bosToken());
                sum -= decoding.score(new int[][] {Arrays.copyOfRange(ids, start, end)})
                        .sum(0);
            }
            if (end < ids.length) {
                progress.accept(new GemmaPerplexity(end, sum / end, Double.NaN));
            }
        }
        double bits = sum / Math.log(2) / text.getBytes(StandardCharsets.UTF_8).length;
        return new GemmaPerplexity(ids.length, sum / ids.length, bits);
    }
}
