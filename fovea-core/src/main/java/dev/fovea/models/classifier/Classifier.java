package dev.fovea.models.classifier;

import dev.fovea.checkpoint.Checkpoints;
import dev.fovea.data.ImageDataset;
import dev.fovea.data.LoadOptions;
import dev.fovea.eval.PictureEncoder;
import dev.fovea.image.Image;
import dev.fovea.image.Preprocess;
import dev.fovea.models.vit.Probe;
import dev.fovea.models.vit.Size;
import dev.fovea.models.vit.Vit;
import dev.fovea.models.vit.VitCheckpoint;
import dev.fovea.models.vit.VitExport;
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
    private final Vit model;

    private Classifier(ModelCard card, Params params, Vit model) {
        this.card = card;
        this.params = params;
        this.model = model;
    }

    /**
     * Opens a model folder of Fovea's (also the folder of a training run), a Hugging Face folder of a ViT, or a
     * big_vision {@code .npz} file.
     *
     * @throws IllegalArgumentException where a tensor is missing, left over or of another shape than the configuration's
     */
    public static Classifier open(Path path) {
        if (Files.exists(path.resolve(ModelCard.FILE))) {
            ModelCard card = ModelCard.read(path);
            return build(card, Checkpoints.own(path.resolve("model.safetensors")));
        }
        VitCheckpoint found = VitCheckpoint.read(path);
        return build(ModelCards.of(path, found.config()), found.tensors());
    }

    private static Classifier build(ModelCard card, Map<String, Tensor> tensors) {
        Params params = Params.of(tensors);
        try {
            Vit model = Vit.of(params, card.vit());
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
    public Vit model() {
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
        return model.forward(checked(pixels), Probe.NONE).preLogits(); // [B, D]
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
            return Tensors.toRows(
                    model.forward(checked(pixels(images)), Probe.NONE).logits().softmax(1)); // [B, K]
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
