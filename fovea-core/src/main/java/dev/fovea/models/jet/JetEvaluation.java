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

/**
 * Bits per dimension over one split, every picture {@code draws} times under fresh dequantisation noise; the mean over
 * draws is an upper bound of the discrete likelihood. The latents' mean and standard deviation say how far they are from
 * the prior's 0 and 1, and {@code inversionError} how well the flow undoes itself on the first batch.
 */
public record JetEvaluation(
        Jet jet, ImageDataset data, Preprocess preprocess, int batchSize, int draws, LoadOptions load)
        implements Evaluator {

    @Override
    public SequencedMap<String, Double> evaluate() {
        double bits = 0;
        double prior = 0;
        double logDet = 0;
        double sum = 0;
        double squares = 0;
        double error = 0;
        long pictures = 0;
        for (int draw = 0; draw < draws; draw++) {
            try (var batches = ImageBatches.evaluation(data, preprocess, batchSize, load)) {
                for (long step = 0; step < batches.steps(); step++) {
                    try (var _ = new Scope();
                            var _ = new NoGradGuard()) {
                        ImageBatch batch = batches.at(step);
                        Tensor context = JetObjective.context(batch, jet.config(), false);
                        Tensor image = PictureTensors.dequantised(
                                PictureTensors.of(batch, jet.config().channels()));
                        Jet.Flow flow = jet.forward(image, context, Probe.NONE);
                        BitsPerDim parts = BitsPerDim.of(flow.out(), flow.logDet());
                        bits += parts.total().sum().item_double();
                        prior += parts.prior().sum().item_double();
                        logDet += parts.logDet().sum().item_double();
                        sum += flow.out().sum().item_double();
                        squares += flow.out().square().sum().item_double();
                        pictures += batch.valid();
                        if (draw == 0 && step == 0) {
                            error = maxError(jet.inverse(flow.out(), context).out(), image);
                        }
                    }
                }
            }
        }
        double values = (double) pictures * jet.config().dimensions();
        double mean = sum / values;
        var scores = new LinkedHashMap<String, Double>();
        scores.put("bits", bits / pictures);
        scores.put("nll", prior / pictures);
        scores.put("logdet", logDet / pictures);
        scores.put("latentMean", mean);
        scores.put("latentStd", Math.sqrt(Math.max(0, squares / values - mean * mean)));
        scores.put("inversionError", error);
        return scores;
    }

    private static double maxError(Tensor a, Tensor b) {
        return a.sub(b).abs().max().item_double();
    }
}
