package dev.fovea.train;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("slow")
class KillResumeTest {

    private static final int KILLS = 20;
    private static final String[] RUN = {
        "steps=6000", "batchSize=16", "accumulate=2", "logEvery=7", "evalEvery=50", "saveEvery=25", "ema={decay: 0.9}"
    };

    /** What is killed: trains in the folder that it is given. */
    static final class Main {
        private Main() {}

        public static void main(String[] arguments) {
            try (var run = new SmallRun(Path.of(arguments[0]), 0.3, RUN)) {
                run.run();
            }
        }
    }

    @TempDir
    Path folder;

    private static List<String> command(Path folder) {
        return List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                Main.class.getName(),
                folder.toString());
    }

    @Test
    void killedAtRandomMomentsAndResumedEqualsUninterrupted() throws Exception {
        Path whole = folder.resolve("whole");
        new Killer(command(whole), whole, Duration.ofSeconds(1), 0).finish();

        Path parts = folder.resolve("parts");
        var killer = new Killer(command(parts), parts, Duration.ofMillis(700), 20);
        assertThat(killer.kill(KILLS)).as("kills before the run ended").isEqualTo(KILLS);
        killer.finish();

        assertThat(RunFolder.metrics(parts)).hasSameTextualContentAs(RunFolder.metrics(whole));
        assertThat(RunFolder.model(parts)).hasSameBinaryContentAs(RunFolder.model(whole));
        for (String file : List.of("model.safetensors", "optimizer.safetensors", "ema.safetensors", "state.json")) {
            assertThat(newest(parts).resolve(file))
                    .hasSameBinaryContentAs(newest(whole).resolve(file));
        }
    }

    private static Path newest(Path run) throws IOException {
        try (var checkpoints = Files.list(RunFolder.checkpoints(run))) {
            return checkpoints.sorted().reduce((_, later) -> later).orElseThrow();
        }
    }
}
