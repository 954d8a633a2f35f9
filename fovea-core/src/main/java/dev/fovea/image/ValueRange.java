package dev.fovea.image;

import dev.fovea.config.Default;
import java.util.List;

/**
 * Values {@code inMin} to {@code inMax}, one number or one a channel, to {@code min} to {@code max} (big_vision
 * {@code value_range}).
 *
 * @param clip whether what lies outside is moved to the nearer end
 */
public record ValueRange(
        @Default("-1") double min,
        @Default("1") double max,
        @Default("[0]") List<Double> inMin,
        @Default("[255]") List<Double> inMax,
        @Default("false") boolean clip)
        implements PointStep {

    /** -1 to 1 from bytes. */
    public static final ValueRange SIGNED = of(-1, 1);

    public ValueRange {
        if (inMin.isEmpty() || inMax.isEmpty()) {
            throw new IllegalArgumentException(
                    "valueRange: inMin and inMax need a value, found %s and %s".formatted(inMin, inMax));
        }
    }

    /** From bytes, not clipped. */
    public static ValueRange of(double min, double max) {
        return new ValueRange(min, max, List.of(0.0), List.of(255.0), false);
    }

    @Override
    public float map(float value, int channel) {
        float low = channel(inMin, channel);
        float x = (value - low) / (channel(inMax, channel) - low);
        float y = (float) min + x * (float) (max - min);
        return clip ? Math.max((float) min, Math.min((float) max, y)) : y;
    }

    static float channel(List<Double> values, int channel) {
        return values.get(values.size() == 1 ? 0 : channel).floatValue();
    }
}
