package dev.fovea.models.jetformer;

import dev.fovea.data.ImageDataset;
import dev.fovea.data.LoadOptions;
import dev.fovea.image.Image;
import dev.fovea.models.vit.Probe;
import dev.fovea.tensor.Engine;
import dev.fovea.tensor.Scope;
import dev.fovea.tensor.Tensors;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.SequencedMap;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/**
 * How likely pictures and texts are under a JetFormer. Every picture gets the same dequantisation noise, so that its answer
 * does not depend on the others.
 *
 * @param draws of that noise, averaged: the mean is an upper bound of what an 8-bit picture costs
 * @param seed of that noise
 */
public record JetFormerLikelihood(JetFormerModel opened, int draws, long seed) {

    /**
     * What a picture and its text cost.
     *
     * @param bits a sub-pixel of the picture after its text
     * @param nats a token of the text after its picture; null where the model was not trained to read
     * @param tokens of the text, its end included
     * @param loss the training loss in expectation over the orders, without noise; null where no run says what it was
     */
    public record Cost(
            double bits,
            @Nullable Double nats,
            int tokens,
            @Nullable Double loss) {}

    public JetFormerLikelihood {
        if (draws < 1) {
            throw new IllegalArgumentException("draws: found %d, wanted at least 1".formatted(draws));
        }
    }

    /** Bits a sub-pixel of each picture without a text: the model's own idea of all pictures. */
    public double[] bits(List<Image> images) {
        requireDrops();
        try (var _ = new Scope();
                var _ = new NoGradGuard()) {
            Vocabulary.Ids ids = opened.vocabulary().encode(Collections.nCopies(images.size(), anyText()));
            Tensor image = opened.tensor(images); // [B, H, W, c]
            // A draw of 0 is at most the probability of dropping, whatever that is: every text is dropped.
            Tensor drop = torch.zeros(new long[] {image.size(0)}, image.options());
            Tensor sum = torch.zeros(new long[] {image.size(0)}, image.options());
            Engine.seed(seed);
            for (int i = 0; i < draws; i++) {
                var noise = new LossDraws(noise(image), null, null, null, null, drop);
                sum = sum.add(result(image, ids, noise, true).bits());
            }
            return Tensors.toDoubles(sum.div(new Scalar((double) draws)));
        }
    }

    /** What each picture costs with the text beside it. */
    public List<Cost> of(List<Image> images, List<String> texts) {
        try (var _ = new Scope();
                var _ = new NoGradGuard()) {
            Vocabulary.Ids ids = opened.vocabulary().encode(texts);
            Tensor image = opened.tensor(images); // [B, H, W, c]
            JetFormerTrainingConfig run = opened.run();
            var bits = new double[images.size()];
            var nats = new double[images.size()];
            var loss = new double[images.size()];
            Engine.seed(seed);
            for (int i = 0; i < draws; i++) {
                var noise = new LossDraws(noise(image), null, null, null, null, null);
                JetFormerLoss.Result first = result(image, ids, noise, true);
                JetFormerLoss.Result second = opened.reads() ? result(image, ids, noise, false) : null;
                add(bits, first.bits());
                if (second != null) {
                    add(nats, second.nats());
                }
                if (run != null) {
                    add(loss, loss(run.loss()).expected(first, second));
                }
            }
            long[] valid = Tensors.toLongs(ids.valid());
            var costs = new ArrayList<Cost>();
            for (int i = 0; i < images.size(); i++) {
                int length = valid.length / images.size();
                int tokens = 0;
                for (int k = 0; k < length; k++) {
                    tokens += (int) valid[i * length + k];
                }
                costs.add(new Cost(
                        bits[i] / draws,
                        opened.reads() ? nats[i] / draws : null,
                        tokens,
                        run == null ? null : loss[i] / draws));
            }
            return costs;
        }
    }

    /**
     * Means over a split, of all that a training run measures.
     *
     * @param textColumn which text goes with a picture, where texts are words; null for the run's own
     */
    public SequencedMap<String, Double> evaluate(
            ImageDataset data, @Nullable String textColumn, int batchSize, LoadOptions load) {
        JetFormerTrainingConfig run = opened.run();
        if (run == null) {
            throw new IllegalStateException("no run says how this model was trained; a run folder has config.yaml");
        }
        Engine.seed(seed);
        return new JetFormerEvaluation(
                        loss(run.loss()),
                        new TextSource(opened.vocabulary().kind(), textColumn == null ? run.textColumn() : textColumn),
                        opened.vocabulary(),
                        data,
                        opened.pipeline(),
                        batchSize,
                        draws,
                        load)
                .evaluate();
    }

    /** A model that always saw a text has no idea of pictures without one. */
    private void requireDrops() {
        JetFormerTrainingConfig run = opened.run();
        if (run != null && run.loss().labelDrop() == 0) {
            throw new IllegalArgumentException(
                    "loss.labelDrop 0: this model always saw a text; name the one of these pictures");
        }
    }

    private String anyText() {
        return opened.vocabulary().entries().getFirst();
    }

    private JetFormerLoss loss(LossConfig config) {
        return new JetFormerLoss(opened.model(), config.clean());
    }

    private JetFormerLoss.Result result(Tensor image, Vocabulary.Ids ids, LossDraws draws, boolean textFirst) {
        Tensor order = torch.ones(new long[] {image.size(0)}, ids.valid().options());
        var batch = new JetFormerLoss.Batch(
                image, ids.text(), ids.valid(), ids.valid(), textFirst ? order : order.logical_not());
        var loss = new JetFormerLoss(opened.model(), LossConfig.TEXT_FIRST);
        return loss.of(batch, draws, 0, false, Probe.NONE);
    }

    private static Tensor noise(Tensor image) { // [B, H, W, c]
        return torch.rand_like(image.narrow(0, 0, 1)).expand_as(image);
    }

    private static void add(double[] sums, Tensor x) { // [B]
        double[] values = Tensors.toDoubles(x);
        for (int i = 0; i < sums.length; i++) {
            sums[i] += values[i];
        }
    }
}
