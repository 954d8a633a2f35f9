package dev.fovea.models.siglip;

import static java.util.Objects.requireNonNull;

import dev.fovea.checkpoint.BigVision;
import dev.fovea.checkpoint.Checkpoints;
import dev.fovea.checkpoint.Weights;
import dev.fovea.config.Configs;
import dev.fovea.data.ImageDataset;
import dev.fovea.data.LoadOptions;
import dev.fovea.eval.PictureEncoder;
import dev.fovea.image.Preprocess;
import dev.fovea.image.PreprocessorConfig;
import dev.fovea.models.vit.VitCheckpoint;
import dev.fovea.nn.Params;
import dev.fovea.tensor.Engine;
import dev.fovea.tensor.Scope;
import dev.fovea.tensor.Tensors;
import dev.fovea.text.ByteTokenizer;
import dev.fovea.text.PaddedTokenizer;
import dev.fovea.text.SiglipTokenizer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import org.bytedeco.pytorch.AutoGradMode;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/**
 * Two trained towers: pictures and texts to vectors of length one whose product says how well they agree. Safe for use by
 * one thread at a time.
 */
public final class SiglipModel implements PictureEncoder {

    private final Params params;
    private final Siglip model;
    private final Captions captions;
    private final Preprocess pipeline;

    private SiglipModel(Params params, Siglip model, PaddedTokenizer tokenizer, Preprocess pipeline) {
        this.params = params;
        this.model = model;
        this.captions = new Captions(tokenizer, null, model.config().text().maxLength());
        this.pipeline = pipeline;
    }

    /** Whether a folder or big_vision file holds two towers, and not another model. */
    public static boolean isSiglip(Path folder) {
        if (Files.isRegularFile(folder)) {
            try (Weights weights = BigVision.open(folder)) {
                return weights.tensors().containsKey("txt/Embed_0/embedding");
            }
        }
        Path card = folder.resolve(SiglipCard.FILE);
        if (Files.exists(card)) {
            return "siglip".equals(Configs.typeName("system", card, List.of()));
        }
        Path config = folder.resolve("config.json");
        return Files.exists(config)
                && new JsonMapper()
                        .readTree(config.toFile())
                        .path("model_type")
                        .asString("")
                        .equals("siglip");
    }

    /**
     * Opens the folder of a training run, a published SigLIP folder ({@code config.json}, safetensors,
     * {@code preprocessor_config.json}, {@code spiece.model} and {@code tokenizer_config.json}), or a big_vision {@code .npz}
     * file with the vocabulary's two files beside it.
     *
     * @throws IllegalArgumentException where a tensor is missing, left over or of another shape than the configuration's,
     *     or the vocabulary is larger than the text tower's
     */
    public static SiglipModel open(Path folder) {
        return Files.exists(folder.resolve(SiglipCard.FILE)) ? own(folder) : published(folder);
    }

    private static SiglipModel own(Path folder) {
        SiglipCard card = SiglipCard.read(folder);
        PaddedTokenizer tokenizer = card.bytes() ? new ByteTokenizer() : SiglipTokenizer.read(folder);
        return build(
                Checkpoints.own(folder.resolve("model.safetensors")),
                card.towers(),
                tokenizer,
                new Preprocess(card.preprocess()));
    }

    private static SiglipModel published(Path path) {
        SiglipCheckpoint found = SiglipCheckpoint.read(path);
        boolean folder = Files.isDirectory(path);
        Preprocess pipeline = folder
                ? PreprocessorConfig.read(path).preprocess()
                : VitCheckpoint.bigVisionPreprocess(found.config().vision());
        Path vocabulary = folder ? path : path.toAbsolutePath().getParent();
        return build(found.tensors(), found.config(), SiglipTokenizer.read(requireNonNull(vocabulary)), pipeline);
    }

    private static SiglipModel build(
            Map<String, Tensor> tensors, SiglipConfig config, PaddedTokenizer tokenizer, Preprocess pipeline) {
        Params params = Params.of(tensors);
        try {
            Siglip model = Siglip.of(params, config);
            params.requireNoLeftovers();
            if (tokenizer.vocabSize() > config.text().vocabSize()) {
                throw new IllegalArgumentException("the vocabulary has %d tokens, the text tower takes %d"
                        .formatted(tokenizer.vocabSize(), config.text().vocabSize()));
            }
            return new SiglipModel(params, model, tokenizer, pipeline);
        } catch (RuntimeException e) {
            params.close();
            throw e;
        }
    }

    /** The network. */
    public Siglip model() {
        return model;
    }

    /** The parameters by name. */
    public SequencedMap<String, Tensor> parameterTable() {
        return params.table();
    }

    /** Number of parameters. */
    public long parameters() {
        return params.count();
    }

    @Override
    public Preprocess pipeline() {
        return pipeline;
    }

    /** One vector of length one a picture. */
    @Override
    public Tensor encode(Tensor pixels) { // [B, H, W, 3]
        return model.embedImages(pixels); // [B, E]
    }

    /** One vector of length one a text: {@code [B][E]}. */
    public float[][] embedTexts(List<String> texts) {
        try (var _ = new Scope();
                var _ = new AutoGradMode(false)) {
            return Tensors.toRows(model.embedTexts(Engine.toDevice(captions.ids(texts))));
        }
    }

    /**
     * Retrieval on pairs of pictures and texts.
     *
     * @param textColumn which of a picture's texts; null for the usual names
     */
    public RetrievalEvaluation retrieval(
            ImageDataset pairs, @Nullable String textColumn, int batchSize, LoadOptions load) {
        var texts = new Captions(captions.tokenizer(), textColumn, captions.length());
        return new RetrievalEvaluation(model, texts, pairs, pipeline, batchSize, load);
    }

    /** Writes the towers as {@code SiglipModel} of Hugging Face transformers reads them. */
    public void saveHuggingFace(Path folder) {
        SiglipExport.huggingFace(folder, model.config(), params.table());
    }

    @Override
    public void close() {
        params.close();
    }
}
