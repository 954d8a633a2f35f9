package dev.fovea.models.jetformer;

import dev.fovea.models.vit.Probe;
import dev.fovea.tensor.Scope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/** log p(text | picture): among texts that name classes, the likeliest is a classification without training for it. */
public final class CaptionScores {

    private CaptionScores() {}

    /**
     * The log-likelihood of each text after each picture, in nats.
     *
     * @param texts int64 {@code [C, L]}
     * @param valid bool {@code [C, L]}: which tokens are input and scored
     */
    public static Tensor of(JetFormer model, Tensor soft, Tensor texts, Tensor valid) { // [B, N, d]
        var scores = new TensorVector();
        for (long i = 0; i < texts.size(0); i++) {
            try (var scope = new Scope()) {
                Tensor text = texts.narrow(0, i, 1).expand(soft.size(0), texts.size(1)); // [B, L]
                Tensor its = valid.narrow(0, i, 1).expand(soft.size(0), texts.size(1));
                JetFormer.Output out = model.forward(Sequence.Input.of(text, soft, false, its), false, Probe.NONE);
                Tensor logProb = out.textLogits()
                        .log_softmax(2)
                        .gather(2, text.unsqueeze(2))
                        .squeeze(2); // [B, L]
                scores.push_back(
                        scope.keep(logProb.mul(its.to(logProb.scalar_type())).sum(1)));
            }
        }
        return torch.stack(scores, 1); // [B, C]
    }
}
