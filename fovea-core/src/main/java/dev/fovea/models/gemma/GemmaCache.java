package dev.fovea.models.gemma;

import dev.fovea.models.gemma.DecoderConfig.Span;
import dev.fovea.nn.KvBuffer;
import dev.fovea.tensor.Engine;
import dev.fovea.tensor.Tensors;
import java.util.Arrays;
import java.util.List;
import java.util.stream.LongStream;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/**
 * What all layers keep of the tokens so far: a ring of the window's size in local layers, everything in global ones.
 * Rows of different lengths are padded on the left; a row's padding is never seen.
 */
final class GemmaCache implements AutoCloseable {

    private final DecoderConfig config;
    private final List<KvBuffer> layers;
    private long[] padding;

    private GemmaCache(DecoderConfig config, List<KvBuffer> layers, long... padding) {
        this.config = config;
        this.layers = layers;
        this.padding = padding;
    }

    /** An empty cache of rows with so much padding on the left. */
    static GemmaCache of(DecoderConfig c, long... padding) {
        return rewindable(c, 0, padding);
    }

    /** The same, in which a few tokens can be taken back at any time. */
    static GemmaCache rewindable(DecoderConfig c, int tokens, long... padding) {
        return new GemmaCache(
                c,
                c.layers().stream()
                        .map(span -> span == Span.LOCAL ? KvBuffer.ring(c.window(), tokens) : KvBuffer.full())
                        .toList(),
                padding);
    }

    /** The same, every layer keeping everything: what the rings are measured against. */
    static GemmaCache full(DecoderConfig c, long... padding) {
        return new GemmaCache(c, c.layers().stream().map(_ -> KvBuffer.full()).toList(), padding);
    }

    List<KvBuffer> layers() {
        return layers;
    }

    long length() {
        return layers.isEmpty() ? 0 : layers.getFirst().length();
    }

    int rows() {
        return padding.length;
    }

    long bytes() {
        return layers.stream().mapToLong(KvBuffer::bytes).sum();
    }

    boolean canRewind(long length) {
        return layers.stream().allMatch(x -> x.canRewind(length)) && length >= longestPadding();
    }

    boolean canTakeBack(long fresh) {
        return layers.stream().allMatch(x -> x.canTakeBack(fresh));
    }

    void rewind(long length) {
        layers.forEach(x -> x.rewind(length));
    }

    void reorder(int... rows) {
        Tensor index = Engine.toDevice(Tensors.of(rows, rows.length));
        layers.forEach(x -> x.reorder(index));
        long[] before = padding;
        padding = Arrays.stream(rows).mapToLong(row -> before[row]).toArray();
    }

    /**
     * The pass over so many fresh tokens.
     *
     * @param isSoft where soft tokens of whole pictures stand among them, bool {@code [B, T]}; null for nowhere
     */
    Pass pass(long fresh, @Nullable Tensor isSoft, Tensor like) {
        Tensor positions = queries(fresh).unsqueeze(0).sub(pads()).clamp_min(new Scalar(0L)); // [B, T]
        return Pass.of(config, positions, like, mask(Span.LOCAL, fresh, isSoft), mask(Span.GLOBAL, fresh, isSoft));
    }

    /** What so many fresh tokens may see in layers of a kind, bool {@code [1 or B, 1, T, S]}; null for everything. */
    @Nullable
    Tensor mask(Span span, long fresh, @Nullable Tensor isSoft) { // bool [B, T]
        int layer = config.layers().indexOf(span);
        if (layer < 0) {
            return null;
        }
        long reach = span == Span.LOCAL ? config.window() : Long.MAX_VALUE;
        long[] columns = layers.get(layer).columns(fresh);
        if (fresh == 1 && longestPadding() == 0 && columns.length <= reach) {
            return null; // a ring without spare holds the window, a full buffer the past, and nothing else
        }
        Tensor keys = Engine.toDevice(Tensors.of(columns, columns.length)); // [S]
        Tensor real = longestPadding() == 0 ? null : keys.unsqueeze(0).ge(pads()); // [B, S]
        Tensor same = isSoft == null ? null : withPast(Masks.samePicture(isSoft), columns.length); // [B, T, S]
        return Masks.of(queries(fresh), keys, reach, false, same, real);
    }

    private Tensor queries(long fresh) {
        long[] columns = LongStream.range(length(), length() + fresh).toArray();
        return Engine.toDevice(Tensors.of(columns, fresh)); // [T]
    }

    private Tensor pads() {
        return Engine.toDevice(Tensors.of(padding, padding.length, 1)); // [B, 1]
    }

    /** No token of the past is of a picture among the fresh ones. */
    private static Tensor withPast(Tensor same, long numKeys) { // [B, T, T]
        long past = numKeys - same.size(2);
        Tensor none = torch.zeros(new long[] {same.size(0), same.size(1), past}, same.options());
        return torch.cat(new TensorVector(none, same), 2); // [B, T, S]
    }

    private long longestPadding() {
        return Arrays.stream(padding).max().orElse(0);
    }

    @Override
    public void close() {
        layers.forEach(KvBuffer::close);
    }
}
