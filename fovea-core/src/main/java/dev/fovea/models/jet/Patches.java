package dev.fovea.models.jet;

import dev.fovea.models.vit.Size;
import org.bytedeco.pytorch.Tensor;

/** Pictures to tokens and back: patches in row-major order, each as (row, column, channel). */
public final class Patches {

    private Patches() {}

    /** Cuts pictures into patches. */
    public static Tensor cut(Tensor image, Size patch) { // [B, H, W, c]
        long h = image.size(1) / patch.height();
        long w = image.size(2) / patch.width();
        return image.reshape(image.size(0), h, patch.height(), w, patch.width(), image.size(3))
                .transpose(2, 3)
                .reshape(
                        image.size(0), h * w, (long) patch.height() * patch.width() * image.size(3)); // [B, h·w, P·P·c]
    }

    /** Puts patches together to pictures of {@code grid} times {@code patch}. */
    public static Tensor join(Tensor tokens, Size grid, Size patch) { // [B, h·w, P·P·c]
        long c = tokens.size(2) / ((long) patch.height() * patch.width());
        return tokens.reshape(tokens.size(0), grid.height(), grid.width(), patch.height(), patch.width(), c)
                .transpose(2, 3)
                .reshape(
                        tokens.size(0),
                        (long) grid.height() * patch.height(),
                        (long) grid.width() * patch.width(),
                        c); // [B, H, W, c]
    }
}
