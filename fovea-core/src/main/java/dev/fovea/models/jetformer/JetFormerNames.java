package dev.fovea.models.jetformer;

import static dev.fovea.checkpoint.NameMap.rule;

import dev.fovea.checkpoint.Form;
import dev.fovea.checkpoint.NameMap;
import dev.fovea.checkpoint.NameMap.Rule;
import dev.fovea.checkpoint.Weights;
import dev.fovea.models.jet.JetConfig;
import dev.fovea.models.jet.JetNames;
import java.util.SequencedMap;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** What big_vision calls the parameters of a JetFormer; layers are stacked along a first axis, or counted. */
public final class JetFormerNames {

    /** The flow's place in theirs and in ours. */
    private static final String FLOW = "params_adaptor/";

    private static final String OUR_FLOW = "flow.";

    /** One of several dense kernels on a leading axis. */
    private static final Form GATE = Form.of(x -> x.squeeze(0).t(), x -> x.t().unsqueeze(0));

    private JetFormerNames() {}

    /** All but the flow's orders of channels and tokens. */
    public static NameMap bigVision(JetFormerConfig c) {
        NameMap names = NameMap.of(
                        rule("token_embedding.weight", "EmbedText/embedding"),
                        rule("image_embedding.weight", "EmbedImage/kernel", Form.DENSE),
                        rule("image_embedding.bias", "EmbedImage/bias"),
                        rule("image_head.weight", "LogitsImage/kernel", Form.DENSE),
                        rule("image_head.bias", "LogitsImage/bias"),
                        rule("text_head.weight", "LogitsText/kernel", Form.DENSE),
                        rule("text_head.bias", "LogitsText/bias"),
                        rule("text_norm.weight", "TextNorm/scale"),
                        rule("image_norm.weight", "ImageNorm/scale"),
                        rule("norm.weight", "decoder/final_norm/scale"))
                .and(layer(c).at("layers.{i}.", "decoder/layers/"))
                .and(layer(c).at("layers.{i}.", "decoder/layers/{i}/"));
        JetConfig jet = c.jet();
        return jet == null ? names : names.and(JetNames.bigVision(jet).at(OUR_FLOW, FLOW));
    }

    private static NameMap layer(JetFormerConfig c) {
        return NameMap.of(
                        rule("attn_norm.weight", "pre_attention_norm/scale"),
                        rule("mlp_norm.weight", "pre_ffw_norm/scale"),
                        rule("attn.out.weight", "attn/attn_vec_einsum/w", Form.headsIn(c.numHeads())),
                        part("mlp.gate.weight", "mlp/gating_einsum", GATE, 0, 2),
                        part("mlp.up.weight", "mlp/gating_einsum", GATE, 1, 2),
                        rule("mlp.down.weight", "mlp/linear", Form.DENSE))
                .and(c.numHeads() == c.numKvHeads() ? joint(c) : grouped(c));
    }

    private static NameMap joint(JetFormerConfig c) {
        Form heads = heads(c.numHeads());
        return NameMap.of(
                part("attn.query.weight", "attn/qkv_einsum/w", heads, 0, 3),
                part("attn.key.weight", "attn/qkv_einsum/w", heads, 1, 3),
                part("attn.value.weight", "attn/qkv_einsum/w", heads, 2, 3));
    }

    private static NameMap grouped(JetFormerConfig c) {
        Form heads = heads(c.numKvHeads());
        return NameMap.of(
                rule("attn.query.weight", "attn/q_einsum/w", ofHeads(c.numHeads())),
                part("attn.key.weight", "attn/kv_einsum/w", heads, 0, 2),
                part("attn.value.weight", "attn/kv_einsum/w", heads, 1, 2));
    }

    /** {@code [H, D, Dh]} against {@code [H·Dh, D]}. */
    private static Form ofHeads(int numHeads) {
        return Form.of(x -> x.transpose(1, 2).flatten(0, 1), x -> x.unflatten(0, numHeads, -1)
                .transpose(1, 2));
    }

    /** The same with a leading axis of one. */
    private static Form heads(int numHeads) {
        Form one = ofHeads(numHeads);
        return Form.of(x -> one.toOurs(x.squeeze(0)), x -> one.toTheirs(x).unsqueeze(0));
    }

    private static Rule part(String ours, String theirs, Form form, int part, int parts) {
        return new Rule(ours, theirs, form, part, parts);
    }

    /** All parameters of a published checkpoint under our names. The tensors belong to the caller. */
    public static SequencedMap<String, Tensor> load(Weights weights, JetFormerConfig c, ScalarType type) {
        SequencedMap<String, Tensor> all = bigVision(c).load(weights, type);
        JetConfig jet = c.jet();
        if (jet != null) {
            JetNames.orders(weights, FLOW, jet).forEach((name, x) -> all.put(OUR_FLOW + name, x));
        }
        return all;
    }
}
