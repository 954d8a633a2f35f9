package dev.fovea.models.inception;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import dev.fovea.checkpoint.Checkpoints;
import dev.fovea.tensor.Scope;
import dev.fovea.tensor.Tensors;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.IntToDoubleFunction;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Against torchvision's blocks with the poolings of the FID network, all widths a sixteenth, weights by a formula: {@code units.txt} has each
 * convolution's name and shape in the order of use, {@code features.txt} what PyTorch 2.13 made of two pictures.
 */
class InceptionTest {

    @TempDir
    private Path folder = Path.of("");

    private static List<String> lines(String name) {
        try (InputStream in = Objects.requireNonNull(InceptionTest.class.getResourceAsStream(name))) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8).lines().toList();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static Tensor filled(IntToDoubleFunction value, long... shape) {
        long count = Arrays.stream(shape).reduce(1, Math::multiplyExact);
        var x = new float[Math.toIntExact(count)];
        for (int i = 0; i < x.length; i++) {
            x[i] = (float) value.applyAsDouble(i);
        }
        return Tensors.of(x, shape);
    }

    private static Map<String, Tensor> weights(int classes) {
        var tensors = new LinkedHashMap<String, Tensor>();
        List<String> units = lines("units.txt");
        for (int n = 0; n < units.size(); n++) {
            String[] parts = units.get(n).split(" ", -1);
            long[] shape =
                    Arrays.stream(parts).skip(1).mapToLong(Long::parseLong).toArray();
            double size = Math.sqrt(24.0 / (shape[1] * shape[2] * shape[3]));
            int unit = n;
            tensors.put(parts[0] + ".conv.weight", filled(i -> noise(i, unit) * size, shape));
            String norm = parts[0] + ".bn.";
            tensors.put(norm + "weight", filled(c -> 1 + 0.3 * Math.sin(c + unit), shape[0]));
            tensors.put(norm + "bias", filled(c -> 0.2 * Math.cos(c * 2 + unit), shape[0]));
            tensors.put(norm + "running_mean", filled(c -> 0.1 * Math.sin(c * 3 + unit), shape[0]));
            tensors.put(norm + "running_var", filled(c -> 1 + 0.5 * Math.cos(c + 2.0 * unit), shape[0]));
            tensors.put(norm + "num_batches_tracked", Tensors.of(new long[] {0}, 1));
        }
        tensors.put("fc.weight", filled(_ -> 0, classes, 128));
        return tensors;
    }

    /** Near enough to random numbers from -1/2 to 1/2. */
    private static double noise(int i, int unit) {
        double x = Math.sin(i * 12.9898 + unit * 78.233) * 43758.5453;
        return x - Math.floor(x) - 0.5;
    }

    private Path file(Map<String, Tensor> tensors) {
        Path file = folder.resolve("inception.safetensors");
        Checkpoints.write(file, new LinkedHashMap<>(tensors), Map.of());
        return file;
    }

    @Test
    void featuresAreThoseOfPyTorch() {
        try (var _ = new Scope()) {
            Path file = file(weights(1008));
            assertThat(Inception.isInception(file)).isTrue();
            try (Inception network = Inception.open(file)) {
                Tensor pixels = filled(i -> Math.sin(i * 0.05 + (double) i * i * 1e-5), 2, 20, 24, 3);
                float[][] found = Tensors.toRows(network.encode(pixels));
                List<String> wanted = lines("features.txt");
                for (int i = 0; i < 2; i++) {
                    double[] row = Arrays.stream(wanted.get(i).split(" ", -1))
                            .mapToDouble(Double::parseDouble)
                            .toArray();
                    assertThat(found[i]).hasSize(row.length);
                    for (int c = 0; c < row.length; c++) {
                        assertThat((double) found[i][c])
                                .as("picture %d feature %d", i, c)
                                .isCloseTo(row[c], within(2e-4 * (1 + Math.abs(row[c]))));
                    }
                }
            }
        }
    }

    @Test
    void anotherNetworkIsRefused() {
        try (var _ = new Scope()) {
            Path imagenet = file(weights(1000));
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> Inception.open(imagenet))
                    .withMessage(imagenet + ": an Inception of 1000 classes; the distance is defined by that of 1008"
                            + " (pt_inception-2015-12-05)");
            Map<String, Tensor> tensors = weights(1008);
            tensors.remove("Mixed_6c.branch7x7_2.bn.bias");
            Path missing = file(tensors);
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> Inception.open(missing))
                    .withMessage(missing + ": no tensor Mixed_6c.branch7x7_2.bn.bias");
            tensors = weights(1008);
            tensors.put("Mixed_5b.branch1x1.conv.weight", filled(_ -> 0, 4, 12, 3, 1));
            Path other = file(tensors);
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> Inception.open(other))
                    .withMessage(
                            other + ": Mixed_5b.branch1x1.conv.weight has shape [4, 12, 3, 1], wanted [4, 12, 1, 1]");
            Path no = folder.resolve("no.safetensors");
            Checkpoints.write(
                    no,
                    new LinkedHashMap<>(
                            Map.of("a", Tensors.of(new float[] {1}, 1).to(ScalarType.Float))),
                    Map.of());
            assertThat(Inception.isInception(no)).isFalse();
            assertThat(Inception.isInception(folder)).isFalse();
        }
    }
}
