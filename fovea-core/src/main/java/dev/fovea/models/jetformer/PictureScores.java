package dev.fovea.models.jetformer;

import dev.fovea.models.jet.BitsPerDim;
import dev.fovea.models.vit.Probe;
import dev.fovea.tensor.Scope;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/** log p(picture | text): with texts that name classes, Bayes' rule with equal priors makes a classification of it. */
public final class PictureScores {

    private PictureScores() {}

    /**
     * The log-likelihood of each picture after each text, in nats, of values in 8-bit steps.
     *
     * @param texts int64 {@code [C, L]}
     * @param valid bool {@code [C, L]}: which tokens are input
     */
    public static Tensor of(JetFormer model, JetFormer.Encoded pictures, Tensor texts, Tensor valid) {
        double steps = Math.log(BitsPerDim.STEPS) * model.config().subPixels();
        Tensor rest = pictures.logDet().sub(new Scalar(steps)); // [B]
        if (model.config().noiseDims() > 0) {
            rest = rest.sub(BitsPerDim.gaussianNats(pictures.noise()));
        }
        Tensor soft = pictures.soft(); // [B, N, d]
        var scores = new TensorVector();
        for (long i = 0; i < texts.size(0); i++) {
            try (var scope = new Scope()) {
                Tensor text = texts.narrow(0, i, 1).expand(soft.size(0), texts.size(1)); // [B, L]
                Tensor its = valid.narrow(0, i, 1).expand(soft.size(0), texts.size(1));
                Tensor logProb = model.forward(Sequence.Input.of(text, soft, true, its), false, Probe.NONE)
                        .density()
                        .logProb(soft); // [B, N]
                scores.push_back(scope.keep(logProb.sum(1).add(rest)));
            }
        }
        return torch.stack(scores, 1); // [B, C]
    }
}
