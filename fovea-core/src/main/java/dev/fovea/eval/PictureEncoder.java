package dev.fovea.eval;

import dev.fovea.data.ImageBatch;
import dev.fovea.image.Image;
import dev.fovea.image.Pixels;
import dev.fovea.image.Preprocess;
import dev.fovea.tensor.Engine;
import dev.fovea.tensor.Scope;
import dev.fovea.tensor.Tensors;
import java.util.List;
import java.util.SplittableRandom;
import org.bytedeco.pytorch.AutoGradMode;
import org.bytedeco.pytorch.Tensor;

/** A network that makes a vector of a picture. */
public interface PictureEncoder extends AutoCloseable {

    /** From a decoded picture to the network's input. */
    Preprocess pipeline();

    /** One vector a picture. */
    Tensor encode(Tensor pixels); // [B, H, W, 3] to [B, D]

    /** One vector a picture: {@code [B][D]}. */
    default float[][] encode(List<Image> images) {
        if (images.isEmpty()) {
            return new float[0][];
        }
        try (var _ = new Scope();
                var _ = new AutoGradMode(false)) {
            return Tensors.toRows(encode(pixels(images)));
        }
    }

    /** The pictures of a batch, padding included, where the model lives. */
    static Tensor pixels(ImageBatch batch) { // [B, H, W, C]
        return Engine.toDevice(
                Tensors.of(batch.pixels(), batch.size(), batch.height(), batch.width(), batch.channels()));
    }

    /** Pictures as the network takes them; the pipeline must bring all to one size. */
    default Tensor pixels(List<Image> images) { // [B, H, W, 3]
        List<Pixels> all = images.stream()
                .map(image -> pipeline().apply(image, new SplittableRandom(0)))
                .toList(); // an evaluation pipeline draws nothing from its generator
        int height = all.getFirst().height();
        int width = all.getFirst().width();
        int size = all.getFirst().size();
        var batch = new float[Math.multiplyExact(images.size(), size)];
        for (int i = 0; i < all.size(); i++) {
            Pixels x = all.get(i);
            if (x.height() != height || x.width() != width) {
                throw new IllegalArgumentException(
                        "preprocessing gives [%d, %d] for one picture and [%d, %d] for another; resize or crop them"
                                .formatted(height, width, x.height(), x.width()));
            }
            System.arraycopy(x.values(), 0, batch, i * size, size);
        }
        return Engine.toDevice(Tensors.of(batch, images.size(), height, width, 3));
    }

    @Override
    void close();
}
