package dev.fovea.image;

import dev.fovea.config.Default;
import java.util.List;

/** {@code (v * scale - mean) / std} by channel; the defaults are those of SigLIP and Gemma 3, -1 to 1 from bytes. */
public record Normalize(
        @Default("[0.5, 0.5, 0.5]") List<Double> mean,
        @Default("[0.5, 0.5, 0.5]") List<Double> std,
        @Default("0.00392156862745098") double scale)
        implements PointStep {

    /** Mean and deviation of ImageNet, for bytes. */
    public static final Normalize IMAGENET =
            new Normalize(List.of(0.485, 0.456, 0.406), List.of(0.229, 0.224, 0.225), 1 / 255.0);

    /** Mean and deviation of CLIP's data, for bytes. */
    public static final Normalize CLIP = new Normalize(
            List.of(0.48145466, 0.4578275, 0.40821073), List.of(0.26862954, 0.26130258, 0.27577711), 1 / 255.0);

    public Normalize {
        if (mean.isEmpty() || std.isEmpty() || std.contains(0.0)) {
            throw new IllegalArgumentException(
                    "normalize: found mean %s and std %s, wanted a value a channel, std not 0".formatted(mean, std));
        }
    }

    @Override
    public float map(float value, int channel) {
        float x = (float) (value * scale);
        return (x - ValueRange.channel(mean, channel)) / ValueRange.channel(std, channel);
    }
}
