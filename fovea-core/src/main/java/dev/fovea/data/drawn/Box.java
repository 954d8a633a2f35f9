package dev.fovea.data.drawn;

/** A box in pixels: the first row and column inside, and the first ones past it. */
public record Box(int top, int left, int bottom, int right) {

    /** Rows it has. */
    public int height() {
        return bottom - top;
    }

    /** Columns it has. */
    public int width() {
        return right - left;
    }

    /** Location tokens as PaliGemma writes them: top, left, bottom, right, each {@code round(1023 v / side)}. */
    public String locations(int rows, int columns) {
        return location(top, rows) + location(left, columns) + location(bottom, rows) + location(right, columns);
    }

    private static String location(int v, int side) {
        return "<loc%04d>".formatted(Math.round(1023.0 * v / side));
    }
}
