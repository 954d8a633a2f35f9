package dev.fovea.models.jet;

import dev.fovea.data.ImageBatch;
import dev.fovea.data.ImageBatches;
import dev.fovea.data.ImageDataset;
import dev.fovea.data.LoadOptions;
import dev.fovea.eval.Evaluator;
import dev.fovea.image.Preprocess;
import dev.fovea.models.vit.Probe;
import dev.fovea.tensor.Scope;
import java.util.LinkedHashMap;
import java.util.SequencedMap;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * Bits per dimension over one split, every picture {@code draws} times under fresh dequantisation noise; the mean over
 * draws is an upper bound of the discrete likelihood. The latents' mean and standard deviation say how far they are from
 * the prior's 0 and 1, and {@code inversionError} how well the flow undoes itself on the first batch.
 *
 * @param type of the flow's parameters
 */
public record JetEvaluation(
        Jet jet, ScalarType type, ImageDataset data, Preprocess preprocess, int batchSize, int draws, LoadOptions load)
        implements Evaluator {

    @Override
    public SequencedMap<String, Double> evaluate() {
        double bits = 0;
        double prior = 0;
        double logDet = 0;
        var latents = new Moments();
        double error = 0;
        long pictures = 0;
        for (int draw = 0; draw < draws; draw++) {
            try (var batches = ImageBatches.evaluation(data, preprocess, batchSize, load)) {
                for (long step = 0; step < batches.steps(); step++) {
                    try (var _ = new Scope();
                            var _ = new NoGradGuard()) {
                        ImageBatch batch = batches.at(step);
                        Tensor context = JetObjective.context(batch, jet.config(), type, false);
                        Tensor image = PictureTensors.dequantised(
                                PictureTensors.of(batch, jet.config().channels())
                                        .to(type));
                        Jet.Flow flow = jet.forward(image, context, Probe.NONE);
                        BitsPerDim parts = BitsPerDim.of(flow.out(), flow.logDet());
                        bits += parts.total().sum().item_double();
                        prior += parts.prior().sum().item_double();
                        logDet += parts.logDet().sum().item_double();
                        latents.add(flow.out());
                        pictures += batch.valid();
                        if (draw == 0 && step == 0) {
                            error = maxError(jet.inverse(flow.out(), context).out(), image);
                        }
                    }
                }
            }
        }
        var scores = new LinkedHashMap<String, Double>();
        scores.put("bits", bits / pictures);
        scores.put("nll", prior / pictures);
        scores.put("logdet", logDet / pictures);
        scores.put("latentMean", latents.mean());
        scores.put("latentStd", latents.std());
        scores.put("inversionError", error);
        return scores;
    }

    private static double maxError(Tensor a, Tensor b) {
        return a.sub(b).abs().max().item_double();
    }
}
