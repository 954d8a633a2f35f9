package dev.fovea.models.vmoe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.fovea.tensor.Engine;
import dev.fovea.tensor.Scope;
import dev.fovea.tensor.Tensors;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class RoutesTest {

    /** Gates of six tokens over three experts, from the paper's notes. */
    private static final float[] GATES = {
        .50f, .30f, .20f, .40f, .35f, .25f, .90f, .06f, .04f, .60f, .10f, .30f, .10f, .80f, .10f, .34f, .33f, .33f
    };

    private static float[] random(int count, long seed) {
        var random = new SplittableRandom(seed);
        var values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = random.nextFloat();
        }
        return values;
    }

    @ParameterizedTest
    @CsvSource({
        "VANILLA,  1, 2, 0:0 1:0 4:1",
        "PRIORITY, 1, 2, 2:0 3:0 4:1",
        "VANILLA,  2, 2, 0:0 0:1 1:0 3:2 4:1",
        "PRIORITY, 2, 2, 2:0 2:1 3:0 3:2 4:1",
        "VANILLA,  2, 1, 0:0 3:2 4:1",
        "PRIORITY, 2, 1, 2:0 3:2 4:1"
    })
    void buffersFillInTheOrderOfChoicesAndThenOfTokens(Order order, int k, int capacity, String kept) {
        var a = Assignment.of(GATES, 1, 6, 3, k, capacity, order);
        List<String> found = new ArrayList<>();
        for (int choice = 0; choice < 6 * k; choice++) {
            if (a.kept(choice)) {
                found.add("%d:%d".formatted(choice / k, a.expert()[choice]));
            }
        }
        assertThat(found).containsExactlyInAnyOrder(kept.split(" "));
    }

    @Test
    void ofEqualGatesTheLowerExpertAndTheEarlierTokenComeFirst() {
        var a = Assignment.of(new float[] {.25f, .25f, .25f, .25f, .25f, .25f}, 1, 2, 3, 2, 1, Order.PRIORITY);
        assertThat(a.expert()).containsExactly(0, 1, 0, 1);
        assertThat(a.position()).containsExactly(0, 0, 1, 1);
    }

    @Test
    void whatIsNoNumberStillChoosesDifferentExperts() {
        var a = Assignment.of(new float[] {Float.NaN, Float.NaN, Float.NaN, 1}, 1, 1, 4, 3, 1, Order.PRIORITY);
        assertThat(a.expert()).doesNotHaveDuplicates();
    }

    @ParameterizedTest
    @EnumSource(Order.class)
    void throughIdentityExpertsATokenComesBackWithTheSumOfItsKeptGates(Order order) {
        try (var _ = new Scope()) {
            Engine.seed(1);
            float[] gates = random(2 * 7 * 5, 3);
            Tensor x = torch.randn(14, 4);
            var a = Assignment.of(gates, 2, 7, 5, 3, 2, order);
            Routes routes = Routes.of(a);
            Tensor back = routes.combine(routes.dispatch(x), Tensors.of(gates, 14, 5));
            var kept = new float[14];
            for (int choice = 0; choice < a.expert().length; choice++) {
                int t = choice / 3;
                kept[t] += a.kept(choice) ? gates[t * 5 + a.expert()[choice]] : 0;
            }
            float[] wanted = Tensors.toFloats(x.mul(Tensors.of(kept, 14, 1)));
            assertThat(Tensors.toFloats(back)).containsExactly(wanted, within(1e-5f));
        }
    }

    @Test
    void noExpertGetsMoreThanItsSlotsInAnyGroup() {
        var a = Assignment.of(random(3 * 20 * 4, 5), 3, 20, 4, 2, 6, Order.PRIORITY);
        Routes routes = Routes.of(a);
        assertThat(Arrays.stream(routes.load()).max().orElse(0)).isLessThanOrEqualTo(3 * 6);
        assertThat(routes.rows())
                .isEqualTo((int) Arrays.stream(a.position()).filter(p -> p < 6).count());
    }

    @Test
    void priorityKeepsTheSurestTokens() {
        float[] gates = random(40 * 4, 7);
        var a = Assignment.of(gates, 1, 40, 4, 1, 3, Order.PRIORITY);
        for (int e = 0; e < 4; e++) {
            float leastKept = 2;
            float mostDropped = -1;
            for (int t = 0; t < 40; t++) {
                if (a.expert()[t] == e) {
                    float gate = gates[t * 4 + e];
                    leastKept = a.kept(t) ? Math.min(leastKept, gate) : leastKept;
                    mostDropped = a.kept(t) ? mostDropped : Math.max(mostDropped, gate);
                }
            }
            assertThat(leastKept).isGreaterThanOrEqualTo(mostDropped);
        }
    }

    /** The path for training copies to distinct rows, the one for inference gathers: both give the same. */
    @Test
    void dispatchIsTheSameWithAndWithoutGradients() {
        try (var _ = new Scope()) {
            Tensor x = torch.randn(12, 3);
            Routes routes = Routes.of(Assignment.of(random(12 * 4, 9), 1, 12, 4, 2, 3, Order.VANILLA));
            float[] gathered = Tensors.toFloats(routes.dispatch(x));
            x.set_requires_grad(true);
            Tensor copied = routes.dispatch(x);
            assertThat(Tensors.toFloats(copied)).containsExactly(gathered);
            copied.sum().backward();
            var times = new float[12 * 3];
            int[] met = routes.expertsOfTokens();
            for (int i = 0; i < times.length; i++) {
                times[i] = met[i / 3];
            }
            assertThat(Tensors.toFloats(x.grad())).containsExactly(times);
        }
    }

    @Test
    void buffersGiveTheirRowsBack() {
        try (var _ = new Scope()) {
            Routes routes = Routes.of(Assignment.of(random(4 * 6 * 2, 11), 4, 6, 2, 2, 4, Order.PRIORITY));
            Tensor rows = routes.dispatch(torch.randn(24, 5));
            assertThat(Tensors.toFloats(routes.fromSlots(routes.toSlots(rows))))
                    .containsExactly(Tensors.toFloats(rows));
        }
    }

    @Test
    void randomOrderFollowsTheSeed() {
        float[] gates = random(30 * 2, 13);
        Engine.seed(5);
        int[] first = Assignment.of(gates, 1, 30, 2, 1, 5, Order.RANDOM).position();
        int[] second = Assignment.of(gates, 1, 30, 2, 1, 5, Order.RANDOM).position();
        Engine.seed(5);
        assertThat(Assignment.of(gates, 1, 30, 2, 1, 5, Order.RANDOM).position())
                .isEqualTo(first);
        assertThat(second).isNotEqualTo(first);
    }

    @Test
    void expertsThatChooseAreEquallyLoaded() {
        try (var _ = new Scope()) {
            Tensor gates = Tensors.of(random(2 * 9 * 3, 15), 2, 9, 3);
            Routes routes = ExpertRouter.routes(gates, Capacity.ofSlots(4));
            assertThat(routes.load()).containsExactly(8, 8, 8);
            assertThat(ExpertRouter.routes(gates, Capacity.ofSlots(40)).load()).containsExactly(18, 18, 18);
        }
    }

    @Test
    void aCapacityWithoutSlotsIsRefused() {
        assertThatThrownBy(() -> Capacity.of(0.01).slots(20, 4))
                .hasMessage("capacity factor 0.01 leaves 0 slots for 20 choices of 4 experts, wanted at least 1");
    }
}
