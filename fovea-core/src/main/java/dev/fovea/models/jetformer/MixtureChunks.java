package dev.fovea.models.jetformer;

import dev.fovea.tensor.Scope;
import org.bytedeco.pytorch.BoolOptional;
import org.bytedeco.pytorch.GradMode;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/**
 * A mixture's log-density, a few components at a time, for heads whose components do not fit in memory all at once: 1,024
 * of 128 values for 256 tokens are 134 MB a tensor, of which autograd keeps ten.
 *
 * <p>The derivatives are made at once, component by component from their responsibilities, and hang on the result as a
 * linear form, so that backward needs them alone: one tensor of the head's size.
 */
final class MixtureChunks {

    /** Most entries {@code [B, T, k, d]} of a temporary tensor: 16 MiB in float32. */
    static final long LARGEST = 1 << 22;

    private MixtureChunks() {}

    /** @param largest entries of a temporary tensor, at least those of one component */
    static Tensor logProb(Mixture m, Tensor x, long largest) { // [B, T, d]
        long step = Math.max(1, largest / x.numel());
        boolean learns = GradMode.is_enabled() && (m.raw().requires_grad() || x.requires_grad());
        try (var scope = new Scope()) {
            Tensor raw = m.raw().detach();
            Tensor soft = x.detach();
            var plain = new Mixture(raw, m.numMixtures(), m.floor(), m.temperatures());
            Tensor joint; // [B, T, K]
            Tensor logProb; // [B, T]
            try (var _ = new NoGradGuard()) {
                joint = plain.logWeights().add(components(plain, soft, step));
                logProb = torch.logsumexp(joint, 2);
            }
            if (!learns) {
                return scope.keep(logProb);
            }
            Derivatives d =
                    derivatives(plain, soft, joint.sub(logProb.unsqueeze(2)).exp(), step);
            return scope.keep(logProb.add(nothing(m.raw(), d.raw)).add(nothing(x, d.soft)));
        }
    }

    private static Tensor components(Mixture m, Tensor x, long step) { // [B, T, d]
        var chunks = new TensorVector();
        Tensor parts = m.parts();
        for (long k = 0; k < m.numMixtures(); k += step) {
            try (var scope = new Scope()) {
                Tensor some = parts.narrow(2, k, Math.min(step, m.numMixtures() - k));
                chunks.push_back(scope.keep(m.logComponents(x, some)));
            }
        }
        return torch.cat(chunks, 2); // [B, T, K]
    }

    /** Of each token's log-density. */
    private record Derivatives(Tensor raw, Tensor soft) {} // [B, T, head], [B, T, d]

    /** @param share responsibilities of the components for the token */
    private static Derivatives derivatives(Mixture m, Tensor x, Tensor share, long step) { // [B, T, d], [B, T, K]
        Tensor raw = torch.empty_like(m.raw());
        Tensor soft = torch.zeros_like(x);
        raw.narrow(2, 0, m.numMixtures())
                .copy_(share.sub(m.logWeights().exp())
                        .mul(new Scalar(m.temperatures().weights())));
        Tensor parts = m.parts();
        Tensor into = new Mixture(raw, m.numMixtures(), m.floor(), m.temperatures()).parts(); // a view
        for (long k = 0; k < m.numMixtures(); k += step) {
            try (var _ = new Scope()) {
                long count = Math.min(step, m.numMixtures() - k);
                Tensor leaf = leaf(parts.narrow(2, k, count));
                Tensor token = leaf(x);
                TensorVector grads = torch.grad(
                        new TensorVector(m.logComponents(token, leaf)),
                        new TensorVector(leaf, token),
                        new TensorVector(share.narrow(2, k, count)),
                        new BoolOptional(),
                        false,
                        false);
                into.narrow(2, k, count).copy_(grads.get(0));
                soft.add_(grads.get(1));
            }
        }
        return new Derivatives(raw, soft);
    }

    private static Tensor leaf(Tensor x) {
        Tensor leaf = x.detach();
        leaf.set_requires_grad(true);
        return leaf;
    }

    /** Exactly 0 for each token, with the given derivatives by the token's values. */
    private static Tensor nothing(Tensor values, Tensor derivatives) { // [B, T, n] twice
        Tensor form = values.flatten(0, 1)
                .unsqueeze(1)
                .bmm(derivatives.flatten(0, 1).unsqueeze(2)) // [B·T, 1, 1]
                .view(values.size(0), values.size(1));
        return form.sub(form.detach());
    }
}
