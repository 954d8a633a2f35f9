package dev.fovea.models.inception;

import dev.fovea.checkpoint.Checkpoints;
import dev.fovea.checkpoint.Weights;
import dev.fovea.eval.PictureEncoder;
import dev.fovea.image.Preprocess;
import dev.fovea.image.ValueRange;
import dev.fovea.nn.Params;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import org.bytedeco.pytorch.DoubleOptional;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/**
 * The Inception-v3 of the published Fréchet inception distance: TensorFlow's network of 2015-12-05 with 1,008 classes, in the layout
 * and with the names of its PyTorch port (pt_inception-2015-12-05). Averages leave out the padding, and the last block
 * takes a maximum where the paper has an average, as the released network does. Pictures are resized to 299 pixels by
 * bilinear interpolation without antialiasing, and their features are the 2,048 averages before the classes.
 */
public final class Inception implements PictureEncoder {

    /** Side of the pictures that the network sees. */
    static final int SIDE = 299;

    private static final String FIRST = "Conv2d_1a_3x3.conv.weight";
    private static final int CLASSES = 1008;

    private final Params params;
    private final List<Layer> layers;

    private Inception(Params params, List<Layer> layers) {
        this.params = params;
        this.layers = layers;
    }

    /** Whether a file holds such a network: safetensors, or what {@code torch.save} wrote of its state. */
    public static boolean isInception(Path path) {
        String name = String.valueOf(path.getFileName());
        if (!Files.isRegularFile(path) || !name.matches(".*\\.(safetensors|pth|pt)")) {
            return false;
        }
        try (Weights weights = Checkpoints.open(path, FIRST::equals)) {
            return !weights.tensors().isEmpty();
        }
    }

    /**
     * Opens the network.
     *
     * @throws IllegalArgumentException where a tensor is missing or of another shape, or the file holds an Inception of other
     *     classes: its features would give another distance
     */
    public static Inception open(Path path) {
        SequencedMap<String, Tensor> tensors = Checkpoints.own(path);
        Params params = Params.of(tensors);
        try {
            Tensor classes = tensors.get("fc.weight");
            if (classes != null && classes.size(0) != CLASSES) {
                throw new IllegalArgumentException(
                        "%s: an Inception of %d classes; the distance is defined by that of %d (pt_inception-2015-12-05)"
                                .formatted(path, classes.size(0), CLASSES));
            }
            return new Inception(params, Layer.all(new Units(path, Map.copyOf(tensors), "")));
        } catch (RuntimeException e) {
            params.close();
            throw e;
        }
    }

    @Override
    public Preprocess pipeline() {
        return Preprocess.of(ValueRange.SIGNED);
    }

    @Override
    public Tensor encode(Tensor pixels) { // [B, H, W, 3], -1 to 1, to [B, 2048]
        Tensor x = torch.upsample_bilinear2d(
                pixels.permute(0, 3, 1, 2).contiguous(),
                new long[] {SIDE, SIDE},
                false,
                new DoubleOptional(),
                new DoubleOptional()); // [B, 3, 299, 299]
        for (Layer layer : layers) {
            x = layer.forward(x); // [B, C, H, W]
        }
        return x.mean(2, 3);
    }

    @Override
    public void close() {
        params.close();
    }

    static Tensor largest(Tensor x, int stride, int padding) { // [B, C, H, W]
        return torch.max_pool2d(
                x,
                new long[] {3, 3},
                new long[] {stride, stride},
                new long[] {padding, padding},
                new long[] {1, 1},
                false);
    }

    /** Over 3×3 places, of which those outside the picture do not count. */
    static Tensor average(Tensor x) { // [B, C, H, W]
        return torch.avg_pool2d(
                x, new long[] {3, 3}, new long[] {1, 1}, new long[] {1, 1}, false, false, new LongOptional());
    }

    static Tensor beside(Tensor... branches) { // [B, C, H, W]
        return torch.cat(new TensorVector(branches), 1);
    }
}
