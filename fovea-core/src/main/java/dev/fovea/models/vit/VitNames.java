package dev.fovea.models.vit;

import static dev.fovea.checkpoint.NameMap.part;
import static dev.fovea.checkpoint.NameMap.rule;

import dev.fovea.checkpoint.Form;
import dev.fovea.checkpoint.NameMap;

/** What published checkpoints call the parameters of a Vision Transformer. */
public final class VitNames {

    private VitNames() {}

    /**
     * big_vision's tree of parameters, {@code Transformer/encoderblock_{i}/...} or, where its layers are scanned, stacked
     * under {@code Transformer/encoderblock/...}; both are read, {@code scanned} says which is written.
     */
    public static NameMap bigVision(int numHeads, boolean scanned) {
        return NameMap.of(
                        rule("patch_embedding.weight", "embedding/kernel", Form.CONV),
                        rule("patch_embedding.bias", "embedding/bias"),
                        rule("position_embedding", "pos_embedding"),
                        rule("cls", "cls"),
                        rule("map_head.probe", "MAPHead_0/probe"),
                        rule("map_head.norm.weight", "MAPHead_0/LayerNorm_0/scale"),
                        rule("map_head.norm.bias", "MAPHead_0/LayerNorm_0/bias"),
                        rule("pre_logits.weight", "pre_logits/kernel", Form.DENSE),
                        rule("pre_logits.bias", "pre_logits/bias"),
                        rule("head.weight", "head/kernel", Form.DENSE),
                        rule("head.bias", "head/bias"))
                .and(bigVisionAttention(numHeads).at("map_head.", "MAPHead_0/"))
                .and(bigVisionMlp().at("map_head.", "MAPHead_0/"))
                .and(bigVisionEncoder(numHeads, scanned).at("encoder.", "Transformer/"));
    }

    /** The encoder alone, below {@code encoder} of ours and {@code Transformer} or {@code Encoder_0} of theirs. */
    public static NameMap bigVisionEncoder(int numHeads, boolean scanned) {
        NameMap one = bigVisionBlocks(numHeads);
        NameMap stacked = bigVisionBlock(numHeads).at("blocks.{i}.", "encoderblock/");
        return bigVisionEncoderNorm().and(scanned ? stacked.and(one) : one.and(stacked));
    }

    /** The same without scanned layers, for encoders that are themselves stacked along a leading axis. */
    public static NameMap bigVisionUnscannedEncoder(int numHeads) {
        return bigVisionEncoderNorm().and(bigVisionBlocks(numHeads));
    }

    private static NameMap bigVisionEncoderNorm() {
        return NameMap.of(
                rule("norm.weight", "encoder_norm/scale"), //
                rule("norm.bias", "encoder_norm/bias"));
    }

    private static NameMap bigVisionBlocks(int numHeads) {
        return bigVisionBlock(numHeads).at("blocks.{i}.", "encoderblock_{i}/");
    }

    private static NameMap bigVisionBlock(int numHeads) {
        return NameMap.of(
                        rule("norm1.weight", "LayerNorm_0/scale"),
                        rule("norm1.bias", "LayerNorm_0/bias"),
                        rule("norm2.weight", "LayerNorm_1/scale"),
                        rule("norm2.bias", "LayerNorm_1/bias"))
                .and(bigVisionAttention(numHeads))
                .and(bigVisionMlp());
    }

    /** An attention layer, below {@code attn} of ours and {@code MultiHeadDotProductAttention_0} of theirs. */
    public static NameMap bigVisionAttention(int numHeads) {
        return NameMap.of(
                        rule("query.weight", "query/kernel", Form.headsOut(numHeads)),
                        rule("query.bias", "query/bias", Form.headsBias(numHeads)),
                        rule("key.weight", "key/kernel", Form.headsOut(numHeads)),
                        rule("key.bias", "key/bias", Form.headsBias(numHeads)),
                        rule("value.weight", "value/kernel", Form.headsOut(numHeads)),
                        rule("value.bias", "value/bias", Form.headsBias(numHeads)),
                        rule("out.weight", "out/kernel", Form.headsIn(numHeads)),
                        rule("out.bias", "out/bias"))
                .at("attn.", "MultiHeadDotProductAttention_0/");
    }

    private static NameMap bigVisionMlp() {
        return NameMap.of(
                        rule("up.weight", "Dense_0/kernel", Form.DENSE),
                        rule("up.bias", "Dense_0/bias"),
                        rule("down.weight", "Dense_1/kernel", Form.DENSE),
                        rule("down.bias", "Dense_1/bias"))
                .at("mlp.", "MlpBlock_0/");
    }

    /** Hugging Face's {@code ViTForImageClassification}; its position table has a first row for the class token. */
    public static NameMap huggingFace() {
        NameMap block = NameMap.of(
                rule("norm1.weight", "layernorm_before.weight"),
                rule("norm1.bias", "layernorm_before.bias"),
                rule("attn.query.weight", "attention.attention.query.weight"),
                rule("attn.query.bias", "attention.attention.query.bias"),
                rule("attn.key.weight", "attention.attention.key.weight"),
                rule("attn.key.bias", "attention.attention.key.bias"),
                rule("attn.value.weight", "attention.attention.value.weight"),
                rule("attn.value.bias", "attention.attention.value.bias"),
                rule("attn.out.weight", "attention.output.dense.weight"),
                rule("attn.out.bias", "attention.output.dense.bias"),
                rule("norm2.weight", "layernorm_after.weight"),
                rule("norm2.bias", "layernorm_after.bias"),
                rule("mlp.up.weight", "intermediate.dense.weight"),
                rule("mlp.up.bias", "intermediate.dense.bias"),
                rule("mlp.down.weight", "output.dense.weight"),
                rule("mlp.down.bias", "output.dense.bias"));
        return NameMap.of(
                        rule("cls", "vit.embeddings.cls_token"),
                        rule("position_embedding", "vit.embeddings.position_embeddings"),
                        rule("patch_embedding.weight", "vit.embeddings.patch_embeddings.projection.weight"),
                        rule("patch_embedding.bias", "vit.embeddings.patch_embeddings.projection.bias"),
                        rule("encoder.norm.weight", "vit.layernorm.weight"),
                        rule("encoder.norm.bias", "vit.layernorm.bias"),
                        rule("head.weight", "classifier.weight"),
                        rule("head.bias", "classifier.bias"))
                .and(block.at("encoder.blocks.{i}.", "vit.encoder.layer.{i}."))
                .ignoring("vit.pooler.*");
    }

    /** The picture tower of Hugging Face's SigLIP, with its attention pooling; {@code prefix} is {@code vision_model.}. */
    public static NameMap siglipVision() {
        return NameMap.of(
                        rule("patch_embedding.weight", "embeddings.patch_embedding.weight"),
                        rule("patch_embedding.bias", "embeddings.patch_embedding.bias"),
                        rule("position_embedding", "embeddings.position_embedding.weight", Form.NO_LEADING_ONE),
                        rule("encoder.norm.weight", "post_layernorm.weight"),
                        rule("encoder.norm.bias", "post_layernorm.bias"),
                        rule("map_head.probe", "head.probe"),
                        part("map_head.attn.query.weight", "head.attention.in_proj_weight", 0, 3),
                        part("map_head.attn.key.weight", "head.attention.in_proj_weight", 1, 3),
                        part("map_head.attn.value.weight", "head.attention.in_proj_weight", 2, 3),
                        part("map_head.attn.query.bias", "head.attention.in_proj_bias", 0, 3),
                        part("map_head.attn.key.bias", "head.attention.in_proj_bias", 1, 3),
                        part("map_head.attn.value.bias", "head.attention.in_proj_bias", 2, 3),
                        rule("map_head.attn.out.weight", "head.attention.out_proj.weight"),
                        rule("map_head.attn.out.bias", "head.attention.out_proj.bias"),
                        rule("map_head.norm.weight", "head.layernorm.weight"),
                        rule("map_head.norm.bias", "head.layernorm.bias"),
                        rule("map_head.mlp.up.weight", "head.mlp.fc1.weight"),
                        rule("map_head.mlp.up.bias", "head.mlp.fc1.bias"),
                        rule("map_head.mlp.down.weight", "head.mlp.fc2.weight"),
                        rule("map_head.mlp.down.bias", "head.mlp.fc2.bias"))
                .and(siglipBlocks())
                .ignoring("embeddings.position_ids");
    }

    /** The blocks of either tower of Hugging Face's SigLIP. */
    public static NameMap siglipBlocks() {
        return NameMap.of(
                        rule("norm1.weight", "layer_norm1.weight"),
                        rule("norm1.bias", "layer_norm1.bias"),
                        rule("attn.query.weight", "self_attn.q_proj.weight"),
                        rule("attn.query.bias", "self_attn.q_proj.bias"),
                        rule("attn.key.weight", "self_attn.k_proj.weight"),
                        rule("attn.key.bias", "self_attn.k_proj.bias"),
                        rule("attn.value.weight", "self_attn.v_proj.weight"),
                        rule("attn.value.bias", "self_attn.v_proj.bias"),
                        rule("attn.out.weight", "self_attn.out_proj.weight"),
                        rule("attn.out.bias", "self_attn.out_proj.bias"),
                        rule("norm2.weight", "layer_norm2.weight"),
                        rule("norm2.bias", "layer_norm2.bias"),
                        rule("mlp.up.weight", "mlp.fc1.weight"),
                        rule("mlp.up.bias", "mlp.fc1.bias"),
                        rule("mlp.down.weight", "mlp.fc2.weight"),
                        rule("mlp.down.bias", "mlp.fc2.bias"))
                .at("encoder.blocks.{i}.", "encoder.layers.{i}.");
    }
}
