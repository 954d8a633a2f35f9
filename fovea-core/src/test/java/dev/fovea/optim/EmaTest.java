package dev.fovea.optim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.fovea.tensor.Scope;
import dev.fovea.tensor.Tensors;
import java.util.List;
import org.bytedeco.pytorch.AutoGradMode;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;

class EmaTest {

    private static void add(Quadratic task, double x) {
        try (var _ = new Scope();
                var _ = new AutoGradMode(false)) {
            task.params.table().values().forEach(p -> p.add_(new Scalar(x)));
        }
    }

    private static float scale(Quadratic task) {
        return task.values().get(2)[0];
    }

    @Test
    void averageFollowsTheParameters() {
        try (var task = new Quadratic();
                var ema = Ema.of(new Ema.Config(0.9, false), task.params.table())) {
            add(task, 1);
            ema.update();
            ema.update();
            Tensor average = ema.averages().values().stream().toList().get(2);
            assertThat(Tensors.toFloats(average)[0]).isCloseTo(0.19f, within(1e-6f)); // 1 − 0.9²
        }
    }

    @Test
    void warmupForgetsTheStart() {
        var config = new Ema.Config(0.999, true);
        assertThat(config.at(1)).isCloseTo(2 / 11.0, within(1e-12));
        assertThat(config.at(1_000_000)).isEqualTo(0.999);
    }

    @Test
    void swappingGivesTheParametersTheirOwnValuesBack() {
        try (var task = new Quadratic();
                var ema = Ema.of(new Ema.Config(0.5, false), task.params.table())) {
            add(task, 1);
            try (var _ = ema.swapped()) {
                assertThat(scale(task)).isZero();
            }
            assertThat(scale(task)).isEqualTo(1);
            ema.update();
            try (var _ = ema.swapped()) {
                assertThat(scale(task)).isEqualTo(0.5f);
            }
        }
    }

    @Test
    void restoredAverageGoesOnBitForBit() {
        try (var task = new Quadratic();
                var first = Ema.of(new Ema.Config(0.99, true), task.params.table())) {
            add(task, 1);
            first.update();
            try (var second = Ema.of(new Ema.Config(0.99, true), task.params.table())) {
                second.restore(first.state());
                add(task, 1);
                first.update();
                second.update();
                List<Tensor> wanted = List.copyOf(first.averages().values());
                List<Tensor> found = List.copyOf(second.averages().values());
                for (int i = 0; i < wanted.size(); i++) {
                    assertThat(Tensors.toFloats(found.get(i))).isEqualTo(Tensors.toFloats(wanted.get(i)));
                }
            }
        }
    }
}
