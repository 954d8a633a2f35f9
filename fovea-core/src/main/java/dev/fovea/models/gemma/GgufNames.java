package dev.fovea.models.gemma;

import static dev.fovea.checkpoint.NameMap.rule;

import dev.fovea.checkpoint.Form;
import dev.fovea.checkpoint.NameMap;
import dev.fovea.checkpoint.NameMap.Rule;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Scalar;

/**
 * What GGUF files call the parameters: those of llama.cpp, with the picture tower in a file of its own, and those of
 * Ollama, with all in one. Norms of the text and of the soft tokens are stored as 1 + w.
 */
final class GgufNames {

    /** Ours is w, theirs 1 + w. */
    private static final Form PLUS_ONE = Form.of(x -> x.sub(new Scalar(1.0)), x -> x.add(new Scalar(1.0)));

    private GgufNames() {}

    /** The decoder. */
    static NameMap text(boolean tied) {
        NameMap layers = NameMap.of(
                        rule("pre_attn_norm.weight", "attn_norm.weight", PLUS_ONE),
                        rule("attn.query.weight", "attn_q.weight"),
                        rule("attn.key.weight", "attn_k.weight"),
                        rule("attn.value.weight", "attn_v.weight"),
                        rule("attn.out.weight", "attn_output.weight"),
                        rule("attn.query_norm.weight", "attn_q_norm.weight", PLUS_ONE),
                        rule("attn.key_norm.weight", "attn_k_norm.weight", PLUS_ONE),
                        rule("post_attn_norm.weight", "post_attention_norm.weight", PLUS_ONE),
                        rule("pre_mlp_norm.weight", "ffn_norm.weight", PLUS_ONE),
                        rule("mlp.gate.weight", "ffn_gate.weight"),
                        rule("mlp.up.weight", "ffn_up.weight"),
                        rule("mlp.down.weight", "ffn_down.weight"),
                        rule("post_mlp_norm.weight", "post_ffw_norm.weight", PLUS_ONE))
                .at("text.layers.{i}.", "blk.{i}.");
        NameMap ends = NameMap.of(
                rule("text.token_embedding.weight", "token_embd.weight"),
                rule("text.norm.weight", "output_norm.weight", PLUS_ONE));
        NameMap text = layers.and(ends);
        return tied ? text : text.and(NameMap.of(rule("text.head.weight", "output.weight")));
    }

    /**
     * The picture tower and what follows it.
     *
     * @param swapped whether the file calls the first matrix of an MLP {@code ffn_down}, as early converters did
     */
    static NameMap vision(boolean swapped) {
        String first = swapped ? "ffn_down" : "ffn_up";
        String second = swapped ? "ffn_up" : "ffn_down";
        NameMap blocks = NameMap.of(Stream.of(
                                both("norm1", "ln1"),
                                both("attn.query", "attn_q"),
                                both("attn.key", "attn_k"),
                                both("attn.value", "attn_v"),
                                both("attn.out", "attn_out"),
                                both("norm2", "ln2"),
                                both("mlp.up", first),
                                both("mlp.down", second),
                                // Ollama's
                                both("norm1", "layer_norm1"),
                                both("attn.out", "attn_output"),
                                both("norm2", "layer_norm2"),
                                both("mlp.up", "mlp.fc1"),
                                both("mlp.down", "mlp.fc2"))
                        .flatMap(x -> x)
                        .toArray(Rule[]::new))
                .at("vision.encoder.blocks.{i}.", "v.blk.{i}.");
        NameMap tower = NameMap.of(Stream.of(
                        both("vision.patch_embedding", "v.patch_embd"),
                        both("vision.encoder.norm", "v.post_ln"),
                        both("vision.patch_embedding", "v.patch_embedding"),
                        both("vision.encoder.norm", "v.post_layernorm"))
                .flatMap(x -> x)
                .toArray(Rule[]::new));
        NameMap rest = NameMap.of(
                rule("vision.position_embedding", "v.position_embd.weight", Form.NO_LEADING_ONE),
                rule("vision.position_embedding", "v.position_embedding.weight", Form.NO_LEADING_ONE),
                rule("projector.norm.weight", "mm.soft_emb_norm.weight", PLUS_ONE),
                rule("projector.norm.weight", "mm.mm_soft_emb_norm.weight", PLUS_ONE),
                rule("projector.weight", "mm.input_projection.weight"),
                rule("projector.weight", "mm.mm_input_projection.weight"));
        return blocks.and(tower).and(rest);
    }

    private static Stream<Rule> both(String ours, String theirs) {
        return Stream.of("weight", "bias").map(kind -> rule(ours + "." + kind, theirs + "." + kind));
    }
}
