package dev.fovea.models.gemma;

import dev.fovea.kernel.KvRows;
import dev.fovea.models.gemma.DecoderConfig.Span;
import java.util.List;

/** What all layers keep of one text for the kernels: a ring of the window's size in local layers, everything in global ones. */
final class KernelCache implements AutoCloseable {

    private final DecoderConfig config;
    private final List<KvRows> layers;
    private int length;

    KernelCache(DecoderConfig config, KvRows.Format format) {
        this.config = config;
        this.layers = config.layers().stream()
                .map(span -> span == Span.LOCAL
                        ? KvRows.ring(format, config.numKvHeads(), config.headDim(), config.window())
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
    }

    long bytes() {
        return layers.stream().mapToLong(KvRows::bytes).sum();
    }

    /** A ring that has wrapped round has lost what the tokens before would need. */
    boolean canRewind(int newLength) {
        boolean wrapped = config.numGlobal() < config.depth() && length > config.window();
        return newLength == length || (newLength >= 0 && newLength < length && !wrapped);
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
