package dev.fovea.models.jetformer;

import dev.fovea.data.Batches;
import dev.fovea.data.ImageBatch;
import dev.fovea.models.jet.PictureTensors;
import dev.fovea.models.vit.Probe;
import dev.fovea.train.Loss;
import dev.fovea.train.Objective;
import java.util.LinkedHashMap;
import java.util.Map;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * JetFormer's loss of a batch of pictures with their texts, each in an order that is drawn for it.
 *
 * @param steps micro-batches of the whole run, which the noise on pictures fades over
 */
record JetFormerObjective(JetFormerLoss loss, TextSource texts, Vocabulary vocabulary, long steps)
        implements Objective<JetFormerObjective.Step> {

    /** A batch and its number in the run. */
    record Step(long number, ImageBatch batch) {}

    /** Batches that know their number. */
    record Steps(Batches<ImageBatch> batches) implements Batches<Step> {

        @Override
        public Step at(long step) {
            return new Step(step, batches.at(step));
        }

        @Override
        public void close() {
            batches.close();
        }
    }

    @Override
    public Loss loss(Step step, boolean train) {
        JetFormerConfig c = loss.model().config();
        Tensor image = PictureTensors.of(step.batch, c.channels());
        Vocabulary.Ids ids = vocabulary.encode(texts.of(step.batch, vocabulary));
        Tensor textFirst = torch.rand(image.size(0))
                .to(image.device(), image.scalar_type())
                .lt(new Scalar(loss.config().textFirst())); // [B]
        var batch = new JetFormerLoss.Batch(image, ids.text(), ids.valid(), ids.valid(), textFirst);
        double noise = loss.config().rgbNoiseAt((double) step.number / steps);
        JetFormerLoss.Result result =
                loss.of(batch, LossDraws.training(c, loss.config(), image), noise, train, Probe.NONE);
        return new Loss(result.value(), terms(result, textFirst, noise));
    }

    /** Nats are of the texts that come second; divided by their expected number, so that a batch without one counts as well. */
    private Map<String, Tensor> terms(JetFormerLoss.Result result, Tensor textFirst, double noise) {
        var terms = new LinkedHashMap<String, Tensor>();
        terms.put("bits", result.bits().detach().mean());
        double second = 1 - loss.config().textFirst();
        if (second > 0) {
            Tensor nats = result.nats().detach();
            terms.put(
                    "nats",
                    torch.where(textFirst, torch.zeros_like(nats), nats).mean().div(new Scalar(second)));
        }
        terms.put("rgbNoise", torch.scalar_tensor(new Scalar(noise)));
        return terms;
    }
}
