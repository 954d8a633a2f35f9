package dev.fovea.report;

import static dev.fovea.report.Html.at;
import static dev.fovea.report.Html.percent;

/** Accuracy by stated probability; on the diagonal the two agree. */
record CalibrationChart(Calibration calibration) {

    private static final int SIDE = 300;
    private static final int LEFT = 48;
    private static final int TOP = 8;
    private static final int STRIP = 50;

    String svg() {
        var out = new StringBuilder(
                "<figure class=\"chart narrow\"><figcaption><b>Accuracy by stated probability</b><small>expected calibration error %s</small></figcaption>"
                        .formatted(percent(calibration.error())));
        out.append("<svg viewBox=\"0 0 %d %d\" role=\"img\" aria-label=\"Accuracy by probability\">"
                .formatted(LEFT + SIDE + 12, TOP + SIDE + STRIP + 44));
        for (int i = 0; i <= 5; i++) {
            double place = SIDE * i / 5.0;
            String mark = percentMark(i);
            out.append("<line class=\"grid\" x1=\"%d\" x2=\"%d\" y1=\"%s\" y2=\"%s\"/>"
                    .formatted(LEFT, LEFT + SIDE, at(TOP + place), at(TOP + place)));
            out.append("<text class=\"mark\" text-anchor=\"end\" x=\"%d\" y=\"%s\">%s</text>"
                    .formatted(LEFT - 6, at(TOP + SIDE - place + 4), mark));
            out.append("<text class=\"mark\" text-anchor=\"middle\" x=\"%s\" y=\"%d\">%s</text>"
                    .formatted(at(LEFT + place), TOP + SIDE + STRIP + 20, mark));
        }
        bars(out);
        out.append("<line class=\"diagonal\" x1=\"%d\" y1=\"%d\" x2=\"%d\" y2=\"%d\"/>"
                .formatted(LEFT, TOP + SIDE, LEFT + SIDE, TOP));
        out.append(
                "<text class=\"mark\" text-anchor=\"middle\" x=\"%d\" y=\"%d\">probability of the predicted class</text>"
                        .formatted(LEFT + SIDE / 2, TOP + SIDE + STRIP + 38));
        return out.append(
                        "</svg><div class=\"legend\"><span><i class=\"c0\"></i>accuracy</span><span><i class=\"c1\"></i>share of predictions</span></div></figure>\n")
                .toString();
    }

    private void bars(StringBuilder out) {
        int n = calibration.bins().size();
        double width = (double) SIDE / n;
        long all = calibration.bins().stream().mapToLong(Calibration.Bin::count).sum();
        for (int i = 0; i < n; i++) {
            Calibration.Bin bin = calibration.bins().get(i);
            if (bin.count() == 0) {
                continue;
            }
            String title = "<title>%d predictions, mean probability %s, %s right</title>"
                    .formatted(bin.count(), percent(bin.confidence()), percent(bin.accuracy()));
            rect(out, "c0", i * width, TOP + SIDE * (1 - bin.accuracy()), width, SIDE * bin.accuracy(), title);
            double share = (double) bin.count() / all;
            rect(out, "c1", i * width, TOP + SIDE + 4, width, Math.max(1, (STRIP - 4) * share), title);
        }
    }

    private static void rect(StringBuilder out, String style, double x, double y, double w, double h, String title) {
        out.append("<rect class=\"%s\" x=\"%s\" y=\"%s\" width=\"%s\" height=\"%s\">%s</rect>"
                .formatted(style, at(LEFT + x + 0.5), at(y), at(w - 1), at(h), title));
    }

    private static String percentMark(int fifths) {
        return 20 * fifths + "%";
    }
}
