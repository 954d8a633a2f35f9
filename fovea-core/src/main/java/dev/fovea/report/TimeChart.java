package dev.fovea.report;

import static dev.fovea.report.Html.at;
import static dev.fovea.report.Html.escape;
import static dev.fovea.report.Html.percent;

import java.util.SequencedMap;

/** Where the time went, as one bar. */
record TimeChart(SequencedMap<String, Double> seconds) {

    private static final int WIDTH = 1000;

    String html() {
        double all = seconds.values().stream().mapToDouble(Double::doubleValue).sum();
        var bar = new StringBuilder(
                "<svg class=\"bar\" viewBox=\"0 0 %d 26\" preserveAspectRatio=\"none\" role=\"img\" aria-label=\"Time by phase\">"
                        .formatted(WIDTH));
        var legend = new StringBuilder("<div class=\"legend\">");
        double x = 0;
        int i = 0;
        for (var part : seconds.entrySet()) {
            double share = all == 0 ? 0 : part.getValue() / all;
            bar.append("<rect class=\"c%d\" x=\"%s\" y=\"0\" width=\"%s\" height=\"26\"><title>%s: %s</title></rect>"
                    .formatted(i % Series.COLORS, at(x), at(WIDTH * share), escape(part.getKey()), percent(share)));
            legend.append("<span><i class=\"c%d\"></i>%s <b>%s</b></span>"
                    .formatted(i % Series.COLORS, escape(part.getKey()), percent(share)));
            x += WIDTH * share;
            i++;
        }
        return "<figure class=\"chart wide\"><figcaption><b>Where the time went</b></figcaption>" + bar + "</svg>"
                + legend + "</div></figure>\n";
    }
}
