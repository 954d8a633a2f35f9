package dev.fovea.models.jet;

import dev.fovea.image.Image;
import dev.fovea.models.vit.Size;
import dev.fovea.tensor.Engine;
import dev.fovea.tensor.Scope;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.GeneratorOptional;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;

/** Pictures from noise: z of standard deviation {@code temperature}, through the inverse. */
final class JetSampler {

    private static final int BATCH = 64;

    private JetSampler() {}

    /** {@code count} pictures; the same seed and count give the same ones. Classes go round where the flow has a context. */
    static List<Image> sample(Jet jet, int count, double temperature, long seed) {
        Engine.start();
        var images = new ArrayList<Image>();
        var generator = torch.make_generator_cpu(seed);
        while (images.size() < count) {
            int n = Math.min(BATCH, count - images.size());
            try (var _ = new Scope();
                    var _ = new NoGradGuard()) {
                Tensor z = noise(jet.config(), n, temperature, new GeneratorOptional(generator));
                images.addAll(PictureTensors.toImages(
                        jet.inverse(z, classes(jet.config(), images.size(), n)).out()));
            }
        }
        return images;
    }

    private static Tensor noise(JetConfig c, int n, double temperature, GeneratorOptional generator) {
        Size size = c.image();
        long[] shape = {n, size.height(), size.width(), c.channels()};
        return Engine.toDevice(torch.randn(shape, generator).mul(new Scalar(temperature)));
    }

    private static @Nullable Tensor classes(JetConfig c, int first, int n) {
        if (c.contextWidth() == 0) {
            return null;
        }
        Tensor labels = torch.arange(new Scalar(first), new Scalar(first + n)).remainder(new Scalar(c.contextWidth()));
        return Engine.toDevice(torch.one_hot(labels.to(ScalarType.Long), c.contextWidth())
                .to(ScalarType.Float)
                .unsqueeze(1)); // [n, 1, F]
    }
}
