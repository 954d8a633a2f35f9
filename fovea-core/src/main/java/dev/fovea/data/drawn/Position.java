package dev.fovea.data.drawn;

import java.util.List;

/** Names of the ninths of a picture. */
final class Position {

    static final List<String> NAMES =
            List.of("top left", "top", "top right", "left", "centre", "right", "bottom left", "bottom", "bottom right");

    private Position() {}

    /** The ninth a point lies in, row by row. */
    static int of(double x, double y, int size) {
        return third(y, size) * 3 + third(x, size);
    }

    private static int third(double v, int size) {
        return (int) Math.clamp(v * 3 / size, 0, 2);
    }
}
