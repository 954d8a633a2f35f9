package dev.fovea.models.jetformer;

import dev.fovea.data.ImageBatch;
import dev.fovea.data.ImageBatches;
import dev.fovea.data.ImageDataset;
import dev.fovea.data.LoadOptions;
import dev.fovea.eval.Evaluator;
import dev.fovea.image.Preprocess;
import dev.fovea.models.jet.PictureTensors;
import dev.fovea.models.vit.Probe;
import dev.fovea.tensor.Scope;
import java.util.LinkedHashMap;
import java.util.Objects;
import java.util.SequencedMap;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * Likelihoods over one split, without noise but dequantisation: {@code bits} a sub-pixel of pictures after their texts,
 * and where the model also learns to read, {@code nats} a token of texts after their pictures.
 */
record JetFormerEvaluation(
        JetFormerLoss loss,
        TextSource texts,
        Vocabulary vocabulary,
        ImageDataset data,
        Preprocess preprocess,
        int batchSize,
        LoadOptions load)
        implements Evaluator {

    @Override
    public SequencedMap<String, Double> evaluate() {
        boolean reads = loss.config().textFirst() < 1;
        var sums = new LinkedHashMap<String, Double>();
        long pictures = 0;
        try (var batches = ImageBatches.evaluation(data, preprocess, batchSize, load)) {
            for (long step = 0; step < batches.steps(); step++) {
                try (var _ = new Scope();
                        var _ = new NoGradGuard()) {
                    ImageBatch batch = batches.at(step);
                    add(sums, "bits", "nll_image_suffix", batch, true);
                    if (reads) {
                        add(sums, "nats", "nll_text_suffix", batch, false);
                    }
                    pictures += batch.valid();
                }
            }
        }
        var scores = new LinkedHashMap<String, Double>();
        for (var sum : sums.entrySet()) {
            scores.put(sum.getKey(), sum.getValue() / pictures);
        }
        return scores;
    }

    private void add(
            SequencedMap<String, Double> sums, String name, String metric, ImageBatch batch, boolean textFirst) {
        Tensor image = PictureTensors.of(batch, loss.model().config().channels());
        Vocabulary.Ids ids = vocabulary.encode(texts.of(batch, vocabulary));
        Tensor order = torch.ones(new long[] {image.size(0)}, ids.valid().options());
        var its = new JetFormerLoss.Batch(
                image, ids.text(), ids.valid(), ids.valid(), textFirst ? order : order.logical_not());
        Tensor mean = Objects.requireNonNull(loss.of(its, LossDraws.evaluation(image), 0, false, Probe.NONE)
                .metrics()
                .get(metric));
        sums.merge(name, mean.item_double() * batch.valid(), Double::sum);
    }
}
