package dev.fovea.models.jetformer;

import dev.fovea.data.ImageBatch;
import dev.fovea.data.ImageBatches;
import dev.fovea.data.ImageDataset;
import dev.fovea.data.LoadOptions;
import dev.fovea.eval.Evaluator;
import dev.fovea.image.Preprocess;
import dev.fovea.models.jet.Jet;
import dev.fovea.models.jet.Moments;
import dev.fovea.models.jet.PictureTensors;
import dev.fovea.models.vit.Probe;
import dev.fovea.models.vit.Size;
import dev.fovea.tensor.Scope;
import java.util.LinkedHashMap;
import java.util.SequencedMap;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * Likelihoods over one split, without noise but dequantisation, each picture {@code draws} times: {@code bits} a sub-pixel
 * of pictures after their texts; where the model also learns to read, {@code nats} a token of texts after their pictures;
 * and {@code loss}, what the training loss is without noise, dropout and dropped texts.
 *
 * <p>Mean and standard deviation of all latents, and the standard deviations of the part that the decoder models and of the
 * part whose prior is a standard normal. {@code inversionError} says how well the flow undoes itself on the first batch.
 */
record JetFormerEvaluation(
        JetFormerLoss loss,
        TextSource texts,
        Vocabulary vocabulary,
        ImageDataset data,
        Preprocess preprocess,
        int batchSize,
        int draws,
        LoadOptions load)
        implements Evaluator {

    /** What is added up. */
    private static final class Sums {
        private final SequencedMap<String, Double> costs = new LinkedHashMap<>();
        private final Moments latents = new Moments();
        private final Moments soft = new Moments();
        private final Moments noise = new Moments();
        private double inversionError;
        private long pictures;

        private void add(String name, Tensor x) { // [B]
            costs.merge(name, x.sum().item_double(), Double::sum);
        }
    }

    @Override
    public SequencedMap<String, Double> evaluate() {
        var sums = new Sums();
        for (int draw = 0; draw < draws; draw++) {
            try (var batches = ImageBatches.evaluation(data, preprocess, batchSize, load)) {
                for (long step = 0; step < batches.steps(); step++) {
                    try (var _ = new Scope();
                            var _ = new NoGradGuard()) {
                        add(sums, batches.at(step));
                    }
                }
            }
        }
        var scores = new LinkedHashMap<String, Double>();
        sums.costs.forEach((name, sum) -> scores.put(name, sum / sums.pictures));
        scores.put("latentMean", sums.latents.mean());
        scores.put("latentStd", sums.latents.std());
        if (loss.model().config().noiseDims() > 0) {
            scores.put("softStd", sums.soft.std());
            scores.put("noiseStd", sums.noise.std());
        }
        if (loss.model().flow() != null) {
            scores.put("inversionError", sums.inversionError);
        }
        return scores;
    }

    private void add(Sums sums, ImageBatch batch) {
        Tensor image = PictureTensors.of(batch, loss.model().config().channels())
                .to(loss.model().image().weight().scalar_type()); // [B, H, W, c]
        Vocabulary.Ids ids = vocabulary.encode(texts.of(batch, vocabulary));
        LossDraws noise = LossDraws.evaluation(image);
        JetFormer.Encoded encoded = loss.encode(image, noise);
        JetFormerLoss.Result first = result(image, ids, encoded, noise, true);
        sums.add("bits", first.bits());
        JetFormerLoss.Result second = null;
        if (loss.config().textFirst() < 1) {
            second = result(image, ids, encoded, noise, false);
            sums.add("nats", second.nats());
        }
        sums.add("loss", loss.expected(first, second));
        sums.latents.add(encoded.latents());
        sums.soft.add(encoded.soft());
        sums.noise.add(encoded.noise());
        if (sums.pictures == 0 && loss.model().flow() != null) {
            sums.inversionError = inversionError(loss.model().flow(), encoded);
        }
        sums.pictures += batch.valid();
    }

    private JetFormerLoss.Result result(
            Tensor image, Vocabulary.Ids ids, JetFormer.Encoded encoded, LossDraws draws, boolean textFirst) {
        Tensor order = torch.ones(new long[] {image.size(0)}, ids.valid().options());
        var batch = new JetFormerLoss.Batch(
                image, ids.text(), ids.valid(), ids.valid(), textFirst ? order : order.logical_not());
        return loss.of(batch, encoded, draws, false, Probe.NONE);
    }

    private static double inversionError(Jet flow, JetFormer.Encoded encoded) {
        Size grid = flow.config().image();
        Tensor back = flow.inverse(encoded.latents().unflatten(1, grid.height(), grid.width()))
                .out()
                .flatten(1, 2);
        return back.sub(encoded.patches()).abs().max().item_double();
    }
}
