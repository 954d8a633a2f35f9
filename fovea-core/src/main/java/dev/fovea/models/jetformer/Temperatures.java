package dev.fovea.models.jetformer;

/**
 * What makes samples likelier than the model has them.
 *
 * @param scales multiplies standard deviations
 * @param weights multiplies mixture logits: above 1 for the likeliest components
 */
public record Temperatures(double scales, double weights) {

    /** The model's own density. */
    public static final Temperatures NONE = new Temperatures(1, 1);

    public Temperatures {
        if (!(scales > 0) || !(weights >= 0)) {
            throw new IllegalArgumentException(
                    "temperatures: found %s for scales and %s for weights, wanted above 0 and 0 or more"
                            .formatted(scales, weights));
        }
    }
}
