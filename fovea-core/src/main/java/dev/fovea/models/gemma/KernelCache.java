package dev.fovea.models.gemma;

import dev.fovea.kernel.KvRows;
import dev.fovea.models.gemma.DecoderConfig.Span;
import java.util.List;

/**
 * What all layers keep of one text for the kernels: a ring of the window's size and some spare tokens in local layers, everything in
 * global ones.
 */
final class KernelCache implements AutoCloseable {

    private final DecoderConfig config;
    private final List<KvRows> layers;
    private final int spare;
    private int length;

    /** The longest that this was: what was written there took the place of what lay a ring before. */
    private int longest;

    KernelCache(DecoderConfig config, KvRows.Format format, int spare) {
        this.config = config;
        this.spare = spare;
        this.layers = config.layers().stream()
                .map(span -> span == Span.LOCAL
                        ? KvRows.ring(format, config.numKvHeads(), config.headDim(), config.window(), spare)
                        : KvRows.full(format, config.numKvHeads(), config.headDim()))
                .toList();
    }

    /** Bytes that the cache of a text of so many tokens takes. */
    static long bytes(DecoderConfig c, KvRows.Format format, long tokens) {
        return c.layers().stream()
                .mapToLong(span -> KvRows.bytes(
                        format,
                        c.numKvHeads(),
                        c.headDim(),
                        span == Span.LOCAL ? c.window() : Integer.MAX_VALUE,
                        tokens))
                .sum();
    }

    KvRows layer(int i) {
        return layers.get(i);
    }

    /** Tokens that all layers have. */
    int length() {
        return length;
    }

    /** Says that all layers have so many tokens more. */
    void extend(int tokens) {
        length += tokens;
        longest = Math.max(longest, length);
    }

    long bytes() {
        return layers.stream().mapToLong(KvRows::bytes).sum();
    }

    boolean canRewind(int newLength) {
        return newLength == length || (newLength >= 0 && newLength < length && isWhole(newLength, longest));
    }

    /** Whether so many tokens more could be forgotten again. */
    boolean canTakeBack(int fresh) {
        return isWhole(length, Math.max(longest, length + fresh));
    }

    /** Whether all that the next token sees at a length is left, where a text was longer before: a token takes one's place a ring before it. */
    private boolean isWhole(int newLength, int longest) {
        return config.numGlobal() == config.depth()
                || longest <= config.window() + spare
                || longest - newLength <= spare + 1;
    }

    void rewind(int newLength) {
        if (!canRewind(newLength)) {
            throw new IllegalStateException("cannot go back from %d tokens to %d".formatted(length, newLength));
        }
        length = newLength;
    }

    @Override
    public void close() {
        layers.forEach(KvRows::close);
    }
}
