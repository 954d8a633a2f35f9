package dev.fovea.models.gemma;

import dev.fovea.models.gemma.DecoderConfig.Span;
import dev.fovea.models.vit.Probe;
import dev.fovea.nn.Params;
import java.util.List;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;

/**
 * The whole network. Parameters are called {@code text.*}, {@code vision.*} and {@code projector.*}; {@link GemmaNames}
 * has the names of published checkpoints.
 */
public record Gemma(
        GemmaConfig config, Decoder text, @Nullable VisionEmbedder vision) {

    public static Gemma of(Params p, GemmaConfig c) {
        return new Gemma(
                c,
                Decoder.of(p.at("text"), c.text()),
                c.vision() == null
                        ? null
                        : VisionEmbedder.of(
                                p.at("vision"),
                                p.at("projector"),
                                c.vision(),
                                c.text().width()));
    }

    /** Logits of the next token at every place; differentiable. */
    public Tensor forward(GemmaInput in) {
        return text.logits(hidden(in, Probe.NONE)); // [B, T, V]
    }

    /**
     * The stream after the final norm, meaningless at padding; differentiable.
     *
     * @param probe is shown {@code embeddings} (what enters the first layer), {@code layer_out.<i>} and, with pictures,
     *     {@code vision_last}, {@code image_features} and what the tower shows
     */
    public Tensor hidden(GemmaInput in, Probe probe) {
        Tensor x =
                embed(in.ids(), in.images() == null ? null : requireVision().forward(in.images(), probe)); // [B, T, D]
        probe.see("embeddings", x);
        Tensor columns = torch.arange(new Scalar(in.ids().size(1)), in.ids().options()); // [T]
        Tensor real = in.mask() == null ? null : in.mask().ne(new Scalar(0L)); // [B, T]
        Tensor positions = real == null
                ? columns.unsqueeze(0)
                : real.cumsum(1, new ScalarTypeOptional(ScalarType.Long))
                        .sub(new Scalar(1L))
                        .clamp_min(new Scalar(0L));
        Tensor same = in.images() == null ? null : Masks.samePicture(isSoft(in.ids())); // [B, T, T]
        boolean bothWays = config.text().bidirectional();
        Pass pass = Pass.of(
                config.text(),
                positions,
                x,
                Masks.of(columns, columns, reach(Span.LOCAL), bothWays, same, real),
                Masks.of(columns, columns, reach(Span.GLOBAL), bothWays, same, real));
        return text.forward(x, pass, List.of(), probe); // [B, T, D]
    }

    /** How near a key must be in a layer of this kind. */
    long reach(Span span) {
        return span == Span.LOCAL ? config.text().reach() : Long.MAX_VALUE;
    }

    /**
     * Token embeddings, soft tokens in the places of the placeholders.
     *
     * @param soft soft tokens of the pictures, row by row, {@code [N, tokens, D]}; null without pictures
     */
    Tensor embed(Tensor ids, @Nullable Tensor soft) { // int64 [B, T]
        if (soft == null) {
            return text.embed(ids); // [B, T, D]
        }
        Tensor places = isSoft(ids); // [B, T]
        long found = places.sum().item_long();
        requirePlaces(soft.size(0), soft.size(1), found);
        Tensor x = text.embed(ids.masked_fill(places, new Scalar(0L))); // a placeholder's id may lie outside the table
        return x.masked_scatter(places.unsqueeze(-1), soft.to(x.scalar_type())); // [B, T, D]
    }

    /**
     * The soft tokens of pictures, one picture at a time: each is thousands of tokens in the tower.
     *
     * @param images {@code [N, H, W, 3]} in [-1, 1]
     */
    Tensor features(Tensor images) {
        return requireVision().each(images); // [N, tokens, D]
    }

    /** An error where so many pictures of {@code each} tokens do not fit the places that were found. */
    static void requirePlaces(long pictures, long each, long found) {
        if (found != pictures * each) {
            throw new IllegalArgumentException("%d pictures take %d placeholders, %d each; the ids have %d"
                    .formatted(pictures, pictures * each, each, found));
        }
    }

    /** What turns pictures into soft tokens; an error for a model of text alone. */
    public VisionEmbedder requireVision() {
        return requireVision(vision);
    }

    /** A part that pictures need, null in a model of text alone. */
    static <T> T requireVision(@Nullable T part) {
        if (part == null) {
            throw new IllegalArgumentException("this model takes text alone; found pictures");
        }
        return part;
    }

    /** Where the placeholders of soft tokens are. */
    Tensor isSoft(Tensor ids) { // int64 [B, T]
        VisionConfig c = config.vision();
        if (c == null) {
            return torch.zeros_like(ids).to(ScalarType.Bool);
        }
        return ids.eq(new Scalar((long) c.imageToken())); // bool [B, T]
    }
}
