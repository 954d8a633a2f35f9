package dev.fovea.train;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MetricsFileTest {

    @TempDir
    Path folder;

    private static Measurement loss(long step, double value) {
        return new Measurement(step, "train", new LinkedHashMap<>(Map.of("loss", value)));
    }

    private Path written(long... steps) {
        Path path = folder.resolve("metrics.jsonl");
        try (var file = MetricsFile.open(path, -1)) {
            for (long step : steps) {
                file.append(loss(step, 0.1 * step));
            }
        }
        return path;
    }

    @Test
    void aLineIsOneObject() throws Exception {
        assertThat(Files.readString(written(5))).isEqualTo("{\"step\":5,\"set\":\"train\",\"loss\":0.5}\n");
    }

    @Test
    void linesAfterTheStepResumedFromAreDropped() {
        Path path = written(0, 10, 20, 30);
        try (var file = MetricsFile.open(path, 20)) {
            file.append(loss(40, 7));
        }
        assertThat(MetricsFile.read(path)).extracting(Measurement::step).containsExactly(0L, 10L, 20L, 40L);
    }

    @Test
    void aTornLastLineIsDropped() throws Exception {
        Path path = written(10, 20);
        String whole = Files.readString(path);
        for (int cut = 1; cut < whole.length() / 2; cut += 7) {
            Files.writeString(path, whole.substring(0, whole.length() - cut));
            try (var file = MetricsFile.open(path, 20)) {
                file.append(loss(30, 1));
            }
            assertThat(MetricsFile.read(path)).extracting(Measurement::step).containsExactly(10L, 30L);
            Files.writeString(path, whole);
        }
    }

    @Test
    void aNewRunStartsAnew() {
        Path path = written(0, 10);
        MetricsFile.open(path, -1).close();
        assertThat(MetricsFile.read(path)).isEmpty();
    }

    @Test
    void aValueThatIsNotFiniteIsNullInTheFile() throws Exception {
        Path path = written(1);
        try (var file = MetricsFile.open(path, 1)) {
            file.append(loss(2, Double.NaN));
        }
        assertThat(Files.readString(path)).endsWith("\"loss\":null}\n");
        assertThat(MetricsFile.read(path).getLast().values().get("loss")).isNaN();
    }

    @Test
    void valuesAreReadBackAsTheyWere() throws Exception {
        Path path = written();
        try (var file = MetricsFile.open(path, -1)) {
            file.append(loss(1, 0.1f / 3));
        }
        assertThat(MetricsFile.read(path)).containsExactly(loss(1, 0.1f / 3));
        Files.writeString(path, "garbage", StandardOpenOption.APPEND);
        assertThat(MetricsFile.read(path)).hasSize(1);
    }
}
