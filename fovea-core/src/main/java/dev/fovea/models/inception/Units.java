package dev.fovea.models.inception;

import dev.fovea.nn.Conv2d;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;

/** The convolutions of a file by name; widths are the file's. */
record Units(Path path, Map<String, Tensor> tensors, String prefix) {

    private static final double EPS = 1e-3;

    /** A convolution, normalised by the moments of the training data, without what is negative. */
    record Unit(Conv2d conv, Tensor weight, Tensor bias, Tensor mean, Tensor variance) { // all but the first [out]

        Tensor forward(Tensor x) { // [B, in, H, W]
            return torch.relu(torch.batch_norm(
                    conv.forward(x),
                    new TensorOptional(weight),
                    new TensorOptional(bias),
                    new TensorOptional(mean),
                    new TensorOptional(variance),
                    false,
                    0,
                    EPS,
                    false)); // [B, out, H', W']
        }

        long out() {
            return conv.weight().size(0);
        }
    }

    /** Those below a name. */
    Units at(String name) {
        return new Units(path, tensors, prefix + name + ".");
    }

    /** Rows and columns of the picture stay as many. */
    Unit same(String name, long in, int rows, int columns) {
        return unit(name, in, rows, columns, 1, rows / 2, columns / 2);
    }

    /** 3×3 places wholly within the picture. */
    Unit inner(String name, long in, int stride) {
        return unit(name, in, 3, 3, stride, 0, 0);
    }

    private Unit unit(String name, long in, int rows, int columns, int stride, int rowPadding, int columnPadding) {
        Tensor weight = tensor(name + ".conv.weight");
        long out = weight.dim() == 0 ? 0 : weight.size(0);
        require(name + ".conv.weight", weight, out, in, rows, columns);
        return new Unit(
                new Conv2d(weight, null, stride, rowPadding, columnPadding),
                moment(name + ".bn.weight", out),
                moment(name + ".bn.bias", out),
                moment(name + ".bn.running_mean", out),
                moment(name + ".bn.running_var", out));
    }

    private Tensor moment(String name, long size) {
        Tensor x = tensor(name);
        require(name, x, size);
        return x;
    }

    private Tensor tensor(String name) {
        Tensor found = tensors.get(prefix + name);
        if (found == null) {
            throw new IllegalArgumentException("%s: no tensor %s%s".formatted(path, prefix, name));
        }
        return found;
    }

    private void require(String name, Tensor x, long... shape) {
        if (!Arrays.equals(x.sizes().vec().get(), shape) || shape[0] == 0) {
            throw new IllegalArgumentException("%s: %s%s has shape %s, wanted %s"
                    .formatted(
                            path, prefix, name, Arrays.toString(x.sizes().vec().get()), Arrays.toString(shape)));
        }
    }
}
