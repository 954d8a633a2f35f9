package dev.fovea.report;

import static dev.fovea.report.Html.escape;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SequencedMap;

/**
 * A page of tables, lines and pictures, for what is not a training run.
 *
 * @param subtitle one line below the title; may be empty
 */
public record TablePage(
        String title, String subtitle, List<Table> tables, List<Lines> charts, List<Gallery> galleries) {

    /** A table; its first column is text, the others are numbers as they shall be read. */
    public record Table(String title, List<String> header, List<List<String>> rows) {}

    /**
     * Lines over one axis.
     *
     * @param across name of that axis
     * @param lines by name, points {@code [x, y]} with rising x
     */
    public record Lines(String title, String across, SequencedMap<String, List<double[]>> lines) {}

    /** Writes the page, over an older one. */
    public void write(Path file) {
        try {
            Files.writeString(file, html());
        } catch (IOException e) {
            throw new UncheckedIOException("%s: cannot be written: %s".formatted(file, e.getMessage()), e);
        }
    }

    /** The page. */
    public String html() {
        var out = new StringBuilder();
        Page.open(out, title);
        out.append("<header><h1>%s</h1><p>%s</p></header>\n".formatted(escape(title), escape(subtitle)));
        if (!charts.isEmpty()) {
            out.append("<section><div class=\"charts\">");
            charts.forEach(chart -> out.append(chart(chart).svg()));
            out.append("</div></section>\n");
        }
        tables.forEach(table -> table(out, table));
        Page.galleries(out, galleries);
        return out.append("<footer>Written by Fovea.</footer></main></body></html>\n")
                .toString();
    }

    private static LineChart chart(Lines chart) {
        var series = new ArrayList<Series>();
        chart.lines()
                .forEach((name, points) -> series.add(new Series(
                        name,
                        series.size() % Series.COLORS,
                        points.stream().mapToDouble(p -> p[0]).toArray(),
                        points.stream().mapToDouble(p -> p[1]).toArray())));
        return new LineChart(chart.title(), chart.across(), series);
    }

    private static void table(StringBuilder out, Table table) {
        out.append("<section><h2>%s</h2><table><tr>".formatted(escape(table.title())));
        cells(out, "th", table.header());
        table.rows().forEach(row -> {
            out.append("<tr>");
            cells(out, "td", row);
        });
        out.append("</table></section>\n");
    }

    private static void cells(StringBuilder out, String tag, List<String> cells) {
        for (int i = 0; i < cells.size(); i++) {
            out.append("<%s%s>%s".formatted(tag, i == 0 ? "" : " class=\"n\"", escape(cells.get(i))));
        }
    }
}
