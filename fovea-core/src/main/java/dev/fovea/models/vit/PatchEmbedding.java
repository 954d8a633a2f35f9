package dev.fovea.models.vit;

import dev.fovea.nn.Init;
import dev.fovea.nn.Params;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * Patches that do not overlap, each mapped to a token. The weight has the layout of a convolution, as checkpoints store
 * it; the product is one matrix multiplication.
 */
public record PatchEmbedding(Tensor weight, Tensor bias) { // [D, C, Ph, Pw], [D]

    public static PatchEmbedding of(Params p, int channels, Size patch, int width) {
        return new PatchEmbedding(
                p.get("weight", Init.LECUN_NORMAL, width, channels, patch.height(), patch.width()),
                p.get("bias", Init.ZEROS, width));
    }

    public Tensor forward(Tensor image) { // [B, C, H, W], in any memory layout
        long c = weight.size(1);
        long ph = weight.size(2);
        long pw = weight.size(3);
        long b = image.size(0);
        long h = image.size(2) / ph;
        long w = image.size(3) / pw;
        Tensor patches = image.narrow(2, 0, h * ph)
                .narrow(3, 0, w * pw)
                .permute(0, 2, 3, 1) // [B, H, W, C]
                .reshape(b, h, ph, w, pw * c)
                .transpose(2, 3) // [B, h, w, Ph, Pw·C]
                .reshape(b, h * w, ph * pw * c);
        Tensor kernel = weight.permute(0, 2, 3, 1).reshape(weight.size(0), ph * pw * c); // [D, Ph·Pw·C]
        return torch.linear(patches, kernel, bias); // [B, h·w, D]
    }
}
