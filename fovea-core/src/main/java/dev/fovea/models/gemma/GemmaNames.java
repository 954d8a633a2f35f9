package dev.fovea.models.gemma;

import static dev.fovea.checkpoint.NameMap.rule;

import dev.fovea.checkpoint.NameMap;
import dev.fovea.checkpoint.NameMap.Rule;
import dev.fovea.models.vit.VitNames;
import java.util.Collection;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** What published checkpoints call the parameters, and which of their spellings a file has. */
public final class GemmaNames {

    /** Spellings in circulation. */
    public enum Spelling {
        /** Text alone: {@code model.layers.0...}. */
        TEXT("model.", "lm_head.", "", ""),
        /** The encoder, which has nothing in front: {@code layers.0...}. */
        ENCODER("", "lm_head.", "", ""),
        /** Text and pictures as published: {@code language_model.model.*}, {@code vision_tower.vision_model.*}. */
        PUBLISHED(
                "language_model.model.",
                "language_model.lm_head.",
                "vision_tower.vision_model.",
                "multi_modal_projector."),
        /** The same as transformers 5 saves it: {@code vision_tower.*}. */
        TRANSFORMERS5("language_model.model.", "language_model.lm_head.", "vision_tower.", "multi_modal_projector."),
        /** The same as transformers 5 holds it in memory: {@code model.language_model.*}, {@code model.vision_tower.*}. */
        IN_MEMORY("model.language_model.", "lm_head.", "model.vision_tower.", "model.multi_modal_projector."),
        /** The same as transformers 4.52 and later hold it. */
        IN_MEMORY_4(
                "model.language_model.",
                "lm_head.",
                "model.vision_tower.vision_model.",
                "model.multi_modal_projector.");

        private final String text;
        private final String head;
        private final String vision;
        private final String projector;

        Spelling(String text, String head, String vision, String projector) {
            this.text = text;
            this.head = head;
            this.vision = vision;
            this.projector = projector;
        }

        private boolean fits(Collection<String> names, boolean pictures) {
            return names.contains(text + "embed_tokens.weight")
                    && pictures != vision.isEmpty()
                    && (!pictures || names.contains(vision + "embeddings.patch_embedding.weight"));
        }
    }

    private GemmaNames() {}

    /** The table of the spelling that a checkpoint with these names has. */
    public static NameMap of(GemmaConfig c, Collection<String> names) {
        boolean pictures = c.vision() != null;
        Spelling spelling = Stream.of(Spelling.values())
                .filter(s -> s.fits(names, pictures))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("not a checkpoint of Gemma 3 with %s: wanted %s"
                        .formatted(
                                pictures ? "pictures" : "text alone",
                                Stream.of(Spelling.values())
                                        .filter(s -> pictures != s.vision.isEmpty())
                                        .map(s -> s.text + "embed_tokens.weight"
                                                + (pictures
                                                        ? " and " + s.vision + "embeddings.patch_embedding.weight"
                                                        : ""))
                                        .distinct()
                                        .toList())));
        return of(c, spelling);
    }

    /** The table of a spelling. A head is passed over where the embedding is the head. */
    public static NameMap of(GemmaConfig c, Spelling s) {
        NameMap text = layers().and(NameMap.of(
                        rule("token_embedding.weight", "embed_tokens.weight"), rule("norm.weight", "norm.weight")))
                .at("text.", s.text);
        NameMap head = c.text().tied()
                ? NameMap.of().ignoring(s.head + "weight")
                : NameMap.of(rule("text.head.weight", s.head + "weight"));
        if (c.vision() == null) {
            return text.and(head);
        }
        NameMap projector = NameMap.of(
                        rule("norm.weight", "mm_soft_emb_norm.weight"), rule("weight", "mm_input_projection_weight"))
                .at("projector.", s.projector);
        return text.and(head).and(tower().at("vision.", s.vision)).and(projector);
    }

    /** Every name of ours that a checkpoint must have. */
    static List<String> required(GemmaConfig c, NameMap names) {
        int visionDepth = c.vision() == null ? 0 : c.vision().vit().depth();
        return names.rules().stream()
                .map(Rule::ours)
                .flatMap(ours -> ours.contains("{i}")
                        ? IntStream.range(0, ours.startsWith("text.") ? c.text().depth() : visionDepth)
                                .mapToObj(i -> ours.replace("{i}", Integer.toString(i)))
                        : Stream.of(ours))
                .toList();
    }

    private static NameMap layers() {
        return NameMap.of(
                        rule("pre_attn_norm.weight", "input_layernorm.weight"),
                        rule("attn.query.weight", "self_attn.q_proj.weight"),
                        rule("attn.key.weight", "self_attn.k_proj.weight"),
                        rule("attn.value.weight", "self_attn.v_proj.weight"),
                        rule("attn.out.weight", "self_attn.o_proj.weight"),
                        rule("attn.query_norm.weight", "self_attn.q_norm.weight"),
                        rule("attn.key_norm.weight", "self_attn.k_norm.weight"),
                        rule("post_attn_norm.weight", "post_attention_layernorm.weight"),
                        rule("pre_mlp_norm.weight", "pre_feedforward_layernorm.weight"),
                        rule("mlp.gate.weight", "mlp.gate_proj.weight"),
                        rule("mlp.up.weight", "mlp.up_proj.weight"),
                        rule("mlp.down.weight", "mlp.down_proj.weight"),
                        rule("post_mlp_norm.weight", "post_feedforward_layernorm.weight"))
                .at("layers.{i}.", "layers.{i}.");
    }

    /** SigLIP's tower; its pooling head is in some files and never used here. */
    private static NameMap tower() {
        NameMap whole = VitNames.siglipVision();
        return new NameMap(
                whole.rules().stream()
                        .filter(rule -> !rule.ours().startsWith("map_head."))
                        .toList(),
                Stream.concat(whole.ignored().stream(), Stream.of("head.*")).toList());
    }
}
