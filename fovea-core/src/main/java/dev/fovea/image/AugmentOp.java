package dev.fovea.image;

/** The sixteen operations of RandAugment with big_vision's numerics. */
public enum AugmentOp {
    AUTO_CONTRAST("AutoContrast"),
    EQUALIZE("Equalize"),
    INVERT("Invert"),
    ROTATE("Rotate"),
    POSTERIZE("Posterize"),
    SOLARIZE("Solarize"),
    COLOR("Color"),
    CONTRAST("Contrast"),
    BRIGHTNESS("Brightness"),
    SHARPNESS("Sharpness"),
    SHEAR_X("ShearX"),
    SHEAR_Y("ShearY"),
    TRANSLATE_X("TranslateX"),
    TRANSLATE_Y("TranslateY"),
    CUTOUT("Cutout"),
    SOLARIZE_ADD("SolarizeAdd");

    static final int[] GREY = {128, 128, 128};

    private static final double MAX_LEVEL = 10;
    private static final double TRANSLATE = 100;
    private static final double CUTOUT_HALF = 40;

    private final String label;

    AugmentOp(String label) {
        this.label = label;
    }

    /** The published name: {@code ShearX}. */
    public String label() {
        return label;
    }

    /** What a magnitude means for this operation: degrees, bits, a threshold, a factor, a slope or pixels. */
    public double argument(double magnitude) {
        double level = magnitude / MAX_LEVEL;
        return switch (this) {
            case AUTO_CONTRAST, EQUALIZE, INVERT -> 0;
            case ROTATE -> level * 30;
            case POSTERIZE -> (int) (level * 4);
            case SOLARIZE -> (int) (level * 256);
            case SOLARIZE_ADD -> (int) (level * 110);
            case COLOR, CONTRAST, BRIGHTNESS, SHARPNESS -> level * 1.8 + 0.1;
            case SHEAR_X, SHEAR_Y -> level * 0.3;
            case TRANSLATE_X, TRANSLATE_Y -> level * TRANSLATE;
            case CUTOUT -> (int) (level * CUTOUT_HALF);
        };
    }

    /** Whether the argument is negated every other time. */
    public boolean signed() {
        return switch (this) {
            case ROTATE, SHEAR_X, SHEAR_Y, TRANSLATE_X, TRANSLATE_Y -> true;
            default -> false;
        };
    }

    /** Whether the argument is a distance in pixels. */
    public boolean inPixels() {
        return switch (this) {
            case TRANSLATE_X, TRANSLATE_Y, CUTOUT -> true;
            default -> false;
        };
    }

    /**
     * The operation with its argument.
     *
     * @param replace red, green and blue of what comes in from outside
     * @throws IllegalArgumentException for a cutout, which needs a place: {@link Geometry#cutout}
     */
    public Image apply(Image x, double argument, int[] replace) {
        return switch (this) {
            case AUTO_CONTRAST -> Tones.autoContrast(x);
            case EQUALIZE -> Tones.equalize(x);
            case INVERT -> Tones.solarize(x, 0);
            case POSTERIZE -> Tones.posterize(x, (int) argument);
            case SOLARIZE -> Tones.solarize(x, (int) argument);
            case SOLARIZE_ADD -> Tones.solarizeAdd(x, (int) argument);
            case COLOR -> Blends.color(x, (float) argument);
            case CONTRAST -> Blends.contrast(x, (float) argument);
            case BRIGHTNESS -> Blends.brightness(x, (float) argument);
            case SHARPNESS -> Blends.sharpness(x, (float) argument);
            case ROTATE -> Geometry.rotate(x, argument, replace);
            case SHEAR_X -> Geometry.map(x, new float[] {1, (float) argument, 0, 0, 1, 0}, replace);
            case SHEAR_Y -> Geometry.map(x, new float[] {1, 0, 0, (float) argument, 1, 0}, replace);
            case TRANSLATE_X -> Geometry.map(x, new float[] {1, 0, (float) argument, 0, 1, 0}, replace);
            case TRANSLATE_Y -> Geometry.map(x, new float[] {1, 0, 0, 0, 1, (float) argument}, replace);
            case CUTOUT ->
                throw new IllegalArgumentException("a cutout needs a row and a column; call Geometry.cutout");
        };
    }
}
