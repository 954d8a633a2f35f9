package dev.fovea.models.jet;

import dev.fovea.data.ImageBatch;
import dev.fovea.image.Image;
import dev.fovea.tensor.Engine;
import dev.fovea.tensor.Tensors;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** Pictures to the tensors of a flow, and back. */
public final class PictureTensors {

    private PictureTensors() {}

    /**
     * The pictures of a batch, without its padding.
     *
     * @param channels 3, or 1 for grey pictures: the first channel
     */
    public static Tensor of(ImageBatch batch, int channels) {
        Tensor all = Tensors.of(
                batch.pixels(), batch.size(), batch.height(), batch.width(), batch.channels()); // [B, H, W, 3]
        return Engine.toDevice(all.narrow(0, 0, batch.valid()).narrow(3, 0, channels)); // [B, H, W, c]
    }

    /** Pictures of 8 bits in [−1, 1] with uniform noise as wide as a step, from the engine's generator. */
    public static Tensor dequantised(Tensor image) { // [B, H, W, c]
        return image.add(torch.rand_like(image).div(new Scalar(BitsPerDim.STEPS)));
    }

    /** Pictures of 8 bits: what dequantisation made them of, cut to the range. */
    public static List<Image> toImages(Tensor x) { // [B, H, W, c]
        int height = (int) x.size(1);
        int width = (int) x.size(2);
        int channels = (int) x.size(3);
        float[] values = Tensors.toFloats(x);
        var images = new ArrayList<Image>();
        int area = height * width;
        for (int b = 0; b < x.size(0); b++) {
            var rgb = new byte[area * 3];
            for (int i = 0; i < rgb.length; i++) {
                int from = (b * area + i / 3) * channels + Math.min(i % 3, channels - 1);
                rgb[i] = (byte) Math.clamp((long) Math.floor((values[from] + 1) * BitsPerDim.STEPS), 0, 255);
            }
            images.add(new Image(height, width, rgb));
        }
        return images;
    }
}
