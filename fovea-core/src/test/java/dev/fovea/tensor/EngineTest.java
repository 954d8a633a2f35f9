package dev.fovea.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Collectors;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;

class EngineTest {

    @Test
    void fastLibtorchIsInUseOnLinux() throws Exception {
        Engine.Report report = Engine.report();
        assertThat(report.apiVersion()).startsWith("2.7");
        assertThat(report.fast()).as(report.toString()).isTrue();
        try (var _ = new Scope()) {
            Tensor x = Tensors.of(new float[64 * 64], 64, 64);
            assertThat(x.matmul(x).numel()).isEqualTo(64 * 64);
        }
        try (var maps = Files.lines(Path.of("/proc/self/maps"))) {
            assertThat(maps.filter(line -> line.contains("libgomp"))
                            .map(line -> line.substring(line.indexOf('/')))
                            .collect(Collectors.toSet()))
                    .hasSize(1);
        }
    }

    @Test
    void arraysComeBackAsTheyWent() {
        try (var _ = new Scope()) {
            assertThat(Tensors.toFloats(
                            Tensors.of(new float[] {1, 2, 3, 4, 5, 6}, 2, 3).t()))
                    .containsExactly(1, 4, 2, 5, 3, 6);
            assertThat(Tensors.toLongs(Tensors.of(new int[] {7, -8}, 2))).containsExactly(7, -8);
            assertThatThrownBy(() -> Tensors.of(new float[3], 2, 2)).hasMessage("shape [2, 2] takes 4 values, found 3");
        }
    }

    @Test
    void scopeFreesAllButWhatIsKept() {
        try (var _ = new Scope()) {
            Tensor x = Tensors.of(new float[] {1, 2}, 2);
            Tensor[] temporary = new Tensor[1];
            Tensor y = Scope.scoped(x, t -> {
                temporary[0] = t.add(t);
                return temporary[0].add(t);
            });
            assertThat(temporary[0].isNull()).isTrue();
            assertThat(Tensors.toFloats(y)).containsExactly(3, 6);
        }
    }
}
