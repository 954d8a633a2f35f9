package dev.fovea.train;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ProgressTest {

    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private final PrintStream out = new PrintStream(bytes, true, UTF_8);

    private static Measurement of(String set) {
        return new Measurement(10, set, new LinkedHashMap<>(Map.of("loss", 0.5)));
    }

    private void run(Progress progress) {
        progress.at(10, 40, 1234.5, 75);
        progress.measured(of("train"));
        progress.measured(of("val"));
        progress.note("saved");
        progress.at(40, 40, 1234.5, 0);
        progress.close();
    }

    @Test
    void linesHoldNoControlCharacters() {
        run(new ProgressLines(out));
        assertThat(bytes.toString(UTF_8)).isEqualTo("""
                step 10/40  loss 0.5000  1235 examples/s  ETA 1:15
                step 10/40  val: loss 0.5000
                saved
                """);
    }

    @Test
    void theBarIsRedrawnBelowTheLinesThatStay() {
        run(new ProgressBar(out, false));
        String[] drawn = bytes.toString(UTF_8).split("\r\u001b\\[K", -1);
        assertThat(drawn[1]).isEqualTo("10/40 ━━━━━━──────────────────  25%  1235 examples/s  ETA 1:15  ");
        assertThat(drawn[2]).startsWith("step 10  val: loss 0.5000\n10/40 ");
        assertThat(drawn[3]).startsWith("saved\n10/40 ");
        assertThat(drawn[4]).isEqualTo("40/40 ━━━━━━━━━━━━━━━━━━━━━━━━ 100%  1235 examples/s  ETA 0:00  loss 0.5000\n");
        assertThat(bytes.toString(UTF_8)).doesNotContain("\u001b[3");
    }

    @ParameterizedTest
    @CsvSource({
        "0, 0",
        "3, 3",
        "-12, -12",
        "0.5, 0.5000",
        "0.12345678, 0.1235",
        "12.3456, 12.35",
        "123.456, 123.5",
        "1234.5, 1235",
        "123456.7, 123457",
        "3.14159e7, 3.14e7",
        "0.0003, 3.00e-4",
        "1e-12, 1.00e-12",
        "NaN, NaN"
    })
    void numbersHaveFourDigits(double x, String text) {
        assertThat(ProgressText.number(x)).isEqualTo(text);
    }

    @ParameterizedTest
    @CsvSource({"0.4, 0:00", "59.6, 1:00", "754, 12:34", "11100, 3:05:00", "NaN, ?"})
    void durationsAreClockTimes(double seconds, String text) {
        assertThat(ProgressText.duration(seconds)).isEqualTo(text);
    }
}
