package dev.fovea.models.gemma;

import dev.fovea.checkpoint.Checkpoints;
import dev.fovea.checkpoint.Weights;
import dev.fovea.models.vit.Probe;
import dev.fovea.tensor.Engine;
import dev.fovea.tensor.Scope;
import dev.fovea.tensor.Tensors;
import dev.fovea.text.HuggingFaceTokenizer;
import dev.fovea.text.Tokenizer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.bytedeco.pytorch.AutoGradMode;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * Texts to vectors of length one, by a folder of a text encoder: a Gemma 3 whose tokens see one another both ways, the
 * mean over the tokens, and the dense layers that {@code modules.json} names after it (sentence-transformers' layout; a
 * folder without that file has none). Safe for use by one thread at a time.
 */
public final class GemmaTextEmbedder implements AutoCloseable {

    private static final String ACTIVATIONS = "torch.nn.modules.";

    /** x Wᵀ + b, and a tanh where the folder asks for it. */
    private record Dense(Tensor weight, @Nullable Tensor bias, boolean tanh) { // [out, in], [out]

        Tensor forward(Tensor x) { // [B, in]
            Tensor y = bias == null ? torch.linear(x, weight) : torch.linear(x, weight, bias); // [B, out]
            return tanh ? y.tanh() : y;
        }
    }

    private final GemmaCheckpoint checkpoint;
    private final Tokenizer tokenizer;
    private final List<Dense> layers;
    private final int[] before;
    private final int[] after;

    private GemmaTextEmbedder(
            GemmaCheckpoint checkpoint, Tokenizer tokenizer, List<Dense> layers, int[] before, int[] after) {
        this.checkpoint = checkpoint;
        this.tokenizer = tokenizer;
        this.layers = layers;
        this.before = before;
        this.after = after;
    }

    /**
     * Opens a folder.
     *
     * @throws IllegalArgumentException for a model that is no text encoder, or a module that is not known
     */
    public static GemmaTextEmbedder open(Path folder) {
        JsonNode tokens = JsonFile.orEmpty(folder.resolve("tokenizer_config.json"));
        GemmaDefaults defaults = GemmaDefaults.read(folder);
        Tokenizer tokenizer = GemmaModel.tokenizer(folder);
        List<Dense> layers = layers(folder);
        GemmaCheckpoint checkpoint = GemmaCheckpoint.read(folder, ScalarType.Float);
        if (!checkpoint.model().config().text().bidirectional()) {
            checkpoint.close();
            throw new IllegalArgumentException(
                    "%s: this Gemma writes texts; wanted one with use_bidirectional_attention".formatted(folder));
        }
        int[] before = tokens.path("add_bos_token").asBoolean(true) ? new int[] {defaults.bosToken()} : new int[0];
        int[] after = tokens.path("add_eos_token").asBoolean(false)
                ? new int[] {tokenizer.encode(tokens.path("eos_token").asString("<eos>"))[0]}
                : new int[0];
        return new GemmaTextEmbedder(checkpoint, tokenizer, layers, before, after);
    }

    /** The vector of a text, of length one. */
    public float[] embed(String text) {
        int[] ids = Stream.of(before, tokenizer.encode(text), after)
                .flatMapToInt(IntStream::of)
                .map(checkpoint.model().config().text()::requireToken)
                .toArray();
        try (var _ = new Scope();
                var _ = new AutoGradMode(false)) {
            var input = GemmaInput.of(Engine.toDevice(Tensors.of(ids, 1, ids.length)));
            Tensor x = GemmaEncoder.meanPooled(checkpoint.model(), input, Probe.NONE); // [1, D]
            for (Dense layer : layers) {
                x = layer.forward(x);
            }
            return Tensors.toFloats(GemmaEncoder.unit(x));
        }
    }

    @Override
    public void close() {
        checkpoint.close();
        layers.forEach(layer -> {
            layer.weight.close();
            if (layer.bias != null) {
                layer.bias.close();
            }
        });
        if (tokenizer instanceof HuggingFaceTokenizer library) {
            library.close();
        }
    }

    private static List<Dense> layers(Path folder) {
        Path modules = folder.resolve("modules.json");
        var layers = new ArrayList<Dense>();
        for (JsonNode module : JsonFile.orEmpty(modules)) {
            String type = module.path("type").asString("");
            Path its = folder.resolve(module.path("path").asString(""));
            switch (type.substring(type.lastIndexOf('.') + 1)) {
                case "Transformer", "Normalize" -> {} // the network itself; the length is one in any case
                case "Pooling" -> requireMean(its.resolve("config.json"));
                case "Dense" -> layers.add(dense(its));
                default ->
                    throw new IllegalArgumentException(
                            "%s: module %s, wanted Transformer, Pooling, Dense and Normalize".formatted(modules, type));
            }
        }
        return layers;
    }

    private static void requireMean(Path file) {
        JsonFile.orEmpty(file).forEachEntry((key, value) -> {
            if (key.startsWith("pooling_mode_") && value.asBoolean(false) != key.equals("pooling_mode_mean_tokens")) {
                throw new IllegalArgumentException(
                        "%s: %s is %s, wanted the mean over the tokens".formatted(file, key, value));
            }
        });
    }

    private static Dense dense(Path folder) {
        Path file = folder.resolve("config.json");
        String activation =
                JsonFile.orEmpty(file).path("activation_function").asString(ACTIVATIONS + "linear.Identity");
        boolean tanh = activation.equals(ACTIVATIONS + "activation.Tanh");
        if (!tanh && !activation.equals(ACTIVATIONS + "linear.Identity")) {
            throw new IllegalArgumentException("%s: activation_function %s, wanted Identity or Tanh of torch.nn.modules"
                    .formatted(file, activation));
        }
        try (Weights weights = Checkpoints.open(folder);
                var scope = new Scope()) {
            Tensor weight = float32(weights, "linear.weight");
            Tensor bias = weights.tensors().containsKey("linear.bias") ? float32(weights, "linear.bias") : null;
            return new Dense(scope.release(weight), bias == null ? null : scope.release(bias), tanh);
        }
    }

    private static Tensor float32(Weights weights, String name) {
        return Engine.toDevice(Checkpoints.tensor(weights.tensor(name)).to(ScalarType.Float));
    }
}
