package dev.fovea.report;

import java.util.ArrayList;
import java.util.List;

/** A straight or logarithmic scale with round marks. */
record Axis(double low, double high, boolean logarithmic, List<Double> marks) {

    /** From the least to the greatest value, widened to round marks. */
    static Axis around(double least, double greatest, int wanted) {
        double low = least;
        double high = greatest;
        if (!(high > low)) {
            double margin = low == 0 ? 1 : Math.abs(low) * 0.1;
            low -= margin;
            high += margin;
        }
        double step = roundStep((high - low) / wanted);
        double first = Math.floor(low / step + 1e-9) * step;
        double last = Math.ceil(high / step - 1e-9) * step;
        return new Axis(first, last, false, marks(first, last, step));
    }

    /** From the least to the greatest value exactly, with round marks inside. */
    static Axis within(double least, double greatest, int wanted) {
        if (!(greatest > least)) {
            return around(least, greatest, wanted);
        }
        double step = roundStep((greatest - least) / wanted);
        return new Axis(least, greatest, false, marks(Math.ceil(least / step - 1e-9) * step, greatest, step));
    }

    /** Powers of ten around positive values. */
    static Axis decades(double least, double greatest) {
        int first = (int) Math.floor(Math.log10(least) + 1e-9);
        int last = Math.max(first + 1, (int) Math.ceil(Math.log10(greatest) - 1e-9));
        int stride = Math.max(1, Math.ceilDiv(last - first, 5));
        var marks = new ArrayList<Double>();
        for (int e = first; e <= last; e += stride) {
            marks.add(Math.pow(10, e));
        }
        return new Axis(Math.pow(10, first), Math.pow(10, last), true, marks);
    }

    /** Where {@code x} lies, from 0 at the low end to 1 at the high end. */
    double share(double x) {
        return logarithmic ? Math.log(x / low) / Math.log(high / low) : (x - low) / (high - low);
    }

    private static List<Double> marks(double first, double last, double step) {
        var marks = new ArrayList<Double>();
        for (long i = Math.round(first / step); i * step <= last + step * 1e-6; i++) {
            marks.add(i * step);
        }
        return marks;
    }

    private static double roundStep(double step) {
        double power = Math.pow(10, Math.floor(Math.log10(step)));
        double share = step / power;
        return power * (share <= 1 ? 1 : share <= 2 ? 2 : share <= 5 ? 5 : 10);
    }
}
