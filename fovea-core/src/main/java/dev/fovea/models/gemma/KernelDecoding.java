package dev.fovea.models.gemma;

import dev.fovea.generate.Logprobs;
import dev.fovea.kernel.WarmUp;
import dev.fovea.tensor.Scope;
import dev.fovea.tensor.Tensors;
import java.util.Arrays;
import java.util.Random;
import org.bytedeco.pytorch.AutoGradMode;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;

/**
 * One text written at the speed of memory: a few tokens go through the products of {@link dev.fovea.kernel}, which read every weight
 * once and little else, and prompts in chunks through libtorch's products of the same weights, widened panel by panel. Both keep
 * their keys and values in one cache.
 */
public final class KernelDecoding implements PictureDecoding {

    private final GemmaKernels kernels;
    private final DecoderConfig config;
    private final KernelCache cache;
    private final KernelStep step;
    private final KernelPrompt prompt;
    private final Chunks chunks;

    private float @Nullable [] last;

    /** Ready for the first tokens; closing it leaves the kernels. */
    KernelDecoding(GemmaKernels kernels, int chunk, int spare) {
        this(
                kernels,
                new KernelStep(kernels.config().text(), kernels.weights(), kernels.workers()),
                new KernelPrompt(kernels.config().text(), kernels.weights(), kernels.workers()),
                chunk,
                spare);
    }

    /** One of several that share what a pass needs, and so are fed one after the other. */
    KernelDecoding(GemmaKernels kernels, KernelStep step, KernelPrompt prompt, int chunk, int spare) {
        this.kernels = kernels;
        this.config = kernels.config().text();
        this.cache = new KernelCache(config, kernels.cacheFormat(), spare);
        this.step = step;
        this.prompt = prompt;
        this.chunks = new Chunks(chunk);
    }

    KernelCache cache() {
        return cache;
    }

    @Override
    public int rows() {
        return cache.length() == 0 ? 0 : 1;
    }

    @Override
    public int length() {
        return cache.length();
    }

    /** Bytes of keys and values. */
    public long cacheBytes() {
        return cache.bytes();
    }

    /** Lets the cache be that of so many tokens with random keys and values: what follows is as slow as after a text, and means nothing. */
    public void fillAtRandom(int tokens, long seed) {
        var random = new Random(seed);
        int size = config.numKvHeads() * config.headDim();
        var rows = new float[2 * size];
        for (int t = 0; t < tokens; t++) {
            for (int i = 0; i < rows.length; i++) {
                rows[i] = random.nextFloat() - 0.5f;
            }
            int position = cache.length();
            for (int layer = 0; layer < config.depth(); layer++) {
                cache.layer(layer).put(position, rows, 0, rows, size);
            }
            cache.extend(1);
        }
        last = null;
    }

    @Override
    public float[][] next(int[][] tokens, @Nullable Tensor images) {
        int[] fresh = row(tokens);
        check(fresh, images != null);
        if (images != null || fresh.length >= kernels.promptFrom()) {
            last = prompt(fresh, images);
        } else {
            last = step.logits(cache, fresh);
        }
        return new float[][] {logits()};
    }

    @Override
    public float[][] each(int... tokens) {
        check(row(new int[][] {tokens}), false);
        float[][] logits = step.each(cache, tokens);
        last = logits[tokens.length - 1];
        return logits;
    }

    private float[] prompt(int[] fresh, @Nullable Tensor images) {
        WarmUp loops = kernels.promptLoops();
        try (var _ = new Scope();
                var _ = new AutoGradMode(false)) {
            boolean[] isSoft = isSoft(fresh, images != null);
            Tensor x = embed(fresh, isSoft, images); // [T, D]
            Tensor soft = images == null ? null : mask(isSoft).unsqueeze(0); // [1, T]
            loops.await();
            float[] end = {};
            for (int at = 0; at < fresh.length; ) {
                int size = chunks.at(soft, at, fresh.length);
                try (var _ = new Scope()) {
                    Tensor y = prompt.forward(
                            cache, x.narrow(0, at, size), soft == null ? null : soft.narrow(1, at, size)); // [t, D]
                    at += size;
                    end = at == fresh.length ? Tensors.toFloats(y.select(0, size - 1)) : end;
                }
            }
            return step.head(end);
        }
    }

    private boolean[] isSoft(int[] ids, boolean pictures) {
        var isSoft = new boolean[ids.length];
        VisionConfig vision = kernels.config().vision();
        for (int i = 0; i < ids.length; i++) {
            isSoft[i] = pictures && vision != null && ids[i] == vision.imageToken();
        }
        return isSoft;
    }

    private static Tensor mask(boolean... values) {
        var bytes = new byte[values.length];
        for (int i = 0; i < values.length; i++) {
            bytes[i] = (byte) (values[i] ? 1 : 0);
        }
        return Tensors.of(bytes, values.length).to(ScalarType.Bool); // [T]
    }

    private Tensor embed(int[] ids, boolean[] isSoft, @Nullable Tensor images) {
        Tensor x = Tensors.of(kernels.weights().embed(ids, isSoft), ids.length, config.width()); // [T, D]
        if (images == null) {
            return x;
        }
        Tensor soft = kernels.requireVision().each(images); // [N, tokens, D]
        Tensor places = mask(isSoft); // [T]
        Gemma.requirePlaces(soft.size(0), soft.size(1), places.sum().item_long());
        return x.masked_scatter(places.unsqueeze(-1), soft.to(x.scalar_type())); // [T, D]
    }

    private void check(int[] ids, boolean pictures) {
        boolean[] isSoft = isSoft(ids, pictures);
        for (int i = 0; i < ids.length; i++) {
            if (!isSoft[i]) {
                config.requireToken(ids[i]);
            }
        }
    }

    @Override
    public Scores score(int[][] tokens) {
        int[] row = row(tokens);
        check(row, false);
        var logprobs = new double[row.length];
        var best = new boolean[row.length];
        for (int at = 0; at < row.length; ) {
            logprobs[at] = Logprobs.of(logits(), row[at]);
            best[at] = isLargest(logits(), row[at]);
            int size = row.length - at < kernels.promptFrom() ? 1 : Math.min(chunks.size(), row.length - at);
            if (size == 1) {
                last = step.logits(cache, row[at]);
            } else {
                last = score(Arrays.copyOfRange(row, at, at + size), logprobs, best, at);
            }
            at += size;
        }
        return new Scores(new double[][] {logprobs}, new boolean[][] {best});
    }

    /** Scores all but the first of some tokens; the logits after the last. */
    private float[] score(int[] fresh, double[] logprobs, boolean[] best, int at) {
        WarmUp loops = kernels.promptLoops();
        try (var _ = new Scope();
                var _ = new AutoGradMode(false)) {
            loops.await();
            Tensor y = prompt.forward(cache, embed(fresh, new boolean[fresh.length], null), null); // [t, D]
            int[] targets = Arrays.copyOfRange(fresh, 1, fresh.length);
            prompt.score(y.narrow(0, 0, targets.length), targets, logprobs, best, at + 1);
            return step.head(Tensors.toFloats(y.select(0, targets.length)));
        }
    }

    private static boolean isLargest(float[] logits, int id) {
        for (float x : logits) {
            if (x > logits[id]) {
                return false;
            }
        }
        return true;
    }

    private static int[] row(int[][] tokens) {
        if (tokens.length != 1 || tokens[0].length == 0) {
            throw new IllegalArgumentException(
                    "found %d texts%s, wanted 1 of one token or more: several at once go through GemmaDecoding"
                            .formatted(tokens.length, tokens.length == 1 ? " of no token" : ""));
        }
        return tokens[0];
    }

    private float[] logits() {
        if (last == null) {
            throw new IllegalStateException("nothing was fed yet, or what followed was forgotten: there are no logits");
        }
        return last;
    }

    /** One text cannot change places; searches over several go through {@link GemmaDecoding}. */
    @Override
    public void reorder(int... rows) {
        if (rows.length != 1 || rows[0] != 0) {
            throw new IllegalArgumentException(
                    "rows %s: there is one text; searches go through GemmaDecoding".formatted(Arrays.toString(rows)));
        }
    }

    @Override
    public boolean canRewind(int length) {
        return cache.canRewind(length);
    }

    @Override
    public boolean canTakeBack(int tokens) {
        return cache.canTakeBack(tokens);
    }

    @Override
    public void rewind(int length) {
        cache.rewind(length);
        last = null; // the logits at the new end are gone with what followed it
    }

    @Override
    public void close() {
        cache.close();
    }
}
