package dev.fovea.report;

/**
 * A line of a chart; places where {@code y} is not finite are gaps.
 *
 * @param color which of the page's colours
 * @param x rising
 */
record Series(String name, int color, double[] x, double[] y) {

    /** Colours of the page. */
    static final int COLORS = 6;

    Series {
        if (x.length != y.length) {
            throw new IllegalArgumentException("%s: %d places, %d values".formatted(name, x.length, y.length));
        }
    }

    double last() {
        return y.length == 0 ? Double.NaN : y[y.length - 1];
    }

    /** At most {@code most} points: of each stretch the lowest and the highest, so that peaks stay. */
    Series thinned(int most) {
        if (x.length <= most) {
            return this;
        }
        int stretches = most / 2;
        var tx = new double[2 * stretches];
        var ty = new double[2 * stretches];
        for (int i = 0; i < stretches; i++) {
            int from = (int) ((long) x.length * i / stretches);
            int to = (int) ((long) x.length * (i + 1) / stretches);
            int low = from;
            int high = from;
            for (int j = from; j < to; j++) {
                low = y[j] < y[low] ? j : low;
                high = y[j] > y[high] ? j : high;
            }
            tx[2 * i] = x[Math.min(low, high)];
            ty[2 * i] = y[Math.min(low, high)];
            tx[2 * i + 1] = x[Math.max(low, high)];
            ty[2 * i + 1] = y[Math.max(low, high)];
        }
        return new Series(name, color, tx, ty);
    }

    /** Mean over the {@code span} points around each, fewer towards the ends, so that the line does not lag. */
    Series smoothed(int span) {
        var smooth = new double[y.length];
        for (int i = 0; i < y.length; i++) {
            int reach = Math.min(span / 2, Math.min(i, y.length - 1 - i));
            double sum = 0;
            int count = 0;
            for (int j = i - reach; j <= i + reach; j++) {
                if (Double.isFinite(y[j])) {
                    sum += y[j];
                    count++;
                }
            }
            smooth[i] = sum / count;
        }
        return new Series(name, color, x, smooth);
    }
}
