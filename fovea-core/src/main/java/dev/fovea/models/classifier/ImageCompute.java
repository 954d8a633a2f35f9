package dev.fovea.models.classifier;

import dev.fovea.data.ImageBatch;
import dev.fovea.data.ImageBatches;
import dev.fovea.data.ImageDataset;
import dev.fovea.data.LoadOptions;
import dev.fovea.eval.PictureEncoder;
import dev.fovea.eval.RankCorrelation;
import dev.fovea.image.ImageEncoder;
import dev.fovea.models.vmoe.Noise;
import dev.fovea.models.vmoe.RouterConfig.TokensChoose;
import dev.fovea.models.vmoe.Routing;
import dev.fovea.models.vmoe.TokenExperts;
import dev.fovea.models.vmoe.Vmoe;
import dev.fovea.tensor.Scope;
import dev.fovea.tensor.Tensors;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import java.util.function.ToDoubleFunction;
import org.bytedeco.pytorch.AutoGradMode;
import org.bytedeco.pytorch.Tensor;

/**
 * How a V-MoE's tokens compete over pictures: where capacity is short and the order goes by priority, some pictures get
 * more of the experts than others (arXiv 2106.05974, section 4.2).
 */
public record ImageCompute(List<Row> rows) {

    /**
     * One picture.
     *
     * @param example its number in the split
     * @param label its class
     * @param loss its cross-entropy
     * @param kept share of its tokens' choices that found a slot, over all blocks with experts; the mean over a batch is
     *     the capacity where every slot is taken
     * @param pngBytes length of the picture as PNG: how much there is to see in it
     */
    public record Row(long example, int label, double loss, double kept, int pngBytes) {}

    /**
     * Every picture of a split, in batches whose pictures compete.
     *
     * @throws IllegalArgumentException for a network whose tokens do not choose experts, or a picture without a label
     */
    public static ImageCompute of(Classifier model, ImageDataset data, int batchSize, LoadOptions load) {
        if (!(model.model() instanceof Network.Sparse(Vmoe vmoe))
                || !(vmoe.config().moe().router() instanceof TokensChoose choose)) {
            throw new IllegalArgumentException("this model has no tokens that choose experts");
        }
        var rows = new ArrayList<Row>();
        try (var batches = ImageBatches.evaluation(data, model.pipeline(), batchSize, load)) {
            for (long step = 0; step < batches.steps(); step++) {
                try (var _ = new Scope();
                        var _ = new AutoGradMode(false)) {
                    ImageBatch batch = batches.at(step);
                    Tensor real = PictureEncoder.pixels(batch).narrow(0, 0, batch.valid()); // [B, H, W, C]
                    Vmoe.Output out = vmoe.forward(real, Noise.NONE);
                    double[] logProb =
                            Tensors.toDoubles(vmoe.combined(out.logits()).log_softmax(1)); // [B, K]
                    double[] kept = kept(out.routings(), batch.valid(), choose.k());
                    for (int i = 0; i < batch.valid(); i++) {
                        int label = batch.labels()[i];
                        if (label < 0) {
                            throw new IllegalArgumentException("a picture without a label; this needs one for each");
                        }
                        long example = batch.indices()[i];
                        rows.add(new Row(
                                example,
                                label,
                                -logProb[i * (logProb.length / batch.valid()) + label],
                                kept[i],
                                ImageEncoder.png(data.get(example).image()).length));
                    }
                }
            }
        }
        return new ImageCompute(rows);
    }

    private static double[] kept(SequencedMap<Integer, List<Routing>> routings, int images, int k) {
        var kept = new double[images];
        for (List<Routing> block : routings.values()) {
            List<List<Integer>> experts = TokenExperts.of(block);
            int tokens = experts.size() / images;
            for (int t = 0; t < experts.size(); t++) {
                kept[t / tokens] += (double) experts.get(t).size() / (k * tokens * routings.size());
            }
        }
        return kept;
    }

    /** Spread of what is kept, and its rank correlation with loss and with the size of the picture as PNG. */
    public SequencedMap<String, Double> summary() {
        double[] kept = column(Row::kept);
        double mean = 0;
        double squares = 0;
        double least = Double.POSITIVE_INFINITY;
        double most = 0;
        for (double x : kept) {
            mean += x / kept.length;
            squares += x * x / kept.length;
            least = Math.min(least, x);
            most = Math.max(most, x);
        }
        var summary = new LinkedHashMap<String, Double>();
        summary.put("keptMean", mean);
        summary.put("keptStd", Math.sqrt(Math.max(0, squares - mean * mean)));
        summary.put("keptLeast", least);
        summary.put("keptMost", most);
        summary.put("spearmanLoss", RankCorrelation.spearman(kept, column(Row::loss)));
        summary.put("spearmanPngBytes", RankCorrelation.spearman(kept, column(Row::pngBytes)));
        return summary;
    }

    private double[] column(ToDoubleFunction<Row> value) {
        return rows.stream().mapToDouble(value).toArray();
    }
}
