package dev.fovea.image;

/** Operations that move pixels; what comes in from outside has one colour. */
public final class Geometry {

    private Geometry() {}

    /** Turned about the middle by degrees, nearest neighbours. */
    public static Image rotate(Image x, double degrees, int[] replace) {
        float radians = (float) (degrees * Math.PI / 180);
        float cos = (float) Math.cos(radians);
        float sin = (float) Math.sin(radians);
        float right = x.width() - 1;
        float bottom = x.height() - 1;
        float dx = (right - (cos * right - sin * bottom)) / 2;
        float dy = (bottom - (sin * right + cos * bottom)) / 2;
        return map(x, new float[] {cos, -sin, dx, sin, cos, dy}, replace);
    }

    /** A square of 2 {@code half} a side about a place filled with a colour; what lies outside is cut off. */
    public static Image cutout(Image x, int row, int column, int half, int[] replace) {
        int top = Math.max(0, row - half);
        int bottom = Math.min(x.height(), row + half);
        int left = Math.max(0, column - half);
        int right = Math.min(x.width(), column + half);
        byte[] out = x.rgb().clone();
        for (int r = top; r < bottom; r++) {
            for (int c = left; c < right; c++) {
                for (int k = 0; k < 3; k++) {
                    out[(r * x.width() + c) * 3 + k] = (byte) replace[k];
                }
            }
        }
        return new Image(x.height(), x.width(), out);
    }

    /** Output (column, row) is the input nearest to (t0 column + t1 row + t2, t3 column + t4 row + t5). */
    static Image map(Image x, float[] t, int[] replace) {
        var out = new byte[x.rgb().length];
        for (int row = 0, k = 0; row < x.height(); row++) {
            for (int column = 0; column < x.width(); column++, k += 3) {
                int fromColumn = round(t[0] * column + t[1] * row + t[2]);
                int fromRow = round(t[3] * column + t[4] * row + t[5]);
                boolean inside = fromColumn >= 0 && fromColumn < x.width() && fromRow >= 0 && fromRow < x.height();
                int from = inside ? (fromRow * x.width() + fromColumn) * 3 : 0;
                for (int c = 0; c < 3; c++) {
                    out[k + c] = inside ? x.rgb()[from + c] : (byte) replace[c];
                }
            }
        }
        return new Image(x.height(), x.width(), out);
    }

    /** Halves away from zero, as C++ rounds. */
    private static int round(float x) {
        return (int) (x < 0 ? Math.ceil(x - 0.5) : Math.floor(x + 0.5));
    }
}
