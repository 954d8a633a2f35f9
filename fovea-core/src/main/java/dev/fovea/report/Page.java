package dev.fovea.report;

import static dev.fovea.report.Html.escape;
import static dev.fovea.report.Html.number;
import static dev.fovea.report.Html.percent;

import dev.fovea.image.Image;
import dev.fovea.image.ImageEncoder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** The HTML of a report. */
record Page(RunReport report) {

    private static final int LARGEST_PICTURE = 256;

    String html() {
        var out = new StringBuilder();
        open(out, report.title());
        head(out);
        scores(out);
        curves(out);
        galleries(out, report.galleries());
        predictions(out);
        confusion(out);
        configuration(out);
        return out.append("<footer>Written by Fovea.</footer></main></body></html>\n")
                .toString();
    }

    /** Up to where a page's own part begins. */
    static void open(StringBuilder out, String title) {
        out.append("<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">");
        out.append("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">");
        out.append("<title>%s</title><style>%s</style></head><body><main>\n".formatted(escape(title), style()));
    }

    private void head(StringBuilder out) {
        out.append("<header><h1>%s</h1>".formatted(escape(report.title())));
        if (!report.subtitle().isEmpty()) {
            out.append("<p>%s</p>".formatted(escape(report.subtitle())));
        }
        out.append("</header>\n<div class=\"tiles\">");
        report.headline()
                .forEach((name, value) ->
                        out.append("<div><span>%s</span><b>%s</b></div>".formatted(escape(name), escape(value))));
        out.append("</div>\n");
    }

    private void scores(StringBuilder out) {
        if (report.scores().isEmpty()) {
            return;
        }
        out.append("<section><h2>Scores</h2><table><tr><th>Metric<th class=\"n\">Value");
        report.scores()
                .forEach((name, value) ->
                        out.append("<tr><td>%s<td class=\"n\">%s".formatted(escape(name), number(value))));
        out.append("</table></section>\n");
    }

    private void curves(StringBuilder out) {
        if (!report.metrics().isEmpty()) {
            out.append("<section><h2>Curves</h2><div class=\"charts\">");
            Curves.of(report.metrics()).forEach(chart -> out.append(chart.svg()));
            out.append("</div></section>\n");
        }
        if (!report.timings().isEmpty()) {
            out.append("<section><h2>Speed</h2><div class=\"charts\">");
            Curves.of(report.timings()).stream().limit(1).forEach(chart -> out.append(chart.svg()));
            out.append(new TimeChart(Curves.phases(report.timings())).html());
            out.append("</div></section>\n");
        }
    }

    static void galleries(StringBuilder out, List<Gallery> galleries) {
        for (Gallery gallery : galleries) {
            if (gallery.pictures().isEmpty()) {
                continue;
            }
            out.append("<section><h2>%s</h2><div class=\"pictures galleries\">".formatted(escape(gallery.title())));
            gallery.pictures()
                    .forEach(p -> out.append(
                            "<figure><img alt=\"%s\" src=\"data:image/png;base64,%s\"><figcaption>%s</figcaption></figure>\n"
                                    .formatted(escape(p.caption()), png(p.image()), escape(p.caption()))));
            out.append("</div></section>\n");
        }
    }

    private static String png(Image image) {
        return Base64.getEncoder().encodeToString(ImageEncoder.png(image));
    }

    private void predictions(StringBuilder out) {
        if (report.predictions().isEmpty()) {
            return;
        }
        out.append("<section><h2>Predictions</h2><div class=\"pictures\">");
        report.predictions().forEach(p -> prediction(out, p));
        out.append("</div></section>\n");
    }

    private static void prediction(StringBuilder out, Prediction p) {
        String png = png(ImageEncoder.thumbnail(p.picture(), LARGEST_PICTURE));
        String kind = p.truth() == null ? "open" : p.isRight() ? "right" : "wrong";
        String mark = p.truth() == null ? "" : p.isRight() ? "✓ " : "✗ ";
        out.append("<figure class=\"%s\"><img alt=\"\" class=\"%s\" src=\"data:image/png;base64,%s\">"
                .formatted(kind, p.picture().width() < 96 ? "small" : "", png));
        out.append("<figcaption><b>%s%s</b> %s".formatted(mark, escape(p.predicted()), percent(p.probability())));
        if (p.truth() != null && !p.isRight()) {
            out.append("<br>is %s".formatted(escape(p.truth())));
        }
        out.append("</figcaption></figure>\n");
    }

    private void confusion(StringBuilder out) {
        if (report.confusion() != null) {
            out.append("<section><h2>Confusion</h2>")
                    .append(new ConfusionChart(report.confusion()).html())
                    .append("</section>\n");
        }
        if (report.calibration() != null) {
            out.append("<section><h2>Calibration</h2>")
                    .append(new CalibrationChart(report.calibration()).svg())
                    .append("</section>\n");
        }
    }

    private void configuration(StringBuilder out) {
        if (!report.config().isBlank()) {
            out.append("<section><h2>Configuration</h2><pre>%s</pre></section>\n".formatted(escape(report.config())));
        }
        if (!report.environment().isEmpty()) {
            out.append("<section><h2>Environment</h2><table>");
            for (Map.Entry<String, String> e : report.environment().entrySet()) {
                out.append("<tr><td>%s<td>%s".formatted(escape(e.getKey()), escape(e.getValue())));
            }
            out.append("</table></section>\n");
        }
    }

    private static String style() {
        try (var in = Objects.requireNonNull(Page.class.getResourceAsStream("report.css"), "report.css")) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
