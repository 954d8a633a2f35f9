package dev.fovea.generate;

/** Divides logits by a temperature: below 1 the likely tokens gain, above 1 they lose. */
public record Temperature(double value) implements LogitsProcessor {

    public Temperature {
        if (!(value > 0) || Double.isInfinite(value)) {
            throw new IllegalArgumentException("temperature %s, wanted a number above 0".formatted(value));
        }
    }

    @Override
    public void process(float[] logits, int[] history) {
        float divisor = (float) value;
        for (int i = 0; i < logits.length; i++) {
            logits[i] /= divisor;
        }
    }
}
