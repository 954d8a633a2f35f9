package dev.fovea.models.jetformer;

import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;

/**
 * Text and picture as one sequence of vectors, in either order by row.
 *
 * @param mask which element may see which
 * @param valid which elements are no padding
 */
public record Sequence(Tensor x, Tensor mask, Tensor valid) { // [B, T, D], bool [B, T, T], bool [B, T]

    /**
     * What goes into a sequence.
     *
     * @param textValid which text tokens are no padding
     * @param textFirst which rows have the text first
     * @param drop which of those have their text replaced by the id for no label; null for none
     */
    public record Input(
            Tensor text,
            Tensor soft,
            Tensor textFirst,
            Tensor textValid,
            @Nullable Tensor drop) { // int64 [B, L], [B, N, d], bool [B], bool [B, L], bool [B]

        /** All of one order, nothing dropped. */
        public static Input of(Tensor text, Tensor soft, boolean textFirst, Tensor textValid) {
            Tensor order = torch.full(new long[] {text.size(0)}, new Scalar(textFirst ? 1 : 0), textValid.options());
            return new Input(text, soft, order, textValid, null);
        }
    }

    /** @param shifted without the last element, so that each output predicts the next element */
    static Sequence of(JetFormer model, Input in, boolean shifted) {
        JetFormerConfig c = model.config();
        long rows = in.text.size(0);
        Tensor text = embedRepeated(model, in.text); // [B, R·L, D]
        Tensor textValid = in.textValid.repeat(1, c.vocabRepeats()); // bool [B, R·L]
        if (in.drop != null) {
            Tensor dropped = in.drop.logical_and(in.textFirst).unsqueeze(1); // [B, 1]
            Tensor nolabel = embedRepeated(model, torch.full_like(in.text, new Scalar(c.nolabelId())));
            text = torch.where(dropped.unsqueeze(2), nolabel, text);
            textValid = textValid.logical_or(dropped);
        }
        Tensor picture = model.image().forward(in.soft); // [B, N, D]
        Tensor pictureValid = torch.ones(new long[] {rows, picture.size(1)}, textValid.options());
        Tensor bos = model.special(c.bosId(), rows); // [B, 1, D]
        Tensor one = torch.ones(new long[] {rows, 1}, textValid.options());
        Integer boiId = c.boiId();
        Tensor first = in.textFirst.unsqueeze(1); // [B, 1]
        Tensor x;
        Tensor valid;
        if (boiId == null) {
            x = either(first, cat(bos, text, picture), cat(bos, picture, text));
            valid = torch.where(first, cat(one, textValid, pictureValid), cat(one, pictureValid, textValid));
        } else {
            Tensor boi = model.special(boiId, rows);
            x = either(first, cat(bos, text, boi, picture), cat(boi, picture, bos, text));
            valid = torch.where(first, cat(one, textValid, one, pictureValid), cat(one, pictureValid, one, textValid));
        }
        if (shifted) {
            x = x.narrow(1, 0, x.size(1) - 1);
            valid = valid.narrow(1, 0, valid.size(1) - 1);
        }
        Tensor mask = mask(x.size(1), valid, c.causalPrefix() ? null : prefix(first, text, picture, x.size(1)));
        return new Sequence(x, mask, valid);
    }

    /** Where each element stands among those that are no padding. */
    Tensor positions() {
        return positions(valid); // [B, T]
    }

    static Tensor positions(Tensor valid) { // bool [B, T]
        return valid.to(ScalarType.Long).cumsum(1).sub(new Scalar(1L)); // [B, T]
    }

    /** The text embedded with each of the tables, one after another. */
    private static Tensor embedRepeated(JetFormer model, Tensor text) { // [B, L]
        JetFormerConfig c = model.config();
        if (c.vocabRepeats() == 1) {
            return model.text().forward(text);
        }
        var all = new TensorVector();
        for (int r = 0; r < c.vocabRepeats(); r++) {
            all.push_back(text.add(new Scalar((long) r * c.vocabSize())));
        }
        return model.text().forward(torch.cat(all, 1)); // [B, R·L, D]
    }

    private static Tensor mask(long length, Tensor valid, @Nullable Tensor prefix) { // [B, T], [B, T]
        Tensor seen =
                torch.ones(new long[] {length, length}, valid.options()).tril().unsqueeze(0); // [1, T, T]
        if (prefix != null) {
            seen = seen.logical_or(prefix.unsqueeze(1));
        }
        return seen.logical_and(valid.unsqueeze(1)); // [B, T, T]
    }

    /** The first part and what begins it. */
    private static Tensor prefix(Tensor first, Tensor text, Tensor picture, long length) { // [B, 1]
        Tensor places = torch.arange(new Scalar(length), first.options().dtype(new ScalarTypeOptional(ScalarType.Long)))
                .unsqueeze(0); // [1, T]
        return torch.where(
                first, places.le(new Scalar(text.size(1))), places.le(new Scalar(picture.size(1)))); // [B, T]
    }

    private static Tensor either(Tensor first, Tensor a, Tensor b) { // [B, 1], [B, T, D]
        return torch.where(first.unsqueeze(2), a, b);
    }

    private static Tensor cat(Tensor... parts) {
        return torch.cat(new TensorVector(parts), 1);
    }
}
