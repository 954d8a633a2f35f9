package dev.fovea.image;

import dev.fovea.config.Default;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * RandAugment (arXiv 1909.13719) as big_vision has it: {@code layers} operations, each drawn evenly from the sixteen of
 * {@link AugmentOp} and always applied. Magnitude 0 is not the identity.
 *
 * @param magnitude 0 to 10, and beyond it extrapolated
 * @param referenceSize translations and cutouts are distances in pixels, published for pictures of about 224; with a
 *     value here they are scaled by the picture's shorter side over it, null leaves them as published
 */
public record RandAugment(
        @Default("2") int layers,
        @Default("10") double magnitude,
        @Nullable Integer referenceSize) implements Step {

    private static final AugmentOp[] OPS = AugmentOp.values();

    public RandAugment {
        if (layers < 0 || magnitude < 0 || (referenceSize != null && referenceSize < 1)) {
            throw new IllegalArgumentException(
                    "randAugment: found layers %d, magnitude %s, referenceSize %s; wanted none below 0"
                            .formatted(layers, magnitude, referenceSize));
        }
    }

    @Override
    public Picture apply(Picture x, RandomGenerator random) {
        Image image = Step.bytes(x, "randAugment");
        for (int i = 0; i < layers; i++) {
            AugmentOp op = OPS[random.nextInt(OPS.length)];
            double argument = op.argument(magnitude);
            if (op.inPixels() && referenceSize != null) {
                argument = argument * Math.min(x.height(), x.width()) / referenceSize;
            }
            boolean negative = op.signed() && random.nextBoolean();
            image = op == AugmentOp.CUTOUT
                    ? cutout(image, (int) argument, random)
                    : op.apply(image, negative ? -argument : argument, AugmentOp.GREY);
        }
        return image;
    }

    private static Image cutout(Image x, int half, RandomGenerator random) {
        int row = random.nextInt(x.height());
        int column = random.nextInt(x.width());
        return Geometry.cutout(x, row, column, half, AugmentOp.GREY);
    }
}
