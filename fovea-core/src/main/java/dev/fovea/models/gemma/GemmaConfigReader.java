package dev.fovea.models.gemma;

import dev.fovea.models.gemma.DecoderConfig.Rotation;
import dev.fovea.models.gemma.DecoderConfig.Span;
import dev.fovea.models.vit.Size;
import dev.fovea.models.vit.VitCheckpoint;
import dev.fovea.models.vit.VitConfig;
import dev.fovea.models.vit.VitConfig.Pool;
import dev.fovea.models.vit.VitConfig.Positions;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** Hugging Face's {@code config.json} to {@link GemmaConfig}; defaults are those of transformers' classes. */
final class GemmaConfigReader {

    private static final List<String> LINEAR = List.of("linear");
    private static final List<String> TYPES = List.of("default", "linear");

    private final String name;

    private GemmaConfigReader(String name) {
        this.name = name;
    }

    static GemmaConfig read(Path file) {
        var reader = new GemmaConfigReader(file.toString());
        try {
            return reader.read(JsonFile.read(file));
        } catch (IllegalArgumentException e) {
            String message = String.valueOf(e.getMessage());
            throw message.startsWith(reader.name)
                    ? e
                    : new IllegalArgumentException("%s: %s".formatted(file, message), e);
        }
    }

    private GemmaConfig read(JsonNode json) {
        String type = json.path("model_type").asString("");
        return switch (type) {
            case "gemma3_text" -> new GemmaConfig(decoder(json, json, true), null);
            case "gemma3" -> {
                // transformers' class of both modalities does not apply final_logit_softcapping
                DecoderConfig text = decoder(json.path("text_config"), json, false);
                yield new GemmaConfig(text, vision(json));
            }
            default ->
                throw new IllegalArgumentException(
                        "%s: model_type %s: wanted gemma3 or gemma3_text".formatted(name, type));
        };
    }

    private DecoderConfig decoder(JsonNode c, JsonNode whole, boolean softcap) {
        String activation = text(c, "hidden_activation", "gelu_pytorch_tanh");
        if (!activation.equals("gelu_pytorch_tanh")) {
            throw bad("hidden_activation", activation, "gelu_pytorch_tanh");
        }
        if (c.path("attention_bias").asBoolean(false)) {
            throw bad("attention_bias", "true", "false: Gemma 3 has no biases");
        }
        return new DecoderConfig(
                integer(c, "vocab_size", 262_208),
                integer(c, "hidden_size", 2304),
                integer(c, "intermediate_size", 9216),
                integer(c, "num_attention_heads", 8),
                integer(c, "num_key_value_heads", 4),
                integer(c, "head_dim", 256),
                number(c, "query_pre_attn_scalar", 256),
                number(c, "rms_norm_eps", 1e-6),
                integer(c, "sliding_window", 4096),
                layers(c),
                rotation(c, "sliding_attention", "rope_local_base_freq", GemmaConfig.LOCAL_THETA),
                rotation(c, "full_attention", "rope_theta", GemmaConfig.GLOBAL_THETA),
                softcap && isSet(c, "final_logit_softcapping") ? number(c, "final_logit_softcapping", 0) : null,
                whole.path("tie_word_embeddings")
                        .asBoolean(c.path("tie_word_embeddings").asBoolean(true)),
                c.path("use_bidirectional_attention").asBoolean(false),
                integer(c, "max_position_embeddings", 131_072));
    }

    private List<Span> layers(JsonNode c) {
        int depth = integer(c, "num_hidden_layers", 26);
        if (!isSet(c, "layer_types")) {
            int period =
                    integer(c, "sliding_window_pattern", integer(c, "_sliding_window_pattern", GemmaConfig.PERIOD));
            return DecoderConfig.pattern(depth, period);
        }
        List<Span> layers = c.path("layer_types")
                .valueStream()
                .map(x -> switch (x.asString("")) {
                    case "sliding_attention" -> Span.LOCAL;
                    case "full_attention" -> Span.GLOBAL;
                    default -> throw bad("layer_types", x.toString(), "sliding_attention or full_attention");
                })
                .toList();
        if (layers.size() != depth) {
            throw new IllegalArgumentException(
                    "%s: layer_types names %d layers, num_hidden_layers is %d".formatted(name, layers.size(), depth));
        }
        return layers;
    }

    /** {@code rope_parameters} by kind of layer (transformers 5), or θ under its own key and {@code rope_scaling}. */
    private Rotation rotation(JsonNode c, String layer, String key, double theta) {
        if (isSet(c, "rope_parameters") && isSet(c.path("rope_parameters"), layer)) {
            JsonNode rope = c.path("rope_parameters").path(layer);
            boolean linear = choice(rope, TYPES).equals("linear");
            return new Rotation(number(rope, "rope_theta", theta), linear ? number(rope, "factor", 1) : 1);
        }
        double base = number(c, key, theta);
        if (!layer.equals("full_attention") || !isSet(c, "rope_scaling")) {
            return new Rotation(base, 1);
        }
        JsonNode scaling = c.path("rope_scaling");
        choice(scaling, LINEAR);
        if (!isSet(scaling, "factor")) {
            throw bad("rope_scaling.factor", "nothing", "a number");
        }
        return new Rotation(base, number(scaling, "factor", 1));
    }

    /** {@code rope_type}, or {@code type} in older files. */
    private String choice(JsonNode rope, List<String> wanted) {
        String type = text(rope, "rope_type", text(rope, "type", "default"));
        if (!TYPES.contains(type)) {
            throw bad("rope_type", type, String.join(" or ", wanted));
        }
        return type;
    }

    private VisionConfig vision(JsonNode json) {
        JsonNode v = json.path("vision_config");
        var vit = new VitConfig(
                Size.of(integer(v, "image_size", 224)),
                Size.of(integer(v, "patch_size", 16)),
                integer(v, "hidden_size", 768),
                integer(v, "num_hidden_layers", 12),
                integer(v, "intermediate_size", 3072),
                integer(v, "num_attention_heads", 12),
                Positions.LEARN,
                Pool.NONE,
                0,
                0,
                number(v, "layer_norm_eps", 1e-6),
                VitCheckpoint.gelu(text(v, "hidden_act", "gelu_pytorch_tanh")),
                null);
        return new VisionConfig(
                vit,
                integer(json, "mm_tokens_per_image", 256),
                integer(json, isSet(json, "image_token_id") ? "image_token_id" : "image_token_index", 262_144),
                integer(json, "boi_token_index", 255_999),
                integer(json, "eoi_token_index", 256_000));
    }

    private static boolean isSet(JsonNode c, String key) {
        return !c.path(key).isMissingNode() && !c.path(key).isNull();
    }

    private int integer(JsonNode c, String key, int otherwise) {
        JsonNode x = c.path(key);
        if (!isSet(c, key)) {
            return otherwise;
        }
        if (!x.isNumber() || x.asDouble() != Math.rint(x.asDouble()) || Math.abs(x.asDouble()) > Integer.MAX_VALUE) {
            throw bad(key, x.toString(), "a whole number");
        }
        return (int) x.asDouble();
    }

    private double number(JsonNode c, String key, double otherwise) {
        JsonNode x = c.path(key);
        if (!isSet(c, key)) {
            return otherwise;
        }
        if (!x.isNumber()) {
            throw bad(key, x.toString(), "a number");
        }
        return x.asDouble();
    }

    private String text(JsonNode c, String key, String otherwise) {
        @Nullable JsonNode x = isSet(c, key) ? c.path(key) : null;
        if (x == null) {
            return otherwise;
        }
        if (!x.isString()) {
            throw bad(key, x.toString(), "a text");
        }
        return x.asString();
    }

    private IllegalArgumentException bad(String key, String found, String wanted) {
        return new IllegalArgumentException("%s: %s is %s, wanted %s".formatted(name, key, found, wanted));
    }
}
