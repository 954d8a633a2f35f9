package dev.fovea.image;

import java.util.Locale;

/** The filters of resizing, by the names of the references. */
public enum Filter {
    /** The pixel below the centre. */
    NEAREST(0),
    /** A triangle. */
    BILINEAR(1),
    /** Keys' cubic with a = -0.5. */
    BICUBIC(2),
    /** The mean over the area that a pixel covers. */
    AREA(0.5f),
    LANCZOS3(3),
    LANCZOS5(5),
    GAUSSIAN(1.5f),
    MITCHELLCUBIC(2);

    private final float radius;

    Filter(float radius) {
        this.radius = radius;
    }

    /** The filter's name in configurations: {@code bilinear}. */
    public String key() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** Whether a picture keeps its values when its size does not change. */
    boolean interpolates() {
        return this != GAUSSIAN && this != MITCHELLCUBIC;
    }

    /** Half the width of the kernel in pixels of the smaller grid. */
    float radius() {
        return radius;
    }

    /** The kernel at a distance x of at least 0. */
    double weight(double x) {
        return switch (this) {
            case NEAREST, AREA -> x <= 0.5 ? 1 : 0;
            case BILINEAR -> Math.max(0, 1 - x);
            case BICUBIC -> cubic(x, -0.5);
            case LANCZOS3, LANCZOS5 -> x > radius ? 0 : x <= 1e-3 ? 1 : sinc(x) * sinc(x / radius);
            case GAUSSIAN -> x >= radius ? 0 : Math.exp(-x * x / (2 * 0.5 * 0.5));
            case MITCHELLCUBIC -> mitchell(x);
        };
    }

    /** Keys' cubic. */
    static double cubic(double x, double a) {
        if (x < 1) {
            return ((a + 2) * x - (a + 3)) * x * x + 1;
        }
        return x < 2 ? ((a * x - 5 * a) * x + 8 * a) * x - 4 * a : 0;
    }

    private static double sinc(double x) {
        return Math.sin(Math.PI * x) / (Math.PI * x);
    }

    private static double mitchell(double x) {
        if (x >= 2) {
            return 0;
        } else if (x >= 1) {
            return ((-7.0 / 18 * x + 2) * x - 10.0 / 3) * x + 16.0 / 9;
        }
        return (7.0 / 6 * x - 2) * x * x + 8.0 / 9;
    }
}
