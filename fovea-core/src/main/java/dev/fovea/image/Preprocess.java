package dev.fovea.image;

import dev.fovea.config.Configs;
import java.util.Arrays;
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * From a decoded picture to the floats a model takes: steps in their order. Deterministic: equal random generators give
 * equal results, and evaluation pipelines without random steps draw nothing. Safe for use by many threads.
 */
public record Preprocess(List<Step> steps) {

    public Preprocess {
        steps = List.copyOf(steps);
    }

    /** These steps. */
    public static Preprocess of(Step... steps) {
        return new Preprocess(Arrays.asList(steps));
    }

    /** Steps from YAML, as in a configuration: {@code [{op: resize, size: 224}, {op: valueRange}]}. */
    public static Preprocess parse(String yaml) {
        return Configs.parse(Preprocess.class, "steps: " + yaml, "preprocess", List.of());
    }

    /** A picture as the model takes it; bytes that no step has mapped become 0 to 255. */
    public Pixels apply(Image image, RandomGenerator random) {
        return switch (run(image, random, steps.size())) {
            case Image bytes -> Pixels.of(bytes);
            case Pixels pixels -> pixels;
        };
    }

    /** What a picture looks like before the first step that makes floats of it: to show it. */
    public Image preview(Image image, RandomGenerator random) {
        int bytes = 0;
        while (bytes < steps.size() && !(steps.get(bytes) instanceof PointStep)) {
            bytes++;
        }
        return (Image) run(image, random, bytes);
    }

    /**
     * As {@link #apply(Image, RandomGenerator)}, written into a batch {@code [B, H, W, 3]} at {@code offset}.
     *
     * @throws IllegalArgumentException where the steps do not give a picture of {@code height} and {@code width}
     */
    public void apply(Image image, RandomGenerator random, float[] into, int offset, int height, int width) {
        boolean direct = !steps.isEmpty() && steps.getLast() instanceof PointStep;
        Picture x = run(image, random, steps.size() - (direct ? 1 : 0));
        if (x.height() != height || x.width() != width) {
            throw new IllegalArgumentException(
                    "preprocessing gives [%d, %d] for a picture of [%d, %d], the batch takes [%d, %d]; resize or crop it"
                            .formatted(x.height(), x.width(), image.height(), image.width(), height, width));
        }
        if (direct) {
            ((PointStep) steps.getLast()).write(x, into, offset);
        } else {
            Pixels pixels = x instanceof Pixels p ? p : Pixels.of((Image) x);
            System.arraycopy(pixels.values(), 0, into, offset, pixels.size());
        }
    }

    private Picture run(Image image, RandomGenerator random, int count) {
        Picture x = image;
        for (int i = 0; i < count; i++) {
            x = steps.get(i).apply(x, random);
        }
        return x;
    }
}
