package dev.fovea.models.gemma;

import dev.fovea.kernel.KvRows;
import dev.fovea.kernel.Workers;
import dev.fovea.models.gemma.DecoderConfig.Span;
import dev.fovea.models.gemma.KernelWeights.Layer;
import dev.fovea.nn.Rope;
import dev.fovea.tensor.Scope;
import dev.fovea.tensor.Tensors;
import org.bytedeco.pytorch.DoubleOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/**
 * Many tokens of one text through all layers: the arithmetic of {@link KernelStep} with libtorch's products of matrices, on the same
 * weights, keys and values. Everything is float32 on the CPU.
 */
final class KernelPrompt {

    /** Keys of the past that a global layer widens at a time. */
    static final int KEYS = 2048;

    private final DecoderConfig config;
    private final KernelWeights weights;
    private final Products products;

    KernelPrompt(DecoderConfig config, KernelWeights weights, Workers workers) {
        this.config = config;
        this.weights = weights;
        this.products = new Products(workers);
    }

    /**
     * The stream after the final norm; keys and values of these tokens are in the cache of their text then.
     *
     * @param soft where soft tokens of whole pictures stand among them, bool {@code [1, T]}; null for nowhere
     */
    Tensor forward(KernelCache cache, Tensor x, @Nullable Tensor soft) { // [T, D]
        long fresh = x.size(0);
        Tensor positions = range(cache.length(), fresh); // [T]
        Tensor same = soft == null ? null : Masks.samePicture(soft); // [1, T, T]
        Pass pass = Pass.of(
                config,
                positions.unsqueeze(0),
                x,
                localMask(cache, positions, same),
                Masks.of(positions, positions, Long.MAX_VALUE, false, same, null)); // of the fresh ones alone
        Tensor y = x;
        for (int i = 0; i < config.depth(); i++) {
            int layer = i;
            y = Scope.scoped(y, z -> layer(cache, layer, z, pass)); // [T, D]
        }
        cache.extend((int) fresh);
        return norm(y, weights.norm()); // [T, D]
    }

    /** Log-probabilities of the tokens that follow those of a stream, into {@code logprobs[at ..]}. */
    void score(Tensor x, int[] targets, double[] logprobs, boolean[] best, int at) { // [T, D]
        KernelScores.of(x, targets, weights.head(), config.softcap(), products, logprobs, best, at);
    }

    private @Nullable Tensor localMask(KernelCache cache, Tensor positions, @Nullable Tensor same) { // [T], [1, T, T]
        int local = config.layers().indexOf(Span.LOCAL);
        if (local < 0) {
            return null;
        }
        long first = cache.layer(local).firstSeen(cache.length());
        long past = cache.length() - first;
        Tensor keys = range(first, past + positions.size(0)); // [S]
        Tensor inPicture = same == null
                ? null
                : torch.cat(
                        new TensorVector(torch.zeros(new long[] {1, positions.size(0), past}, same.options()), same),
                        2); // [1, T, S]
        return Masks.of(positions, keys, config.window(), false, inPicture, null);
    }

    private static Tensor range(long first, long count) {
        return torch.arange(new Scalar(first), new Scalar(first + count)); // int64 [count]
    }

    private Tensor layer(KernelCache cache, int i, Tensor x, Pass pass) { // [T, D]
        Layer layer = weights.layers().get(i);
        Tensor y = attention(cache, i, layer, norm(x, layer.preAttn()), pass);
        x = x.add(norm(products.times(y, layer.out()), layer.postAttn()));
        Tensor gateUp = products.times(norm(x, layer.preMlp()), layer.gateUp()); // [T, 2F]
        y = torch.gelu(gateUp.narrow(1, 0, config.mlpDim()), "tanh")
                .mul_(gateUp.narrow(1, config.mlpDim(), config.mlpDim())); // [T, F]
        return x.add(norm(products.times(y, layer.down()), layer.postMlp())); // [T, D]
    }

    private Tensor attention(KernelCache cache, int i, Layer layer, Tensor x, Pass pass) { // [T, D]
        Span span = config.layers().get(i);
        int headDim = config.headDim();
        long queries = (long) config.numHeads() * headDim;
        long keys = (long) config.numKvHeads() * headDim;
        Tensor all = products.times(x, layer.queryKeyValue()); // [T, H·Dh + 2·K·Dh]
        Rope rope = pass.rope(span);
        Tensor q = rope.rotate(norm(heads(all.narrow(1, 0, queries)), layer.queryNorm())); // [1, H, T, Dh]
        Tensor k = rope.rotate(norm(heads(all.narrow(1, queries, keys)), layer.keyNorm())); // [1, K, T, Dh]
        Tensor v = heads(all.narrow(1, queries + keys, keys)); // [1, K, T, Dh]
        Tensor y = attend(cache, i, q.squeeze(0), k.squeeze(0), v.squeeze(0), pass.mask(span)); // [H, T, Dh]
        keep(cache, i, k, v);
        return y.transpose(0, 1).flatten(1, 2); // [T, H·Dh]
    }

    private Tensor heads(Tensor x) { // [T, N·Dh]
        return x.unflatten(1, x.size(1) / config.headDim(), config.headDim())
                .transpose(0, 1)
                .unsqueeze(0); // [1, N, T, Dh]
    }

    private Tensor attend(KernelCache cache, int i, Tensor q, Tensor k, Tensor v, @Nullable Tensor mask) {
        double scale = 1 / Math.sqrt(config.queryScalar());
        var sums = new BlockAttention(q.mul(new Scalar(scale)), config.numKvHeads()); // [H, T, Dh]
        KvRows kept = cache.layer(i);
        int first = kept.firstSeen(cache.length());
        int past = cache.length() - first;
        if (config.layers().get(i) == Span.LOCAL) {
            Kept seen = past == 0 ? null : Kept.of(kept, first, past);
            Tensor keys = seen == null ? k : torch.cat(new TensorVector(seen.keys(), k), 1); // [K, S, Dh]
            Tensor values = seen == null ? v : torch.cat(new TensorVector(seen.values(), v), 1);
            sums.add(keys, values, mask);
        } else {
            sums.add(k, v, mask);
            for (int at = 0; at < past; at += KEYS) {
                try (var _ = new Scope()) {
                    Kept seen = Kept.of(kept, first + at, Math.min(KEYS, past - at));
                    sums.add(seen.keys(), seen.values(), null);
                }
            }
        }
        return sums.result(); // [H, T, Dh]
    }

    /** Leaves in the cache what later tokens see of these, or may see when some are taken back. */
    private void keep(KernelCache cache, int i, Tensor k, Tensor v) { // [1, K, T, Dh] each
        KvRows rows = cache.layer(i);
        int fresh = (int) k.size(2);
        int first = Math.max(cache.length(), rows.firstKept(cache.length() + fresh - 1));
        int count = cache.length() + fresh - first;
        float[] keys = Tensors.toFloats(k.narrow(2, fresh - count, count).transpose(1, 2)); // [1, count, K, Dh]
        float[] values = Tensors.toFloats(v.narrow(2, fresh - count, count).transpose(1, 2));
        int size = config.numKvHeads() * config.headDim();
        for (int t = 0; t < count; t++) {
            rows.put(first + t, keys, t * size, values, t * size);
        }
    }

    private Tensor norm(Tensor x, float[] factors) { // [..., n]
        return torch.rms_norm(
                x,
                new long[] {factors.length},
                new TensorOptional(Tensors.of(factors, factors.length)),
                new DoubleOptional(config.normEps())); // [..., n]
    }
}
