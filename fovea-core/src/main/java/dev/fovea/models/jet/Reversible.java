package dev.fovea.models.jet;

import dev.fovea.models.jet.Coupling.Step;
import dev.fovea.tensor.Scope;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import org.bytedeco.pytorch.BoolOptional;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/**
 * Bits per dimension whose backward pass keeps no activations but those of one coupling: each coupling's input is
 * computed again from its output by the inverse (arXiv 1707.04585). The gradients are made at once and hang on the result
 * as a linear form of the parameters, so that {@code backward()} on it, also scaled, adds them where they belong.
 */
final class Reversible {

    private final Jet jet;
    private final List<List<Tensor>> params = new ArrayList<>();

    /**
     * @param table the parameters of {@code jet} by name
     * @param prefix where they lie in the table, such as {@code flow.}, or empty
     */
    Reversible(Jet jet, SequencedMap<String, Tensor> table, String prefix) {
        this.jet = jet;
        for (int i = 0; i < jet.couplings().size(); i++) {
            String name = prefix + "couplings." + i + ".";
            params.add(table.entrySet().stream()
                    .filter(e -> e.getKey().startsWith(name) && e.getValue().requires_grad())
                    .map(Map.Entry::getValue)
                    .toList());
        }
    }

    /** Bits per dimension, averaged over the pictures, and its parts. */
    record Bits(Tensor mean, BitsPerDim parts) {}

    Bits bits(Tensor image, @Nullable Tensor context) { // [B, H, W, c], [B, L, F]
        Tensor x; // [B, N, C]
        Tensor logDet; // [B]
        try (var _ = new NoGradGuard()) {
            x = jet.cut(image);
            logDet = torch.zeros(new long[] {x.size(0)}, x.options());
            for (Coupling coupling : jet.couplings()) {
                Step step = Jet.run(coupling, x, context, false);
                x = step.x();
                logDet = logDet.add(step.logDet());
            }
        }
        Tensor z = x.detach();
        z.set_requires_grad(true);
        logDet = logDet.detach();
        logDet.set_requires_grad(true);
        BitsPerDim bits = BitsPerDim.of(z, logDet);
        Tensor loss = bits.total().mean();
        TensorVector grads = torch.grad(new TensorVector(loss), new TensorVector(z, logDet));
        return new Bits(
                backwards(loss.detach(), z.detach(), grads.get(0), grads.get(1), context),
                new BitsPerDim(bits.prior().detach(), bits.logDet().detach()));
    }

    private Tensor backwards(Tensor value, Tensor x, Tensor gradX, Tensor gradLogDet, @Nullable Tensor context) {
        for (int i = jet.couplings().size() - 1; i >= 0; i--) {
            Coupling coupling = jet.couplings().get(i);
            try (var scope = new Scope()) {
                Tensor before;
                try (var _ = new NoGradGuard()) {
                    before = Jet.run(coupling, x, context, true).x();
                }
                Tensor leaf = before.detach();
                leaf.set_requires_grad(true);
                Step step = coupling.forward(leaf, context);
                var inputs = new TensorVector(leaf);
                params.get(i).forEach(inputs::push_back);
                TensorVector grads = torch.grad(
                        new TensorVector(step.x(), step.logDet()),
                        inputs,
                        new TensorVector(gradX, gradLogDet),
                        new BoolOptional(),
                        false,
                        true);
                for (int k = 0; k < params.get(i).size(); k++) {
                    Tensor p = params.get(i).get(k);
                    Tensor g = grads.get(k + 1);
                    if (g.defined()) {
                        value = value.add(p.sub(p.detach()).mul(g).sum());
                    }
                }
                value = scope.keep(value);
                x = scope.keep(before);
                gradX = scope.keep(grads.get(0).detach()); // the entry itself lies in the vector
            }
        }
        return value;
    }
}
