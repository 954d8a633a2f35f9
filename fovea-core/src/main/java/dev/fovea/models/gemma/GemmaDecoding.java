package dev.fovea.models.gemma;

import dev.fovea.models.vit.Probe;
import dev.fovea.tensor.Engine;
import dev.fovea.tensor.Scope;
import dev.fovea.tensor.Tensors;
import java.util.Arrays;
import java.util.function.Function;
import org.bytedeco.pytorch.AutoGradMode;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;

/**
 * Gemma writing texts through its cache. Long prompts go through the layers in chunks; a picture is never cut by a chunk,
 * so that its soft tokens see one another.
 */
public final class GemmaDecoding implements PictureDecoding {

    /** So many places' logits are made at a time when scoring; a row of the vocabulary is a megabyte. */
    private static final int SCORED = 64;

    private final Gemma model;
    private final Chunks chunks;
    private final Function<long[], GemmaCache> newCache;
    private @Nullable GemmaCache cache;
    private @Nullable Tensor last; // [B, V], logits after the last token

    /** Ready for the first tokens; closing it leaves the model. */
    public GemmaDecoding(Gemma model) {
        this(model, Chunks.SIZE, padding -> GemmaCache.of(model.config().text(), padding));
    }

    /** The same, in which the last few tokens can be forgotten at any time. */
    public static GemmaDecoding rewindable(Gemma model, int tokens) {
        return new GemmaDecoding(
                model,
                Chunks.SIZE,
                padding -> GemmaCache.rewindable(model.config().text(), tokens, padding));
    }

    GemmaDecoding(Gemma model, int chunk, Function<long[], GemmaCache> newCache) {
        if (model.config().text().bidirectional()) {
            throw new IllegalArgumentException("this Gemma is a text encoder; it has vectors and writes no text");
        }
        this.model = model;
        this.chunks = new Chunks(chunk);
        this.newCache = newCache;
    }

    @Override
    public int rows() {
        return cache == null ? 0 : cache.rows();
    }

    @Override
    public int length() {
        return cache == null ? 0 : Math.toIntExact(cache.length());
    }

    /** Bytes that the cache takes. */
    public long cacheBytes() {
        return cache == null ? 0 : cache.bytes();
    }

    @Override
    public float[][] next(int[][] tokens, @Nullable Tensor images) {
        try (var scope = new Scope();
                var _ = new AutoGradMode(false)) {
            Tensor ids = ids(tokens, images != null); // [B, T]
            Tensor x = model.embed(ids, images == null ? null : model.features(images)); // [B, T, D]
            Tensor soft = images == null ? null : model.isSoft(ids); // [B, T]
            long length = x.size(1);
            Tensor y = x;
            for (long at = 0; at < length; ) {
                long size = chunks.at(soft, at, length);
                y = step(x.narrow(1, at, size), soft == null ? null : soft.narrow(1, at, size));
                at += size;
            }
            return Tensors.toRows(remember(
                    scope, model.text().logits(y.narrow(1, y.size(1) - 1, 1)).select(1, 0)));
        }
    }

    @Override
    public float[][] each(int... tokens) {
        try (var scope = new Scope();
                var _ = new AutoGradMode(false)) {
            Tensor ids = ids(new int[][] {tokens}, false); // [1, T]
            Tensor logits = model.text().logits(step(model.embed(ids, null), null)); // [1, T, V]
            remember(scope, logits.select(1, tokens.length - 1));
            return Tensors.toRows(logits.select(0, 0));
        }
    }

    @Override
    public Scores score(int[][] tokens) {
        if (cache == null || last == null) {
            throw new IllegalStateException("nothing was fed yet: the first token of a text has no probability");
        }
        int length = tokens[0].length;
        var logprobs = new double[rows()][length];
        var best = new boolean[rows()][length];
        try (var _ = new Scope();
                var _ = new AutoGradMode(false)) {
            Tensor ids = ids(tokens, false); // [B, T]
            for (int at = 0; at < length; at += SCORED) {
                int size = Math.min(SCORED, length - at);
                try (var scope = new Scope()) {
                    Tensor targets = ids.narrow(1, at, size); // [B, t]
                    score(last.unsqueeze(1), targets.narrow(1, 0, 1), at, logprobs, best);
                    Tensor x = model.embed(ids.narrow(1, at, size), null); // [B, t, D]
                    Tensor logits = model.text().logits(step(x, null)); // [B, t, V]
                    score(logits.narrow(1, 0, size - 1), targets.narrow(1, 1, size - 1), at + 1, logprobs, best);
                    remember(scope, logits.select(1, size - 1));
                }
            }
        }
        return new Scores(logprobs, best);
    }

    private static void score(Tensor logits, Tensor targets, int at, double[][] logprobs, boolean[][] best) {
        int size = (int) targets.size(1);
        if (size == 0) {
            return;
        }
        Tensor p = logits.to(ScalarType.Float).log_softmax(-1); // [B, t, V]
        double[] found = Tensors.toDoubles(p.gather(-1, targets.unsqueeze(-1)).squeeze(-1)); // [B, t]
        long[] likeliest = Tensors.toLongs(p.argmax(new LongOptional(-1), false)); // [B, t]
        long[] wanted = Tensors.toLongs(targets);
        for (int i = 0; i < found.length; i++) {
            logprobs[i / size][at + i % size] = found[i];
            best[i / size][at + i % size] = likeliest[i] == wanted[i];
        }
    }

    @Override
    public void reorder(int... rows) {
        try (var scope = new Scope()) {
            requireFed().reorder(rows);
            if (last != null) {
                remember(scope, last.index_select(0, Engine.toDevice(Tensors.of(rows, rows.length))));
            }
        }
    }

    @Override
    public boolean canRewind(int length) {
        return cache != null && cache.canRewind(length);
    }

    @Override
    public boolean canTakeBack(int tokens) {
        return cache != null && cache.canTakeBack(tokens);
    }

    @Override
    public void rewind(int length) {
        requireFed().rewind(length);
        if (last != null) {
            last.close();
            last = null; // the logits at the new end are gone with what followed it
        }
    }

    @Override
    public void close() {
        if (cache != null) {
            cache.close();
        }
        if (last != null) {
            last.close();
        }
        cache = null;
        last = null;
    }

    private GemmaCache requireFed() {
        if (cache == null) {
            throw new IllegalStateException("nothing was fed yet");
        }
        return cache;
    }

    /** The layers over some fresh tokens; the stream after the final norm. */
    private Tensor step(Tensor x, @Nullable Tensor soft) { // [B, t, D], bool [B, t]
        GemmaCache kept = requireFed();
        return Scope.scoped(x, y -> {
            Pass pass = kept.pass(y.size(1), soft, y);
            return model.text().forward(y, pass, kept.layers(), Probe.NONE); // [B, t, D]
        });
    }

    /** Rows as a tensor, and a cache for them where these are the first tokens. */
    private Tensor ids(int[][] tokens, boolean pictures) {
        int longest = Arrays.stream(tokens).mapToInt(row -> row.length).max().orElse(0);
        int shortest = Arrays.stream(tokens).mapToInt(row -> row.length).min().orElse(0);
        if (shortest == 0 || (cache != null && (tokens.length != cache.rows() || shortest != longest))) {
            throw new IllegalArgumentException("found %d rows of %d to %d tokens, wanted %s"
                    .formatted(
                            tokens.length,
                            shortest,
                            longest,
                            cache == null
                                    ? "rows of 1 token or more"
                                    : cache.rows() + " rows, all as long as each other"));
        }
        var ids = new long[tokens.length * longest];
        var padding = new long[tokens.length];
        for (int row = 0; row < tokens.length; row++) {
            int pad = longest - tokens[row].length;
            padding[row] = pad;
            for (int i = pad; i < longest; i++) {
                ids[row * longest + i] = checked(tokens[row][i - pad], pictures);
            }
        }
        if (cache == null) {
            cache = newCache.apply(padding);
        }
        return Engine.toDevice(Tensors.of(ids, tokens.length, longest));
    }

    private int checked(int id, boolean pictures) {
        VisionConfig vision = model.config().vision();
        boolean placeholder = pictures && vision != null && id == vision.imageToken();
        return placeholder ? id : model.config().text().requireToken(id);
    }

    private Tensor remember(Scope scope, Tensor logits) { // [B, V]
        if (last != null) {
            last.close();
        }
        last = scope.release(logits.to(ScalarType.Float).contiguous());
        return last;
    }
}
