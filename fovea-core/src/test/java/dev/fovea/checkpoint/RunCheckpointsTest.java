package dev.fovea.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fovea.tensor.Scope;
import dev.fovea.tensor.Tensors;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SequencedMap;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.json.JsonMapper;

class RunCheckpointsTest {

    @TempDir
    private Path folder;

    static void save(RunCheckpoints checkpoints, long step) {
        try (var _ = new Scope()) {
            SequencedMap<String, Tensor> model = new LinkedHashMap<>();
            model.put("w", Tensors.of(new float[] {(float) step, (float) step + 0.5f}, 2));
            SequencedMap<String, Tensor> optimizer = new LinkedHashMap<>();
            optimizer.put("m", Tensors.of(new double[] {-step}, 1));
            checkpoints.save(
                    step,
                    Map.of("model", model, "optimizer", optimizer),
                    JsonMapper.shared().createObjectNode().put("position", 10 * step));
        }
    }

    private static RunCheckpoint latest(RunCheckpoints checkpoints) {
        return Objects.requireNonNull(checkpoints.latest());
    }

    private List<String> names() throws Exception {
        try (Stream<Path> paths = Files.list(folder)) {
            return paths.map(path -> path.getFileName().toString()).sorted().toList();
        }
    }

    @Test
    void latestHoldsWhatWasSaved() {
        var checkpoints = new RunCheckpoints(folder, 2);
        assertThat(checkpoints.latest()).isNull();
        save(checkpoints, 7);
        save(checkpoints, 12);
        RunCheckpoint latest = latest(checkpoints);
        assertThat(latest.step()).isEqualTo(12);
        assertThat(latest.state().path("position").asLong()).isEqualTo(120);
        try (Weights model = latest.part("model");
                Weights optimizer = latest.part("optimizer")) {
            assertThat(model.tensor("w").toFloats()).containsExactly(12, 12.5f);
            assertThat(optimizer.tensor("m").toDoubles()).containsExactly(-12);
        }
    }

    @Test
    void onlyTheNewestAreKept() throws Exception {
        var checkpoints = new RunCheckpoints(folder, 2);
        for (long step : new long[] {1, 2, 100_000_000, 3}) {
            save(checkpoints, step);
        }
        assertThat(names()).containsExactly("step-00000003", "step-100000000");
    }

    @Test
    void stepThatIsSavedAgainReplacesNothing() throws Exception {
        var checkpoints = new RunCheckpoints(folder, 3);
        save(checkpoints, 5);
        save(checkpoints, 5);
        assertThat(names()).containsExactly("step-00000005", "step-00000005-1");
        assertThat(latest(checkpoints).folder()).isEqualTo(folder.resolve("step-00000005-1"));
    }

    @Test
    void leftoversOfAKilledSaveAreNotSeenAndClearedByTheNext() throws Exception {
        var checkpoints = new RunCheckpoints(folder, 3);
        save(checkpoints, 5);
        Path left = Files.createDirectory(folder.resolve(".unfinished-x"));
        Files.writeString(left.resolve("model.safetensors"), "half");
        assertThat(latest(checkpoints).step()).isEqualTo(5);
        assertThat(names()).contains(".unfinished-x");
        save(checkpoints, 6);
        assertThat(names()).containsExactly("step-00000005", "step-00000006");
    }

    /** Every file of the newest checkpoint missing, empty, cut, or with a bit turned. */
    @TestFactory
    List<DynamicTest> damagedCheckpointsArePassedOver() {
        var tests = new ArrayList<DynamicTest>();
        for (String file :
                new String[] {"model.safetensors", "optimizer.safetensors", "state.json", "checksums.json"}) {
            for (String damage : new String[] {"missing", "empty", "cut", "bit"}) {
                tests.add(DynamicTest.dynamicTest(file + " " + damage, () -> {
                    var checkpoints = new RunCheckpoints(folder.resolve(file + damage), 3);
                    save(checkpoints, 5);
                    save(checkpoints, 6);
                    Path target = latest(checkpoints).folder().resolve(file);
                    byte[] bytes = Files.readAllBytes(target);
                    Files.delete(target);
                    switch (damage) {
                        case "empty" -> Files.createFile(target);
                        case "cut" -> Files.write(target, Arrays.copyOf(bytes, bytes.length / 2));
                        case "bit" -> {
                            bytes[bytes.length / 2] ^= 4;
                            Files.write(target, bytes);
                        }
                        default -> {}
                    }
                    assertThat(latest(checkpoints).step()).isEqualTo(5);
                }));
            }
        }
        return tests;
    }

    @Test
    void damagedFileIsNamed() throws Exception {
        save(new RunCheckpoints(folder, 1), 5);
        Path state = folder.resolve("step-00000005/state.json");
        Files.writeString(state, "{}");
        assertThatThrownBy(() -> RunCheckpoint.open(folder.resolve("step-00000005")))
                .hasMessageStartingWith(state + ": damaged: 2 bytes, wanted ");
    }

    /** A process that saves as fast as it can is killed again and again; each time the last good one is whole. */
    @Test
    @Tag("slow")
    void killedProcessLeavesTheLastGoodOne() throws Exception {
        var checkpoints = new RunCheckpoints(folder, 2);
        long last = -1;
        for (int round = 0; round < 10; round++) {
            Process process = new ProcessBuilder(
                            ProcessHandle.current().info().command().orElse("java"),
                            "--enable-native-access=ALL-UNNAMED",
                            "-cp",
                            System.getProperty("java.class.path"),
                            Saver.class.getName(),
                            folder.toString())
                    .redirectErrorStream(true)
                    .start();
            process.getInputStream().read(); // it has begun
            Thread.sleep(17L * round);
            process.destroyForcibly().waitFor();
            RunCheckpoint latest = latest(checkpoints);
            assertThat(latest.step()).isGreaterThanOrEqualTo(last);
            try (Weights model = latest.part("model")) {
                assertThat(model.tensor("w").toFloats())
                        .containsExactly((float) latest.step(), (float) latest.step() + 0.5f);
            }
            last = latest.step();
        }
    }

    /** Saves step after step until it is killed. */
    static final class Saver {
        private Saver() {}

        public static void main(String[] args) {
            var checkpoints = new RunCheckpoints(Path.of(args[0]), 2);
            RunCheckpoint latest = checkpoints.latest();
            long first = latest == null ? 0 : latest.step() + 1;
            for (long step = first; ; step++) {
                save(checkpoints, step);
                if (step == first) {
                    System.out.println(step);
                }
            }
        }
    }
}
