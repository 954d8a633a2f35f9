package dev.fovea.models.gemma;

import static java.util.Objects.requireNonNull;

import dev.fovea.generate.Logprobs;
import dev.fovea.kernel.Workers;
import dev.fovea.nn.KvBuffer;
import dev.fovea.nn.KvCache;
import dev.fovea.tensor.Scope;
import dev.fovea.tensor.Tensors;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.bytedeco.pytorch.AutoGradMode;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * One text written at the speed of memory: prompts go through libtorch, which is best at many tokens, and single tokens through the
 * products of {@link dev.fovea.kernel}, which read every weight once and little else. The first token of an answer thus comes
 * from the weights as they were loaded, the others from the format chosen here.
 */
public final class KernelDecoding implements PictureDecoding {

    /** From so many tokens on the engine is faster. */
    private static final int PROMPT = 8;

    private final Gemma model;
    private final KernelStep step;
    private final GemmaDecoding prompts;
    /** Tokens that the engine has not seen: written, or fed one by one. */
    private final List<Integer> pending = new ArrayList<>();

    private float @Nullable [] last;

    /** Ready for the first tokens; closing it leaves model, weights and workers. */
    KernelDecoding(Gemma model, KernelWeights weights, Workers workers) {
        this.model = model;
        this.prompts = new GemmaDecoding(model);
        this.step = new KernelStep(model.config().text(), weights, workers);
    }

    @Override
    public int rows() {
        return prompts.rows();
    }

    @Override
    public int length() {
        return prompts.length() + pending.size();
    }

    /** Bytes of keys and values, those that the engine keeps of prompts included. */
    public long cacheBytes() {
        return prompts.cacheBytes() + step.cacheBytes();
    }

    @Override
    public float[][] next(int[][] tokens, @Nullable Tensor images) {
        if (tokens.length != 1) {
            throw new IllegalArgumentException(
                    "found %d texts, wanted 1: several at once go through GemmaDecoding".formatted(tokens.length));
        }
        int[] fresh = tokens[0];
        if (prompts.rows() == 0 || images != null || fresh.length >= PROMPT) {
            last = prompt(fresh, images);
        } else {
            for (int id : fresh) {
                last = one(id);
            }
        }
        return new float[][] {requireNonNull(last)};
    }

    private float[] one(int id) {
        int position = length();
        float[] logits = step.logits(embedding(id), position);
        pending.add(id);
        return logits;
    }

    private float[] embedding(int id) {
        model.config().text().requireToken(id);
        try (var _ = new Scope();
                var _ = new AutoGradMode(false)) {
            return Tensors.toFloats(model.text().embed(Tensors.of(new long[] {id}, 1, 1)));
        }
    }

    private float[] prompt(int[] fresh, @Nullable Tensor images) {
        int before = prompts.length();
        int[] unseen = new int[pending.size() + fresh.length];
        for (int i = 0; i < pending.size(); i++) {
            unseen[i] = pending.get(i);
        }
        System.arraycopy(fresh, 0, unseen, pending.size(), fresh.length);
        float[] logits = prompts.next(new int[][] {unseen}, images)[0];
        pending.clear();
        copyCache(prompts.length() - before);
        return logits;
    }

    /** What the engine has kept of its last tokens. */
    private void copyCache(int count) {
        List<KvBuffer> layers = prompts.layers();
        for (int layer = 0; layer < layers.size(); layer++) {
            DecoderConfig c = model.config().text();
            boolean isLocal = c.layers().get(layer) == DecoderConfig.Span.LOCAL;
            int kept = isLocal ? Math.min(count, c.window()) : count;
            float[] keys;
            float[] values;
            try (var _ = new Scope()) {
                KvCache.Seen seen = layers.get(layer).last(kept);
                keys = Tensors.toFloats(seen.keys().transpose(1, 2)); // [1, count, K, Dh]
                values = Tensors.toFloats(seen.values().transpose(1, 2));
            }
            int size = c.numKvHeads() * c.headDim();
            for (int t = 0; t < kept; t++) {
                step.keep(layer, prompts.length() - kept + t, keys, values, t * size);
            }
        }
    }

    @Override
    public Scores score(int[][] tokens) {
        if (tokens.length != 1 || last == null) {
            throw new IllegalStateException("%d texts: wanted 1, and something fed before".formatted(tokens.length));
        }
        int[] row = tokens[0];
        var logprobs = new double[1][row.length];
        var best = new boolean[1][row.length];
        for (int i = 0; i < row.length; i++) {
            float[] logits = requireNonNull(last);
            logprobs[0][i] = Logprobs.of(logits, row[i]);
            best[0][i] = isLargest(logits, row[i]);
            last = one(row[i]);
        }
        return new Scores(logprobs, best);
    }

    private static boolean isLargest(float[] logits, int id) {
        for (float x : logits) {
            if (x > logits[id]) {
                return false;
            }
        }
        return true;
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
        if (length < 0 || length > length()) {
            return false;
        }
        boolean wrapped = length() > model.config().text().window() && length < length();
        return !wrapped && (length >= prompts.length() || prompts.canRewind(length));
    }

    @Override
    public void rewind(int length) {
        if (!canRewind(length)) {
            throw new IllegalStateException("cannot go back from %d tokens to %d".formatted(length(), length));
        }
        if (length < prompts.length()) {
            prompts.rewind(length);
            pending.clear();
        } else {
            pending.subList(length - prompts.length(), pending.size()).clear();
        }
        last = null;
    }

    @Override
    public void close() {
        prompts.close();
        step.close();
    }
}
