package dev.fovea.report;

import static dev.fovea.report.Html.at;
import static dev.fovea.report.Html.escape;
import static dev.fovea.report.Html.number;

import java.util.Arrays;
import java.util.List;
import java.util.stream.DoubleStream;

/**
 * Lines as SVG.
 *
 * @param across what the lines run over
 */
record LineChart(String title, String across, List<Series> series) {

    private static final int WIDTH = 520;
    private static final int HEIGHT = 250;
    private static final int LEFT = 62;
    private static final int RIGHT = 14;
    private static final int TOP = 14;
    private static final int BOTTOM = 30;
    private static final int MOST_POINTS = 600;
    private static final int SMOOTHED_FROM = 60;

    /** Lines over steps. */
    LineChart(String title, List<Series> series) {
        this(title, "step", series);
    }

    String svg() {
        var out = new StringBuilder();
        Axis x = Axis.within(least(Series::x), greatest(Series::x), 6);
        Axis y = valueAxis();
        out.append("<figure class=\"chart\"><figcaption><b>%s</b>%s</figcaption>"
                .formatted(
                        escape(title),
                        (across.equals("step") ? "" : " <small>by %s</small>".formatted(escape(across)))
                                + (y.logarithmic() ? " <small>logarithmic</small>" : "")));
        out.append("<svg viewBox=\"0 0 %d %d\" role=\"img\" aria-label=\"%s\">"
                .formatted(WIDTH, HEIGHT, escape(title + " by " + across)));
        grid(out, x, y);
        for (Series s : series) {
            line(out, s, x, y);
        }
        out.append("</svg><div class=\"legend\">");
        for (Series s : series) {
            out.append("<span><i class=\"c%d\"></i>%s <b>%s</b></span>"
                    .formatted(s.color(), escape(s.name()), number(s.last())));
        }
        return out.append("</div></figure>\n").toString();
    }

    /** Logarithmic where positive values span more than two decades. */
    private Axis valueAxis() {
        double least = least(Series::y);
        double greatest = greatest(Series::y);
        return least > 0 && greatest / least > 100 ? Axis.decades(least, greatest) : Axis.around(least, greatest, 5);
    }

    private void grid(StringBuilder out, Axis x, Axis y) {
        for (double mark : y.marks()) {
            out.append("<line class=\"grid\" x1=\"%d\" x2=\"%d\" y1=\"%s\" y2=\"%s\"/>"
                    .formatted(LEFT, WIDTH - RIGHT, at(down(y, mark)), at(down(y, mark))));
            out.append("<text class=\"mark\" text-anchor=\"end\" x=\"%d\" y=\"%s\">%s</text>"
                    .formatted(LEFT - 8, at(down(y, mark) + 4), number(mark)));
        }
        for (double mark : x.marks()) {
            out.append("<text class=\"mark\" text-anchor=\"middle\" x=\"%s\" y=\"%d\">%s</text>"
                    .formatted(at(across(x, mark)), HEIGHT - 10, step(mark)));
        }
        out.append("<line class=\"axis\" x1=\"%d\" x2=\"%d\" y1=\"%d\" y2=\"%d\"/>"
                .formatted(LEFT, WIDTH - RIGHT, HEIGHT - BOTTOM, HEIGHT - BOTTOM));
    }

    private void line(StringBuilder out, Series s, Axis x, Axis y) {
        int c = s.color();
        if (s.x().length >= SMOOTHED_FROM && isNoisy(s)) {
            path(out, "s%d faint".formatted(c), s.thinned(MOST_POINTS), x, y);
            path(out, "s%d".formatted(c), s.smoothed(s.x().length / 20).thinned(MOST_POINTS), x, y);
        } else {
            path(out, "s%d".formatted(c), s.thinned(MOST_POINTS), x, y);
        }
        if (s.x().length <= 40) {
            for (int i = 0; i < s.x().length; i++) {
                if (Double.isFinite(s.y()[i])) {
                    out.append(
                            "<circle class=\"c%d\" cx=\"%s\" cy=\"%s\" r=\"3\"><title>%s: %s at %s %s</title></circle>"
                                    .formatted(
                                            c,
                                            at(across(x, s.x()[i])),
                                            at(down(y, s.y()[i])),
                                            escape(s.name()),
                                            number(s.y()[i]),
                                            escape(across),
                                            step(s.x()[i])));
                }
            }
        }
    }

    /** Whether the line turns round at more than a quarter of its points. */
    private static boolean isNoisy(Series s) {
        int turns = 0;
        for (int i = 2; i < s.y().length; i++) {
            turns += (s.y()[i] - s.y()[i - 1]) * (s.y()[i - 1] - s.y()[i - 2]) < 0 ? 1 : 0;
        }
        return turns > s.y().length / 4;
    }

    private static void path(StringBuilder out, String style, Series s, Axis x, Axis y) {
        out.append("<path class=\"%s\" d=\"".formatted(style));
        boolean pen = false;
        for (int i = 0; i < s.x().length; i++) {
            boolean drawn = Double.isFinite(s.y()[i]);
            if (drawn) {
                out.append(pen ? 'L' : 'M')
                        .append(at(across(x, s.x()[i])))
                        .append(' ')
                        .append(at(down(y, s.y()[i])));
            }
            pen = drawn;
        }
        out.append("\"/>");
    }

    private static String step(double mark) {
        return mark >= 1000 && mark % 100 == 0 ? number(mark / 1000) + "k" : number(mark);
    }

    private static double across(Axis axis, double x) {
        return LEFT + axis.share(x) * (WIDTH - LEFT - RIGHT);
    }

    private static double down(Axis axis, double y) {
        return HEIGHT - BOTTOM - axis.share(y) * (HEIGHT - TOP - BOTTOM);
    }

    private interface Values {
        double[] of(Series s);
    }

    private DoubleStream finite(Values values) {
        return series.stream().flatMapToDouble(s -> Arrays.stream(values.of(s))).filter(Double::isFinite);
    }

    private double least(Values values) {
        return finite(values).min().orElse(0);
    }

    private double greatest(Values values) {
        return finite(values).max().orElse(1);
    }
}
