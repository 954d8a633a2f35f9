package dev.fovea.bench;

import static java.util.Objects.requireNonNull;

import dev.fovea.checkpoint.Checkpoints;
import dev.fovea.models.gemma.DecoderConfig;
import dev.fovea.models.gemma.DecoderConfig.Span;
import dev.fovea.models.gemma.GemmaConfig;
import dev.fovea.models.gemma.GemmaNames;
import dev.fovea.models.gemma.GemmaNames.Spelling;
import dev.fovea.models.gemma.VisionConfig;
import dev.fovea.models.vit.VitConfig;
import dev.fovea.nn.Params;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/** Gemma 3 folders in the published layout, of weights that are made here. */
final class GemmaFolder {

    private static final List<String> TOKENIZER = List.of(
            "tokenizer.json",
            "tokenizer.model",
            "tokenizer_config.json",
            "generation_config.json",
            "chat_template.jinja");

    private static final long SHARD = 5_000_000_000L;

    private GemmaFolder() {}

    /** Weights, configuration and, where there is one, the tokenizer of another folder. */
    static void write(Path folder, GemmaConfig config, Params params, @Nullable Path tokenizer) throws IOException {
        Spelling spelling = config.vision() == null ? Spelling.TEXT : Spelling.PUBLISHED;
        Checkpoints.writeSharded(
                folder, GemmaNames.of(config, spelling).export(params.table()), Map.of("format", "pt"), SHARD);
        write(folder.resolve("config.json"), config.vision() == null ? json(config.text()) : json(config));
        if (config.vision() != null) {
            write(folder.resolve("preprocessor_config.json"), pictures(config.vision()));
        }
        for (String name : tokenizer == null ? List.<String>of() : TOKENIZER) {
            Path file = requireNonNull(tokenizer).resolve(name);
            if (Files.exists(file)) {
                Files.copy(file, folder.resolve(name), StandardCopyOption.REPLACE_EXISTING);
            }
        }
    }

    private static void write(Path file, Map<String, Object> json) {
        JsonMapper.shared().writeValue(file.toFile(), json);
    }

    private static Map<String, Object> json(GemmaConfig c) {
        VisionConfig vision = requireNonNull(c.vision());
        VitConfig vit = vision.vit();
        return Map.of(
                "architectures",
                List.of("Gemma3ForConditionalGeneration"),
                "model_type",
                "gemma3",
                "boi_token_index",
                vision.startToken(),
                "eoi_token_index",
                vision.endToken(),
                "image_token_index",
                vision.imageToken(),
                "mm_tokens_per_image",
                vision.numTokens(),
                "text_config",
                json(c.text()),
                "torch_dtype",
                "bfloat16",
                "vision_config",
                Map.of(
                        "model_type", "siglip_vision_model",
                        "hidden_size", vit.width(),
                        "image_size", vit.image().height(),
                        "patch_size", vit.patch().height(),
                        "intermediate_size", vit.mlpDim(),
                        "num_attention_heads", vit.numHeads(),
                        "num_hidden_layers", vit.depth(),
                        "vision_use_head", false));
    }

    private static Map<String, Object> pictures(VisionConfig c) {
        return Map.of(
                "image_processor_type",
                "Gemma3ImageProcessor",
                "do_resize",
                true,
                "do_rescale",
                true,
                "do_normalize",
                true,
                "rescale_factor",
                1 / 255.0,
                "image_mean",
                List.of(0.5, 0.5, 0.5),
                "image_std",
                List.of(0.5, 0.5, 0.5),
                "image_seq_length",
                c.numTokens(),
                "resample",
                2,
                "size",
                Map.of(
                        "height", c.vit().image().height(),
                        "width", c.vit().image().width()));
    }

    private static Map<String, Object> json(DecoderConfig c) {
        var json = new LinkedHashMap<String, Object>();
        json.put("architectures", List.of("Gemma3ForCausalLM"));
        json.put("model_type", "gemma3_text");
        json.put("vocab_size", c.vocabSize());
        json.put("hidden_size", c.width());
        json.put("intermediate_size", c.mlpDim());
        json.put("num_hidden_layers", c.depth());
        json.put("num_attention_heads", c.numHeads());
        json.put("num_key_value_heads", c.numKvHeads());
        json.put("head_dim", c.headDim());
        json.put("query_pre_attn_scalar", Math.round(c.queryScalar()));
        json.put("rms_norm_eps", c.normEps());
        json.put("sliding_window", c.window());
        json.put("sliding_window_pattern", c.layers().indexOf(Span.GLOBAL) + 1);
        json.put("rope_theta", c.global().theta());
        json.put("rope_local_base_freq", c.local().theta());
        json.put("rope_scaling", null);
        if (c.global().divisor() != 1) {
            json.put(
                    "rope_scaling",
                    Map.of("rope_type", "linear", "factor", c.global().divisor()));
        }
        json.put("max_position_embeddings", c.contextLength());
        json.put("hidden_activation", "gelu_pytorch_tanh");
        json.put("torch_dtype", "bfloat16");
        return json;
    }
}
