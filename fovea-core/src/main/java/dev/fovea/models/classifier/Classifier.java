package dev.fovea.models.classifier;

import dev.fovea.checkpoint.Checkpoints;
import dev.fovea.data.ImageDataset;
import dev.fovea.data.LoadOptions;
import dev.fovea.eval.PictureEncoder;
import dev.fovea.image.Image;
import dev.fovea.image.Preprocess;
import dev.fovea.models.vit.Size;
import dev.fovea.models.vit.VitCheckpoint;
import dev.fovea.models.vit.VitExport;
import dev.fovea.models.vmoe.Rerouting;
import dev.fovea.models.vmoe.Vmoe;
import dev.fovea.models.vmoe.VmoeCheckpoint;
import dev.fovea.nn.Params;
import dev.fovea.tensor.Scope;
import dev.fovea.tensor.Tensors;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.AutoGradMode;
import org.bytedeco.pytorch.Tensor;

/**
 * A trained classifier: pictures to classes, or to vectors. Safe for use by one thread at a time.
 *
 * <p>A batch is as many pictures as are given; give as many as fit in memory.
 */
public final class Classifier implements PictureEncoder {

    private final ModelCard card;
    private final Params params;
    private final Network model;

    private Classifier(ModelCard card, Params params, Network model) {
        this.card = card;
        this.params = params;
        this.model = model;
    }

    /**
     * Opens a model folder of Fovea's (also the folder of a training run), a Hugging Face folder of a ViT, a
     * big_vision {@code .npz} file, or the {@code .index} of a released V-MoE.
     *
     * @throws IllegalArgumentException where a tensor is missing, left over or of another shape than the configuration's
     */
    public static Classifier open(Path path) {
        if (Files.exists(path.resolve(ModelCard.FILE))) {
            ModelCard card = ModelCard.read(path);
            return build(card, Checkpoints.own(path.resolve("model.safetensors")));
        }
        if (VmoeCheckpoint.isOne(path)) {
            VmoeCheckpoint sparse = VmoeCheckpoint.read(path);
            return build(ModelCards.of(path, sparse.config()), sparse.tensors());
        }
        VitCheckpoint found = VitCheckpoint.read(path);
        return build(ModelCards.of(path, found.config()), found.tensors());
    }

    private static Classifier build(ModelCard card, Map<String, Tensor> tensors) {
        Params params = Params.of(tensors);
        try {
            Network model = Network.of(params, card.vit(), card.vmoe());
            params.requireNoLeftovers();
            return new Classifier(card, params, model);
        } catch (RuntimeException e) {
            params.close();
            throw e;
        }
    }

    /** The network's sizes, class names and preprocessing. */
    public ModelCard card() {
        return card;
    }

    /** The parameters by name. */
    public SequencedMap<String, Tensor> parameterTable() {
        return params.table();
    }

    /** The network. */
    public Network model() {
        return model;
    }

    /** Number of parameters. */
    public long parameters() {
        return params.count();
    }

    /** The {@code top} likeliest classes of a picture, the likeliest first. */
    public List<Prediction> predict(Image image, int top) {
        return predict(List.of(image), top).getFirst();
    }

    /** The {@code top} likeliest classes of each picture, the likeliest first. */
    public List<List<Prediction>> predict(List<Image> images, int top) {
        if (card.vit().numClasses() == 0) {
            throw new IllegalStateException("this model has no head for classes; embed() gives its vectors");
        }
        float[][] probabilities = run(images);
        var all = new ArrayList<List<Prediction>>();
        for (float[] p : probabilities) {
            all.add(IntStream.range(0, p.length)
                    .boxed()
                    .sorted(Comparator.comparingDouble((Integer k) -> -p[k]).thenComparing(k -> k))
                    .limit(top)
                    .map(k -> new Prediction(k, card.label(k), p[k]))
                    .toList());
        }
        return all;
    }

    @Override
    public Preprocess pipeline() {
        return card.pipeline();
    }

    /** The vector of each picture that the head sees. */
    @Override
    public Tensor encode(Tensor pixels) { // [B, H, W, 3]
        return model.features(checked(pixels)); // [B, D]
    }

    /**
     * The same model with its experts used otherwise; it lives as long as this one, whose parameters it has.
     *
     * @throws IllegalArgumentException for a network without experts, or a choice that its routers do not have
     */
    public Classifier with(Rerouting o) {
        return routed(vmoe -> vmoe.with(o));
    }

    /** The same where tokens meet the experts of one block by lot; see {@link Vmoe#shuffled}. */
    public Classifier shuffled(int block) {
        return routed(vmoe -> vmoe.shuffled(block));
    }

    private Classifier routed(UnaryOperator<Vmoe> otherwise) {
        if (!(model instanceof Network.Sparse(Vmoe vmoe))) {
            throw new IllegalArgumentException("this model has no experts to route otherwise");
        }
        Vmoe rerouted = otherwise.apply(vmoe);
        return new Classifier(
                ModelCard.of(card.vit(), rerouted.config(), card.labels(), card.preprocess()),
                params,
                new Network.Sparse(rerouted));
    }

    /** Scores of this model on labelled pictures, and what it said of each. */
    public ClassifierEvaluation.Result evaluate(ImageDataset data, int batchSize, LoadOptions load) {
        return new ClassifierEvaluation(model, data, card.pipeline(), batchSize, load).run();
    }

    /** Writes a model folder that {@link #open} reads. */
    public void save(Path folder) {
        card.write(folder);
        Checkpoints.write(folder.resolve("model.safetensors"), params.table(), Map.of("format", "pt"));
    }

    /** Writes the network as Hugging Face transformers reads it; see {@link VitExport}. */
    public void saveHuggingFace(Path folder) {
        if (card.moe() != null) {
            throw new IllegalArgumentException("transformers has no class for a network with experts");
        }
        VitExport.huggingFace(folder, card.vit(), params.table(), card.labels());
    }

    @Override
    public void close() {
        params.close();
    }

    private float[][] run(List<Image> images) {
        if (images.isEmpty()) {
            return new float[0][];
        }
        try (var _ = new Scope();
                var _ = new AutoGradMode(false)) {
            return Tensors.toRows(model.logits(checked(pixels(images))).softmax(1)); // [B, K]
        }
    }

    private Tensor checked(Tensor pixels) { // [B, H, W, 3]
        Size image = card.vit().image();
        if (pixels.size(1) != image.height() || pixels.size(2) != image.width()) {
            throw new IllegalArgumentException("preprocessing gives [%d, %d], the network takes [%d, %d]"
                    .formatted(pixels.size(1), pixels.size(2), image.height(), image.width()));
        }
        return pixels;
    }
}
