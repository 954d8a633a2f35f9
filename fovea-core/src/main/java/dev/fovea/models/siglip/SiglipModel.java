package dev.fovea.models.siglip;

import dev.fovea.checkpoint.Checkpoints;
import dev.fovea.checkpoint.Weights;
import dev.fovea.config.Configs;
import dev.fovea.data.ImageDataset;
import dev.fovea.data.LoadOptions;
import dev.fovea.eval.PictureEncoder;
import dev.fovea.image.Preprocess;
import dev.fovea.image.PreprocessorConfig;
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
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
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

    /** Whether a folder holds two towers, and not another model. */
    public static boolean isSiglip(Path folder) {
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
     * Opens the folder of a training run or a published SigLIP folder: {@code config.json}, safetensors,
     * {@code preprocessor_config.json}, {@code spiece.model} and {@code tokenizer_config.json}.
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

    private static SiglipModel published(Path folder) {
        JsonNode config =
                new JsonMapper().readTree(folder.resolve("config.json").toFile());
        try (Weights weights = Checkpoints.open(folder)) {
            return build(
                    SiglipNames.huggingFace().load(weights, ScalarType.Float),
                    SiglipConfig.ofHuggingFace(config),
                    SiglipTokenizer.read(folder),
                    PreprocessorConfig.read(folder).preprocess());
        }
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
