package dev.fovea.models.siglip;

import static dev.fovea.checkpoint.NameMap.rule;

import dev.fovea.checkpoint.Form;
import dev.fovea.checkpoint.NameMap;
import dev.fovea.models.vit.VitNames;

/** What published checkpoints call the parameters of SigLIP. */
public final class SiglipNames {

    private SiglipNames() {}

    /** Hugging Face's {@code SiglipModel}. */
    public static NameMap huggingFace() {
        return NameMap.of(
                        rule("scale", "logit_scale"),
                        rule("bias", "logit_bias"),
                        rule("text.token_embedding.weight", "text_model.embeddings.token_embedding.weight"),
                        rule(
                                "text.position_embedding",
                                "text_model.embeddings.position_embedding.weight",
                                Form.NO_LEADING_ONE),
                        rule("text.encoder.norm.weight", "text_model.final_layer_norm.weight"),
                        rule("text.encoder.norm.bias", "text_model.final_layer_norm.bias"),
                        rule("text.head.weight", "text_model.head.weight"),
                        rule("text.head.bias", "text_model.head.bias"))
                .and(VitNames.siglipVision().at("vision.", "vision_model."))
                .and(VitNames.siglipBlocks().at("text.", "text_model."))
                .ignoring("text_model.embeddings.position_ids");
    }

    /** big_vision's two towers: {@code img/...}, {@code txt/...}, {@code t} and {@code b}. */
    public static NameMap bigVision(int imageHeads, int textHeads, boolean scanned) {
        return NameMap.of(
                        rule("scale", "t"),
                        rule("bias", "b"),
                        rule("text.token_embedding.weight", "txt/Embed_0/embedding"),
                        rule("text.position_embedding", "txt/pos_embedding"),
                        rule("text.head.weight", "txt/head/kernel", Form.DENSE),
                        rule("text.head.bias", "txt/head/bias"))
                .and(VitNames.bigVision(imageHeads, scanned).at("vision.", "img/"))
                .and(VitNames.bigVisionEncoder(textHeads, scanned).at("text.encoder.", "txt/Encoder_0/"));
    }
}
