package dev.fovea.bench;

import dev.fovea.checkpoint.Checkpoints;
import dev.fovea.models.gemma.DecoderConfig;
import dev.fovea.models.gemma.Gemma;
import dev.fovea.models.gemma.GemmaConfig;
import dev.fovea.models.gemma.GemmaNames;
import dev.fovea.models.gemma.GemmaNames.Spelling;
import dev.fovea.nn.Params;
import dev.fovea.tensor.Scope;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import tools.jackson.databind.json.JsonMapper;

/**
 * A full-size text model of Gemma 3 with random bfloat16 weights in the published layout, for timings and memory where the published
 * ones cannot be had: {@code RandomGemma gemma3-1b FOLDER [TOKENIZER_FOLDER]}.
 */
public final class RandomGemma {

    private static final List<String> TOKENIZER =
            List.of("tokenizer.json", "tokenizer.model", "tokenizer_config.json", "generation_config.json");

    private RandomGemma() {}

    public static void main(String[] args) throws IOException {
        if (args.length < 2) {
            throw new IllegalArgumentException("wanted a size such as gemma3-1b, a folder, and perhaps a tokenizer's");
        }
        GemmaConfig published = GemmaConfig.of(GemmaConfig.size(args[0]));
        var config = new GemmaConfig(published.text(), null);
        Path folder = Files.createDirectories(Path.of(args[1]));
        try (Params params = Params.fresh(0);
                var scope = new Scope()) {
            Gemma.of(params, config);
            var halves = new LinkedHashMap<String, Tensor>();
            params.table().forEach((name, x) -> halves.put(name, scope.keep(x.to(ScalarType.BFloat16))));
            Checkpoints.write(
                    folder.resolve("model.safetensors"),
                    GemmaNames.of(config, Spelling.TEXT).export(halves),
                    Map.of("format", "pt"));
            System.out.printf("%s: %,d parameters%n", folder, params.count());
        }
        JsonMapper.shared().writeValue(folder.resolve("config.json").toFile(), json(config.text()));
        if (args.length > 2) {
            for (String name : TOKENIZER) {
                Path file = Path.of(args[2]).resolve(name);
                if (Files.exists(file)) {
                    Files.copy(file, folder.resolve(name), StandardCopyOption.REPLACE_EXISTING);
                }
            }
        }
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
        json.put("sliding_window_pattern", 6);
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
