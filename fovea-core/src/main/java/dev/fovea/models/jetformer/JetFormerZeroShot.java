package dev.fovea.models.jetformer;

import dev.fovea.data.ImageBatch;
import dev.fovea.data.ImageBatches;
import dev.fovea.data.ImageDataset;
import dev.fovea.data.LoadOptions;
import dev.fovea.eval.ClassificationMetrics;
import dev.fovea.eval.ZeroShot;
import dev.fovea.image.Image;
import dev.fovea.models.jet.PictureTensors;
import dev.fovea.tensor.Engine;
import dev.fovea.tensor.Scope;
import dev.fovea.tensor.Tensors;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * Classification by likelihood, without training for it (arXiv 2411.19722, scoring of captions): a picture belongs to the
 * class whose texts are likeliest after it, or whose texts make it likeliest. A class of several texts has the mean of
 * their probabilities. The dequantisation noise is the same for every picture.
 */
public final class JetFormerZeroShot {

    /** What is weighed. */
    public enum By {
        /** log p(text | picture). */
        TEXT,
        /** log p(picture | text): classes are equally likely beforehand. */
        IMAGE
    }

    private final JetFormerModel opened;
    private final By by;
    private final int numClasses;
    private final List<String> texts;
    private final int[] owners;
    private final long seed;

    private JetFormerZeroShot(
            JetFormerModel opened, By by, int numClasses, List<String> texts, int[] owners, long seed) {
        this.opened = opened;
        this.by = by;
        this.numClasses = numClasses;
        this.texts = texts;
        this.owners = owners;
        this.seed = seed;
    }

    /** What a model was trained for: texts where it reads, else pictures. */
    public static By trained(JetFormerModel model) {
        return model.reads() ? By.TEXT : By.IMAGE;
    }

    /**
     * A classifier of the given classes.
     *
     * @param classNames one entry a class; where texts are words, its names separated by commas
     * @param templates sentences with {@link ZeroShot#SLOT} in them
     * @param seed of the dequantisation noise
     * @throws IllegalArgumentException for a name that is no class of a model of classes
     */
    public static JetFormerZeroShot of(
            JetFormerModel model, By by, List<String> classNames, List<String> templates, long seed) {
        if (classNames.isEmpty() || templates.isEmpty()) {
            throw new IllegalArgumentException("%d classes and %d templates, wanted at least one of each"
                    .formatted(classNames.size(), templates.size()));
        }
        boolean words = model.vocabulary().kind() == Vocabulary.Kind.WORDS;
        var texts = new ArrayList<String>();
        var owners = new ArrayList<Integer>();
        for (int c = 0; c < classNames.size(); c++) {
            String names = classNames.get(c);
            for (String name : words ? names.split(",", -1) : new String[] {names}) {
                for (String template : templates) {
                    if (!template.contains(ZeroShot.SLOT)) {
                        throw new IllegalArgumentException(
                                "template \"%s\" has no %s".formatted(template, ZeroShot.SLOT));
                    }
                    texts.add(template.replace(ZeroShot.SLOT, name.strip()));
                    owners.add(c);
                }
            }
        }
        return new JetFormerZeroShot(
                model,
                by,
                classNames.size(),
                texts,
                owners.stream().mapToInt(Integer::intValue).toArray(),
                seed);
    }

    /** Words of the classes' texts that the model does not know; it takes them all for the same. */
    public List<String> unknownWords() {
        return texts.stream()
                .flatMap(text -> opened.vocabulary().unknown(text).stream())
                .distinct()
                .toList();
    }

    /** The log-likelihood of each class, in nats: a row a picture. */
    public double[][] scores(List<Image> images) {
        try (var _ = new Scope();
                var _ = new NoGradGuard()) {
            return scores(opened.tensor(images));
        }
    }

    /** Scores on labelled pictures; probabilities are the likelihoods of a picture's classes over their sum. */
    public ClassificationMetrics evaluate(ImageDataset data, int batchSize, LoadOptions load) {
        var metrics = new ClassificationMetrics(numClasses);
        try (var batches = ImageBatches.evaluation(data, opened.pipeline(), batchSize, load)) {
            for (long step = 0; step < batches.steps(); step++) {
                try (var _ = new Scope();
                        var _ = new NoGradGuard()) {
                    ImageBatch batch = batches.at(step);
                    double[][] scores =
                            scores(PictureTensors.of(batch, opened.config().channels()));
                    metrics.add(logits(scores), Arrays.copyOf(batch.labels(), batch.valid()));
                }
            }
        }
        return metrics;
    }

    /** Differences to the largest of a row: log-likelihoods of pictures are too large for what float32 keeps of them. */
    private static float[] logits(double[][] scores) {
        int classes = scores.length == 0 ? 0 : scores[0].length;
        var logits = new float[scores.length * classes];
        for (int i = 0; i < scores.length; i++) {
            double most = Arrays.stream(scores[i]).max().orElseThrow();
            for (int c = 0; c < classes; c++) {
                logits[i * classes + c] = (float) (scores[i][c] - most);
            }
        }
        return logits;
    }

    private double[][] scores(Tensor image) { // [B, H, W, c]
        Engine.seed(seed);
        Tensor noise = torch.rand_like(image.narrow(0, 0, 1)).expand_as(image);
        JetFormer model = opened.model();
        var draws = new LossDraws(noise, null, null, null, null, null);
        JetFormer.Encoded encoded = new JetFormerLoss(model, LossConfig.TEXT_FIRST).encode(image, draws);
        Vocabulary.Ids ids = opened.vocabulary().encode(texts);
        Tensor all = by == By.TEXT
                ? CaptionScores.of(model, encoded.soft(), ids.text(), ids.valid())
                : PictureScores.of(model, encoded, ids.text(), ids.valid());
        double[] values = Tensors.toDoubles(all); // [B, texts]
        var rows = new double[(int) image.size(0)][];
        for (int i = 0; i < rows.length; i++) {
            rows[i] = classes(Arrays.copyOfRange(values, i * owners.length, (i + 1) * owners.length));
        }
        return rows;
    }

    /** log of the mean probability of each class's texts. */
    private double[] classes(double[] scores) {
        var most = new double[numClasses];
        Arrays.fill(most, Double.NEGATIVE_INFINITY);
        for (int t = 0; t < scores.length; t++) {
            most[owners[t]] = Math.max(most[owners[t]], scores[t]);
        }
        var sums = new double[numClasses];
        var counts = new int[numClasses];
        for (int t = 0; t < scores.length; t++) {
            sums[owners[t]] += Math.exp(scores[t] - most[owners[t]]);
            counts[owners[t]]++;
        }
        for (int c = 0; c < numClasses; c++) {
            sums[c] = most[c] + Math.log(sums[c] / counts[c]);
        }
        return sums;
    }
}
