package dev.fovea.optim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fovea.config.Configs;
import dev.fovea.optim.OptimConfig.DecayBy;
import dev.fovea.optim.OptimConfig.Group;
import dev.fovea.optim.OptimConfig.Multiplier;
import dev.fovea.tensor.Scope;
import dev.fovea.tensor.Tensors;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.assertj.core.data.Offset;
import org.bytedeco.pytorch.AutoGradMode;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class OptimizerTest {

    private static final long STEPS = 200;

    private static OptimConfig config(String rule, String... more) {
        var values = new ArrayList<>(List.of("rule=" + rule, "lr=0.05"));
        values.addAll(List.of(more));
        return Configs.of(OptimConfig.class, values.toArray(String[]::new));
    }

    private static OptimConfig config(List<Group> groups, @Nullable List<Multiplier> wdMults, @Nullable Double clip) {
        return new OptimConfig(
                Rule.Adam.STANDARD,
                0.05,
                0.1,
                DecayBy.SCHEDULE,
                ScheduleConfig.CONSTANT,
                groups,
                List.of(),
                wdMults,
                List.of(),
                clip,
                null);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "adam",
                "{name: adam, nesterov: true}",
                "{name: adam, momentumType: bfloat16}",
                "sgd",
                "{name: sgd, momentum: 0.9}",
                "{name: sgd, momentum: 0.9, nesterov: true, momentumType: bfloat16}",
                "lion",
                "adafactor",
                "{name: adafactor, momentum: 0, clippingThreshold: 1}"
            })
    void everyRuleMinimisesAQuadratic(String rule) {
        try (var task = new Quadratic();
                var optimizer = Optimizer.of(
                        config(rule, "schedule={decay: linear}", "clipNorm=100"), task.params.table(), STEPS)) {
            double first = task.backward();
            for (long step = 0; step < STEPS; step++) {
                optimizer.step(step);
                task.backward();
            }
            optimizer.clearGradients();
            assertThat(task.backward()).isLessThan(first * 1e-2);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "adam",
                "{name: adam, nesterov: true, momentumType: bfloat16}",
                "sgd",
                "{name: sgd, momentum: 0.9}",
                "lion",
                "adafactor"
            })
    void restoringEqualsGoingOnBitForBit(String rule) {
        OptimConfig config = config(rule, "wd=0.01", "clipNorm=5", "schedule={decay: cosine, warmup: {steps: 2}}");
        try (var straight = new Quadratic();
                var resumed = new Quadratic();
                var first = Optimizer.of(config, straight.params.table(), 10);
                var second = Optimizer.of(config, resumed.params.table(), 10)) {
            for (long step = 0; step < 4; step++) {
                straight.backward();
                first.step(step);
            }
            try (var _ = new Scope();
                    var _ = new AutoGradMode(false)) {
                straight.params.table().forEach((name, x) -> resumed.at(name).copy_(x));
                second.restore(copy(first.state()));
            }
            for (long step = 4; step < 10; step++) {
                straight.backward();
                first.step(step);
                resumed.backward();
                second.step(step);
            }
            assertThat(second.count()).isEqualTo(10);
            for (int i = 0; i < 3; i++) {
                assertThat(resumed.values().get(i)).isEqualTo(straight.values().get(i));
            }
        }
    }

    private static Map<String, Tensor> copy(Map<String, Tensor> state) {
        var copy = new LinkedHashMap<String, Tensor>();
        state.forEach((name, x) -> copy.put(name, x.clone()));
        return copy;
    }

    @Test
    void frozenParametersStayAndAreOutsideTheNorm() {
        try (var task = new Quadratic();
                var optimizer = Optimizer.of(
                        config(List.of(new Group("layer\\..*", null)), List.of(new Multiplier(".*", 1)), 1.0),
                        task.params.table(),
                        10)) {
            List<float[]> before = task.values();
            task.backward();
            StepInfo info = optimizer.step(0);
            assertThat(info.gradNorm()).isEqualTo(1); // |scale − 1|, the only one that is trained
            assertThat(task.values().get(0)).isEqualTo(before.get(0));
            assertThat(task.values().get(1)).isEqualTo(before.get(1));
            assertThat(task.values().get(2)).isNotEqualTo(before.get(2));
            assertThat(optimizer.state()).containsOnlyKeys("count", "mu.scale", "nu.scale");
        }
    }

    @Test
    void decayIsOfKernelsUnlessSaidOtherwise() {
        try (var task = new Quadratic();
                var optimizer = Optimizer.of(config(List.of(), null, null), task.params.table(), 10)) {
            zeroGradients(task);
            optimizer.step(0);
            List<float[]> before;
            try (var other = new Quadratic()) {
                before = other.values();
            }
            assertThat(task.values().get(0)[0]).isEqualTo(before.get(0)[0] * 0.9f, within());
            assertThat(task.values().get(1)).isEqualTo(before.get(1));
        }
    }

    private static Offset<Float> within() {
        return Offset.offset(1e-6f);
    }

    private static void zeroGradients(Quadratic task) {
        try (var _ = new Scope()) {
            task.params.table().values().forEach(x -> x.mutable_grad()
                    .put(x.detach().clone().zero_()));
        }
    }

    /** torch.optim.AdamW(lr=0.1, weight_decay=0.5): one step by hand, θ = θ (1 − lr wd) − lr g / (|g| + ε). */
    @Test
    void firstStepOfTorchAdamW() {
        try (var task = new Quadratic();
                var optimizer = Optimizer.of(OptimConfig.torchAdamW(0.1, 0.5), task.params.table(), 10)) {
            float theta = task.values().get(0)[0];
            task.backward();
            StepInfo info = optimizer.step(0);
            assertThat(info.rate()).isEqualTo(0.1);
            float wanted = theta * 0.95f - 0.1f * Math.signum(theta - 1);
            assertThat(task.values().get(0)[0]).isEqualTo(wanted, within());
        }
    }

    @Test
    void clippingScalesAllGradientsTogether() {
        try (var task = new Quadratic();
                var optimizer = Optimizer.of(config("sgd", "clipNorm=0.5"), task.params.table(), 10)) {
            List<float[]> before = task.values();
            task.backward();
            double norm = optimizer.step(0).gradNorm();
            double moved = 0;
            for (int i = 0; i < 3; i++) {
                for (int j = 0; j < before.get(i).length; j++) {
                    moved += Math.pow(task.values().get(i)[j] - before.get(i)[j], 2);
                }
            }
            assertThat(norm).isGreaterThan(10);
            assertThat(Math.sqrt(moved)).isCloseTo(0.05 * 0.5, Offset.offset(1e-5));
        }
    }

    @Test
    void parameterThatTheLossDoesNotSeeHasAZeroGradient() {
        try (var task = new Quadratic();
                var optimizer = Optimizer.of(config("adam"), task.params.table(), 10)) {
            task.backward();
            task.at("scale").mutable_grad().reset();
            optimizer.step(0);
            assertThat(task.values().get(2)).containsExactly(0);
            assertThat(task.values().get(1)[0]).isNotZero();
        }
    }

    @Test
    void stepWithoutBackwardIsAnError() {
        try (var task = new Quadratic();
                var optimizer = Optimizer.of(config("adam"), task.params.table(), 10)) {
            task.backward();
            optimizer.step(0);
            assertThatThrownBy(() -> optimizer.step(1))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("none of the 3 parameters has a gradient");
        }
    }

    @Test
    void nonFiniteGradientNamesItsParameterAndChangesNothing() {
        try (var task = new Quadratic();
                var optimizer = Optimizer.of(config("adam"), task.params.table(), 10)) {
            List<float[]> before = task.values();
            task.backward();
            try (var _ = new Scope()) {
                task.at("layer.bias").grad().select(0, 7).fill_(new Scalar(Double.NaN));
            }
            assertThatThrownBy(() -> optimizer.step(17))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("step 17: the gradient of layer.bias is not finite");
            assertThat(task.values().get(0)).isEqualTo(before.get(0));
            assertThat(optimizer.count()).isZero();
        }
    }

    @Test
    void patternThatMatchesNothingIsAnError() {
        try (var task = new Quadratic()) {
            OptimConfig config = config(List.of(new Group("layr\\..*", null)), null, null);
            assertThatThrownBy(() -> Optimizer.of(config, task.params.table(), 10))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("groups: pattern 'layr\\..*' matches the whole name of none of 3 parameters: "
                            + "[layer.weight, layer.bias, scale]");
        }
    }

    @Test
    void freezingEverythingIsAnError() {
        try (var task = new Quadratic()) {
            OptimConfig config = config(List.of(new Group(".*", null)), null, null);
            assertThatThrownBy(() -> Optimizer.of(config, task.params.table(), 10))
                    .hasMessage("all 3 parameters are frozen");
        }
    }

    @Test
    void stateThatDoesNotFitIsAnErrorAndChangesNothing() {
        try (var task = new Quadratic();
                var optimizer = Optimizer.of(config("adam"), task.params.table(), 10);
                var _ = new Scope()) {
            task.backward();
            optimizer.step(0);
            Map<String, Tensor> missing = copy(optimizer.state());
            missing.remove("mu.scale");
            assertThatThrownBy(() -> optimizer.restore(missing))
                    .hasMessageContaining("checkpoint has no mu.scale [] of the optimizer; it has [count, ");
            Map<String, Tensor> extra = copy(optimizer.state());
            extra.put("mu.head", Tensors.of(new float[2], 2));
            assertThatThrownBy(() -> optimizer.restore(extra))
                    .hasMessage("checkpoint has 1 tensors that the optimizer does not know: [mu.head]");
            Map<String, Tensor> shape = copy(optimizer.state());
            shape.put("mu.layer.bias", Tensors.of(new float[2], 2));
            assertThatThrownBy(() -> optimizer.restore(shape))
                    .hasMessage("mu.layer.bias: checkpoint has Float [2], the optimizer expects Float [34]");
            Map<String, Tensor> type = copy(optimizer.state());
            type.put("mu.scale", task.at("scale").detach().to(ScalarType.Double));
            assertThatThrownBy(() -> optimizer.restore(type))
                    .hasMessage("mu.scale: checkpoint has Double [], the optimizer expects Float []");
            assertThat(optimizer.count()).isEqualTo(1);
        }
    }

    @Test
    void multiplierOfZeroFreezesOnlyWhereDecayFollowsTheRate() {
        var zero = List.of(new Multiplier(".*", 0));
        assertThatThrownBy(() -> new OptimConfig(
                        Rule.Adam.STANDARD,
                        1,
                        0,
                        DecayBy.SCHEDULE,
                        ScheduleConfig.CONSTANT,
                        List.of(),
                        zero,
                        null,
                        List.of(),
                        null,
                        null))
                .hasMessage("lrMults: found 0.0 for .*, wanted a positive number; a group with schedule null freezes");
    }
}
