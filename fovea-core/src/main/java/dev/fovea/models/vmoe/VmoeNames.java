package dev.fovea.models.vmoe;

import static dev.fovea.checkpoint.NameMap.rule;

import dev.fovea.checkpoint.Form;
import dev.fovea.checkpoint.NameMap;
import dev.fovea.tensor.Tensors;

/** What the published checkpoints call the parameters. */
public final class VmoeNames {

    private VmoeNames() {}

    /**
     * The authors' tree of parameters.
     *
     * @param members of an ensemble, whose router kernels are {@code [D, M, E/M]}; 1 for none
     */
    public static NameMap published(int numHeads, int members) {
        return NameMap.of(
                        rule("patch_embedding.weight", "embedding/kernel", Form.CONV),
                        rule("patch_embedding.bias", "embedding/bias"),
                        rule("position_embedding", "Encoder/posembed_input/pos_embedding"),
                        rule("cls", "cls"),
                        rule("encoder.norm.weight", "Encoder/encoder_norm/scale"),
                        rule("encoder.norm.bias", "Encoder/encoder_norm/bias"),
                        rule("map_head.probe", "MapHead/probe"),
                        rule("map_head.norm.weight", "MapHead/LayerNorm/scale"),
                        rule("map_head.norm.bias", "MapHead/LayerNorm/bias"),
                        rule("pre_logits.weight", "pre_logits/kernel", Form.DENSE),
                        rule("pre_logits.bias", "pre_logits/bias"),
                        rule("head.weight", "head/kernel", Form.DENSE),
                        rule("head.bias", "head/bias"))
                .and(attention(numHeads).at("map_head.attn.", "MapHead/MultiHeadDotProductAttention/"))
                .and(mlp().at("map_head.mlp.", "MapHead/Mlp/"))
                .and(block(numHeads, members).at("encoder.blocks.{i}.", "Encoder/encoderblock_{i}/"));
    }

    /** The routed MLP, below {@code moe} of ours and {@code Moe} of theirs. */
    public static NameMap moe(int members) {
        return router(members)
                .at("router.", "Router/")
                .and(NameMap.of(
                        rule("experts.up.weight", "Mlp/Dense_0/kernel"),
                        rule("experts.up.bias", "Mlp/Dense_0/bias"),
                        rule("experts.down.weight", "Mlp/Dense_1/kernel"),
                        rule("experts.down.bias", "Mlp/Dense_1/bias")));
    }

    /** The router, below {@code router} of ours and {@code Router} of theirs. */
    public static NameMap router(int members) {
        return NameMap.of(
                rule("weight", "dense/kernel", members == 1 ? Form.DENSE : byMember(members)),
                rule("slots", "mu"),
                rule("scale", "scale"));
    }

    private static NameMap block(int numHeads, int members) {
        return NameMap.of(
                        rule("norm1.weight", "LayerNorm_0/scale"),
                        rule("norm1.bias", "LayerNorm_0/bias"),
                        rule("norm2.weight", "LayerNorm_1/scale"),
                        rule("norm2.bias", "LayerNorm_1/bias"))
                .and(attention(numHeads).at("attn.", "SelfAttention/"))
                .and(mlp().at("mlp.", "Mlp/"))
                .and(moe(members).at("moe.", "Moe/"));
    }

    private static NameMap attention(int numHeads) {
        return NameMap.of(
                rule("query.weight", "query/kernel", Form.headsOut(numHeads)),
                rule("query.bias", "query/bias", Form.headsBias(numHeads)),
                rule("query_norm.weight", "query_ln/scale"),
                rule("key.weight", "key/kernel", Form.headsOut(numHeads)),
                rule("key.bias", "key/bias", Form.headsBias(numHeads)),
                rule("key_norm.weight", "key_ln/scale"),
                rule("value.weight", "value/kernel", Form.headsOut(numHeads)),
                rule("value.bias", "value/bias", Form.headsBias(numHeads)),
                rule("out.weight", "out/kernel", Form.headsIn(numHeads)),
                rule("out.bias", "out/bias"));
    }

    private static NameMap mlp() {
        return NameMap.of(
                rule("up.weight", "Dense_0/kernel", Form.DENSE),
                rule("up.bias", "Dense_0/bias"),
                rule("down.weight", "Dense_1/kernel", Form.DENSE),
                rule("down.bias", "Dense_1/bias"));
    }

    private static Form byMember(int members) {
        return Form.of(
                x -> {
                    if (x.dim() != 3 || x.size(1) != members) {
                        throw new IllegalArgumentException(
                                "found %s, wanted [D, %d, E/%d]".formatted(Tensors.describe(x), members, members));
                    }
                    return x.flatten(1, 2).t();
                },
                x -> x.t().unflatten(1, members, -1));
    }
}
