package dev.fovea.models.jet;

import dev.fovea.data.ImageBatch;
import dev.fovea.image.Image;
import dev.fovea.image.Pixels;
import dev.fovea.image.Preprocess;
import dev.fovea.models.vit.Size;
import dev.fovea.tensor.Engine;
import dev.fovea.tensor.Tensors;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** Pictures to the tensors of a flow, and back. */
public final class PictureTensors {

    /** Evaluation pipelines draw nothing; this stands for that. */
    private static final long UNUSED_SEED = 0;

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

    /**
     * Decoded pictures as a model takes them.
     *
     * @param channels 3, or 1 for grey pictures: the first channel
     * @throws IllegalArgumentException where preprocessing gives another size than the model's
     */
    public static Tensor of(List<Image> images, Preprocess preprocess, Size size, int channels) {
        int values = size.height() * size.width() * 3;
        var all = new float[images.size() * values];
        for (int i = 0; i < images.size(); i++) {
            Pixels x = preprocess.apply(images.get(i), new SplittableRandom(UNUSED_SEED));
            if (x.height() != size.height() || x.width() != size.width()) {
                throw new IllegalArgumentException(
                        "preprocessing gives %dx%d, the model takes %s".formatted(x.height(), x.width(), size));
            }
            System.arraycopy(x.values(), 0, all, i * values, values);
        }
        return Engine.toDevice(
                Tensors.of(all, images.size(), size.height(), size.width(), 3).narrow(3, 0, channels)); // [B, H, W, c]
    }

    /** Pictures of 8 bits in [−1, 1] with uniform noise as wide as a step, from the engine's generator. */
    public static Tensor dequantised(Tensor image) { // [B, H, W, c]
        return image.add(torch.rand_like(image).div(new Scalar(BitsPerDim.STEPS)));
    }

    /** Half a step of 8 bits up, where dequantisation noise has its mean. */
    public static Tensor centred(Tensor image) { // [B, H, W, c]
        return image.add(new Scalar(0.5 / BitsPerDim.STEPS));
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
