package dev.fovea.report;

import dev.fovea.image.Image;
import org.jspecify.annotations.Nullable;

/**
 * A picture and what a model says of it.
 *
 * @param truth its label, null where it is not known
 * @param predicted the model's label
 * @param probability the model's probability of {@code predicted}
 */
public record Prediction(Image picture, @Nullable String truth, String predicted, double probability) {

    public boolean isRight() {
        return predicted.equals(truth);
    }
}
