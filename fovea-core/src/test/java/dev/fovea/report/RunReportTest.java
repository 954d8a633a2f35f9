package dev.fovea.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import dev.fovea.image.Image;
import dev.fovea.train.Measurement;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.SequencedMap;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.xml.sax.InputSource;

class RunReportTest {

    private static final String HOSTILE = "<script>alert('x')</script>&\"";

    static RunReport sample(String name, int classes, int points) {
        var random = new Random(1);
        var metrics = new ArrayList<Measurement>();
        var timings = new ArrayList<Measurement>();
        for (int i = 1; i <= points; i++) {
            double progress = (double) i / points;
            double loss = 2.3 * Math.exp(-3 * progress) + 0.1 + 0.1 * random.nextGaussian() * Math.exp(-2 * progress);
            metrics.add(new Measurement(
                    i * 50L,
                    "train",
                    values("loss", loss, "rate", 1e-3 * Math.cos(1.5 * progress), "gradNorm", 3 * loss * loss)));
            if (i % (points / 10) == 0) {
                metrics.add(new Measurement(
                        i * 50L, "val", values("top1", 1 - 0.8 * Math.exp(-3 * progress), "loss", loss + 0.05)));
            }
            timings.add(new Measurement(
                    i * 50L,
                    "time",
                    values(
                            "examplesPerSecond",
                            500 + 20 * random.nextGaussian(),
                            "dataWait",
                            1e-4,
                            "forwardBackward",
                            0.02,
                            "optimizer",
                            0.002,
                            "evaluation",
                            0.004,
                            "checkpoint",
                            0.001)));
        }
        var names = new ArrayList<String>();
        var counts = new long[classes][classes];
        for (int c = 0; c < classes; c++) {
            names.add(c == 0 ? name : "class " + c);
            for (int i = 0; i < 200; i++) {
                counts[c][random.nextDouble() < 0.9 ? c : random.nextInt(classes)]++;
            }
        }
        var predictions = new ArrayList<Prediction>();
        for (int i = 0; i < 14; i++) {
            var rgb = new byte[32 * 32 * 3];
            random.nextBytes(rgb);
            predictions.add(new Prediction(
                    new Image(32, 32, rgb),
                    i == 13 ? null : names.get(i % classes),
                    names.get((i % 5 == 4 ? i + 1 : i) % classes),
                    0.5 + 0.5 * random.nextDouble()));
        }
        var confidence = new double[2000];
        var right = new boolean[confidence.length];
        for (int i = 0; i < confidence.length; i++) {
            confidence[i] = 1 - 0.8 * random.nextDouble() * random.nextDouble();
            right[i] = random.nextDouble() < confidence[i] - 0.05;
        }
        SequencedMap<String, String> headline = new LinkedHashMap<>();
        headline.put("Test accuracy", "93.4%");
        headline.put("Steps", "%,d".formatted(points * 50));
        headline.put("Time", "12:34");
        headline.put("Parameters", "2.7 M");
        SequencedMap<String, String> environment = new LinkedHashMap<>(Map.of("Java", "25 " + name));
        return new RunReport(
                name,
                "A small hybrid on pictures of clothes",
                headline,
                metrics,
                timings,
                values("test/top1", 0.934, "test/crossEntropy", 0.2013, "test/calibrationError", 0.021),
                predictions,
                new Confusion(names, counts),
                Calibration.of(confidence, right, 15),
                "# " + name + "\nmodel:\n  width: 192\n  depth: 6\n",
                environment);
    }

    private static SequencedMap<String, Double> values(Object... pairs) {
        var values = new LinkedHashMap<String, Double>();
        for (int i = 0; i < pairs.length; i += 2) {
            values.put((String) pairs[i], (Double) pairs[i + 1]);
        }
        return values;
    }

    @Test
    void textIsEscapedEverywhere() {
        assertThat(sample(HOSTILE, 5, 20).html()).doesNotContain("<script").contains("&lt;script&gt;");
    }

    @Test
    void thePageAsksTheNetworkForNothing() {
        assertThat(sample("run", 5, 20).html())
                .doesNotContain("http://")
                .doesNotContain("https://")
                .doesNotContain("src=\"/")
                .doesNotContain("@import");
    }

    @Test
    void chartsAreWellFormedXml() throws Exception {
        String html = sample(HOSTILE, 25, 500).html();
        int charts = 0;
        for (int at = html.indexOf("<svg"); at >= 0; at = html.indexOf("<svg", at + 1)) {
            String svg = html.substring(at, html.indexOf("</svg>", at) + 6);
            DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(new InputSource(new StringReader(svg)));
            charts++;
        }
        assertThat(charts).isEqualTo(4 + 1 + 1 + 1 + 1);
    }

    @Test
    void anEmptyReportIsAPage() {
        var report = new RunReport(
                "run",
                "",
                new LinkedHashMap<>(),
                List.of(),
                List.of(),
                new LinkedHashMap<>(),
                List.of(),
                null,
                null,
                "",
                new LinkedHashMap<>());
        assertThat(report.html()).contains("<h1>run</h1>").doesNotContain("<h2>");
    }

    @Test
    void valuesThatAreNotFiniteLeaveAGap() {
        var chart = new LineChart(
                "loss", List.of(new Series("train", 0, new double[] {1, 2, 3, 4}, new double[] {1, Double.NaN, 3, 4})));
        assertThat(chart.svg()).doesNotContain("NaN").contains("M").containsPattern("d=\"M[^ML\"]*M");
    }

    @Test
    void thePageIsWrittenIntoItsFolder(@TempDir Path folder) throws Exception {
        Path page = sample("run", 3, 20).write(folder.resolve("new"));
        assertThat(page).hasFileName("report.html");
        assertThat(Files.readString(page)).startsWith("<!DOCTYPE html>").endsWith("</html>\n");
    }

    @Test
    void calibrationErrorIsTheWeightedDistance() {
        // two of three right at 0.9, none of one right at 0.2
        var calibration =
                Calibration.of(new double[] {0.9, 0.9, 0.9, 0.2}, new boolean[] {true, true, false, false}, 10);
        assertThat(calibration.error()).isCloseTo((3 * (0.9 - 2.0 / 3) + 0.2) / 4, within(1e-12));
    }

    @Test
    void frequentMistakesComeFirst() {
        var confusion = new Confusion(List.of("a", "b", "c"), new long[][] {{5, 1, 0}, {3, 4, 0}, {0, 2, 9}});
        assertThat(confusion.mistakes(2))
                .containsExactly(new Confusion.Mistake(1, 0, 3), new Confusion.Mistake(2, 1, 2));
        assertThat(confusion.recall(0)).isCloseTo(5.0 / 6, within(1e-12));
        assertThat(confusion.precision(1)).isCloseTo(4.0 / 7, within(1e-12));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Confusion(List.of("a"), new long[][] {{1, 2}}))
                .withMessage("confusion: 1 class names, counts are [1, 2]");
    }

    @Test
    void marksAreRoundNumbers() {
        assertThat(Axis.around(0.13, 2.37, 5).marks().stream().map(Html::number))
                .containsExactly("0", "0.5", "1", "1.5", "2", "2.5");
        assertThat(Axis.decades(0.002, 30).marks().stream().map(Html::number))
                .containsExactly("0.001", "0.01", "0.1", "1", "10", "100");
        assertThat(Axis.around(3, 3, 5).share(3)).isBetween(0.1, 0.9);
    }

    @Test
    void aStraightLineIsItsOwnSmoothing() {
        double[] line = {0, 1, 2, 3, 4, 5, 6, 7, 8};
        assertThat(new Series("s", 0, line, line).smoothed(4).y()).containsExactly(line);
    }

    @Test
    void thinningKeepsPeaks() {
        var x = new double[10_000];
        var y = new double[x.length];
        for (int i = 0; i < x.length; i++) {
            x[i] = i;
        }
        y[7777] = 5;
        Series thin = new Series("s", 0, x, y).thinned(100);
        assertThat(thin.x()).hasSize(100).isSorted();
        assertThat(thin.y()).contains(5.0);
    }
}
