package dev.fovea.models.jetformer;

import dev.fovea.config.Default;

/**
 * What is minimised, and the noise that training adds.
 *
 * @param textFirst probability that a training example has its text first
 * @param textWeight weight of the text's nats beside the picture's bits
 * @param lossOnPrefix whether the first part is scored too
 * @param rgbNoise standard deviation of the noise on 8-bit values at the start, 0 for none
 * @param rgbNoiseEnd the same at the end; a cosine leads there
 * @param rgbNoiseOnImagePrefix whether pictures that come first get it
 * @param latentNoise largest standard deviation of the noise on soft tokens of pictures that come second
 * @param labelDrop probability that a text that comes first is replaced by the id for no label, for guidance
 * @param stopGradPrefix whether pictures that come first train no flow
 */
public record LossConfig(
        @Default("0.5") double textFirst,
        @Default("1") double textWeight,
        @Default("true") boolean lossOnPrefix,
        @Default("0") double rgbNoise,
        @Default("0") double rgbNoiseEnd,
        @Default("true") boolean rgbNoiseOnImagePrefix,
        @Default("0") double latentNoise,
        @Default("0") double labelDrop,
        @Default("false") boolean stopGradPrefix) {

    /** Bits of pictures after their texts, nothing else. */
    static final LossConfig TEXT_FIRST = new LossConfig(1, 1, false, 0, 0, true, 0, 0, false);

    public LossConfig {
        if (!(textFirst >= 0 && textFirst <= 1) || !(labelDrop >= 0 && labelDrop <= 1)) {
            throw new IllegalArgumentException(
                    "textFirst %s, labelDrop %s: wanted 0 to 1".formatted(textFirst, labelDrop));
        }
        if (!(textWeight >= 0) || !(rgbNoise >= 0) || !(rgbNoiseEnd >= 0) || !(latentNoise >= 0)) {
            throw new IllegalArgumentException(
                    "textWeight %s, rgbNoise %s, rgbNoiseEnd %s, latentNoise %s: wanted 0 or more"
                            .formatted(textWeight, rgbNoise, rgbNoiseEnd, latentNoise));
        }
    }

    /** The same loss without noise and dropped texts, as evaluation takes it. */
    LossConfig clean() {
        return new LossConfig(textFirst, textWeight, lossOnPrefix, 0, 0, true, 0, 0, false);
    }

    /** Standard deviation of the noise on 8-bit values, from progress 0 to 1. */
    public double rgbNoiseAt(double progress) {
        return rgbNoise == 0 ? 0 : (rgbNoise - rgbNoiseEnd) * (1 + Math.cos(Math.PI * progress)) / 2 + rgbNoiseEnd;
    }
}
