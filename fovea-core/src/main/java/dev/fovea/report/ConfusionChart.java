package dev.fovea.report;

import static dev.fovea.report.Html.escape;
import static dev.fovea.report.Html.percent;

import java.util.List;

/** A confusion matrix as a heat map: rows are true classes, columns predicted ones, shades the share of the row. */
record ConfusionChart(Confusion confusion) {

    private static final int NUMBERS_UP_TO = 20;
    private static final int NAMES_UP_TO = 40;
    private static final int SIDE = 560;
    private static final int MISTAKES = 10;

    String html() {
        return "<div class=\"two\"><figure class=\"chart\">" + svg() + "</figure><div>" + mistakes() + classes()
                + "</div></div>\n";
    }

    private String svg() {
        int n = confusion.classes().size();
        boolean named = n <= NAMES_UP_TO;
        int margin = named ? 16 + 7 * longestName() : 24;
        double cell = (double) SIDE / n;
        var out = new StringBuilder();
        out.append("<svg viewBox=\"0 0 %d %d\" role=\"img\" aria-label=\"Confusion matrix\">"
                .formatted(margin + SIDE + 8, SIDE + margin));
        for (int t = 0; t < n; t++) {
            for (int p = 0; p < n; p++) {
                cell(out, t, p, margin + p * cell, t * cell, cell);
            }
        }
        for (int c = 0; c < n && named; c++) {
            double middle = (c + 0.5) * cell;
            out.append("<text class=\"mark\" text-anchor=\"end\" x=\"%d\" y=\"%s\">%s</text>"
                    .formatted(margin - 6, Html.at(middle + 4), shortName(c)));
            out.append("<text class=\"mark\" text-anchor=\"end\" transform=\"translate(%s %d) rotate(-45)\">%s</text>"
                    .formatted(Html.at(margin + middle + 4), SIDE + 14, shortName(c)));
        }
        return out.append("</svg><figcaption>Rows: true class. Columns: predicted class.</figcaption>")
                .toString();
    }

    private void cell(StringBuilder out, int truth, int predicted, double x, double y, double side) {
        long count = confusion.counts()[truth][predicted];
        double share = count == 0 ? 0 : (double) count / confusion.examples(truth);
        out.append("<rect class=\"%s\" x=\"%s\" y=\"%s\" width=\"%s\" height=\"%s\" fill-opacity=\"%s\">"
                .formatted(
                        truth == predicted ? "hit" : "miss",
                        Html.at(x),
                        Html.at(y),
                        Html.at(side - 1),
                        Html.at(side - 1),
                        // a single mistake among thousands must still be seen
                        Html.number(count == 0 ? 0.04 : 0.12 + 0.88 * Math.sqrt(share))));
        out.append("<title>%s taken for %s: %d (%s)</title></rect>"
                .formatted(
                        escape(confusion.classes().get(truth)),
                        escape(confusion.classes().get(predicted)),
                        count,
                        percent(share)));
        if (count > 0 && confusion.classes().size() <= NUMBERS_UP_TO) {
            out.append("<text class=\"count%s\" text-anchor=\"middle\" x=\"%s\" y=\"%s\">%d</text>"
                    .formatted(share > 0.3 ? " on" : "", Html.at(x + side / 2), Html.at(y + side / 2 + 4), count));
        }
    }

    private String mistakes() {
        List<Confusion.Mistake> mistakes = confusion.mistakes(MISTAKES);
        if (mistakes.isEmpty()) {
            return "<p>No mistakes.</p>";
        }
        var out = new StringBuilder(
                "<h3>Most frequent mistakes</h3><table><tr><th>True<th>Predicted<th class=\"n\">Examples");
        mistakes.forEach(m -> out.append("<tr><td>%s<td>%s<td class=\"n\">%d"
                .formatted(
                        escape(confusion.classes().get(m.truth())),
                        escape(confusion.classes().get(m.predicted())),
                        m.count())));
        return out.append("</table>").toString();
    }

    private String classes() {
        var out = new StringBuilder(
                "<h3>By class</h3><div class=\"scroll\"><table><tr><th>Class<th class=\"n\">Examples<th class=\"n\">Recall<th class=\"n\">Precision");
        for (int c = 0; c < confusion.classes().size(); c++) {
            out.append("<tr><td>%s<td class=\"n\">%d<td class=\"n\">%s<td class=\"n\">%s"
                    .formatted(
                            escape(confusion.classes().get(c)),
                            confusion.examples(c),
                            percent(confusion.recall(c)),
                            percent(confusion.precision(c))));
        }
        return out.append("</table></div>").toString();
    }

    private int longestName() {
        return confusion.classes().stream()
                .mapToInt(name -> Math.min(name.length(), 16))
                .max()
                .orElse(0);
    }

    private String shortName(int c) {
        String name = confusion.classes().get(c);
        return escape(name.length() <= 16 ? name : name.substring(0, 15) + "…");
    }
}
