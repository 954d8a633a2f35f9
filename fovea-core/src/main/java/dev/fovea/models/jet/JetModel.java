package dev.fovea.models.jet;

import dev.fovea.checkpoint.Checkpoints;
import dev.fovea.data.ImageDataset;
import dev.fovea.data.LoadOptions;
import dev.fovea.image.Filter;
import dev.fovea.image.Image;
import dev.fovea.image.Preprocess;
import dev.fovea.image.Step;
import dev.fovea.image.ValueRange;
import dev.fovea.nn.Params;
import dev.fovea.tensor.Engine;
import dev.fovea.tensor.Scope;
import dev.fovea.tensor.Tensors;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** A trained Jet: likelihoods of pictures, pictures from noise, and what lies between two. By one thread at a time. */
public final class JetModel implements AutoCloseable {

    private final JetCard card;
    private final Params params;
    private final Jet jet;
    private final ScalarType type;

    private JetModel(JetCard card, Params params, ScalarType type) {
        this.card = card;
        this.params = params;
        this.type = type;
        try {
            jet = Jet.of(params, card.model());
            params.requireNoLeftovers();
        } catch (RuntimeException e) {
            params.close();
            throw e;
        }
    }

    /** Whether a folder holds a Jet of ours. */
    public static boolean isJet(Path folder) {
        return JetCard.isThere(folder);
    }

    /** Opens a run or model folder, or a published checkpoint of big_vision, in float32. */
    public static JetModel open(Path path) {
        return open(path, false);
    }

    /** The same, and with {@code doubles} in float64: twice the memory, inversion to about 1e-14. */
    public static JetModel open(Path path, boolean doubles) {
        ScalarType type = doubles ? ScalarType.Double : ScalarType.Float;
        if (JetCard.isThere(path)) {
            JetCard card = JetCard.read(path);
            return new JetModel(card, Params.of(Checkpoints.own(path.resolve("model.safetensors"), doubles)), type);
        }
        JetCheckpoint found = JetCheckpoint.read(path);
        int side = found.config().image().height();
        List<Step> preprocess = List.of(
                new Step.ResizeSmall(side, Filter.AREA, false), new Step.CentralCrop(side, null), ValueRange.SIGNED);
        return new JetModel(
                new JetCard(found.config(), preprocess),
                Params.of(doubles ? Checkpoints.widened(found.tensors()) : found.tensors()),
                type);
    }

    /** The flow's sizes. */
    public JetConfig config() {
        return card.model();
    }

    /** The flow. */
    public Jet flow() {
        return jet;
    }

    /**
     * Bits per dimension of each picture, averaged over {@code draws} of dequantisation noise: the higher, the less the
     * picture is like those that the flow was trained on.
     */
    public double[] bits(List<Image> images, int draws, long seed) {
        requireNoContext();
        Engine.seed(seed);
        try (var _ = new Scope();
                var _ = new NoGradGuard()) {
            Tensor x = tensor(images); // [B, H, W, c]
            Tensor total = torch.zeros(new long[] {x.size(0)}, x.options()); // [B]
            for (int i = 0; i < draws; i++) {
                Jet.Flow flow = jet.forward(PictureTensors.dequantised(x));
                total = total.add(BitsPerDim.of(flow.out(), flow.logDet()).total());
            }
            return Tensors.toDoubles(total.div(new Scalar((double) draws)));
        }
    }

    /**
     * Means over a split of all that a training run measures: bits per dimension and their parts, statistics of the latents.
     * Pictures of a flow with a context are taken with their classes.
     */
    public SequencedMap<String, Double> evaluate(
            ImageDataset data, int batchSize, int draws, long seed, LoadOptions load) {
        Engine.seed(seed);
        return new JetEvaluation(jet, type, data, new Preprocess(card.preprocess()), batchSize, draws, load).evaluate();
    }

    /** Pictures from noise of the given standard deviation; 1 is the prior. The same seed gives the same pictures. */
    public List<Image> sample(int count, double temperature, long seed) {
        return JetSampler.sample(jet, count, temperature, seed);
    }

    /**
     * Pictures on the way from one to the other, both ends included: latents on the arc between theirs, which keeps the
     * length that the prior gives them.
     */
    public List<Image> interpolate(Image from, Image to, int steps) {
        if (steps < 2) {
            throw new IllegalArgumentException("steps: found %d, wanted at least 2".formatted(steps));
        }
        try (var _ = new Scope();
                var _ = new NoGradGuard()) {
            Tensor z = latents(List.of(from, to)); // [2, H, W, c]
            Tensor a = z.select(0, 0);
            Tensor b = z.select(0, 1);
            double cosine = a.mul(b).sum().item_double()
                    / (a.norm().item_double() * b.norm().item_double());
            double angle = Math.acos(Math.clamp(cosine, -1, 1));
            var between = new TensorVector();
            IntStream.range(0, steps)
                    .mapToDouble(i -> i / (steps - 1.0))
                    .forEach(t -> between.push_back(
                            a.mul(new Scalar(share(1 - t, angle))).add(b.mul(new Scalar(share(t, angle))))));
            return pictures(torch.stack(between));
        }
    }

    private static double share(double t, double angle) {
        return angle < 1e-6 ? t : Math.sin(t * angle) / Math.sin(angle);
    }

    /** Pictures as the flow sees them: preprocessed, and grey where it knows no colours. */
    public List<Image> seen(List<Image> images) {
        try (var _ = new Scope()) {
            return PictureTensors.toImages(PictureTensors.centred(tensor(images)));
        }
    }

    /** Writes a model folder that {@link #open} reads. */
    public void save(Path folder) {
        card.write(folder);
        Checkpoints.write(folder.resolve("model.safetensors"), params.table(), Map.of("format", "pt"));
    }

    @Override
    public void close() {
        params.close();
    }

    /** Latents of pictures, without noise. */
    Tensor latents(List<Image> images) { // [B, H, W, c]
        requireNoContext();
        return jet.forward(PictureTensors.centred(tensor(images))).out();
    }

    /** Pictures of latents. */
    List<Image> pictures(Tensor latents) { // [B, H, W, c]
        return PictureTensors.toImages(jet.inverse(latents).out());
    }

    private void requireNoContext() {
        if (card.model().contextWidth() > 0) {
            throw new IllegalStateException("this flow is conditioned on classes, which pictures alone do not have");
        }
    }

    private Tensor tensor(List<Image> images) {
        JetConfig c = card.model();
        return PictureTensors.of(images, new Preprocess(card.preprocess()), c.image(), c.channels())
                .to(type); // [B, H, W, c]
    }
}
