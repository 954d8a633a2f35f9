package dev.fovea.optim;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fovea.tensor.Engine;
import dev.fovea.tensor.Scope;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FusedAdamTest {

    private static final List<String> NAMES = List.of("a", "b");

    private static List<Tensor> random() {
        return List.of(torch.randn(33, 7), torch.randn(new long[0]));
    }

    private static List<Tensor> copies(List<Tensor> xs) {
        return xs.stream().map(Tensor::clone).toList();
    }

    @Test
    void plainAdamOnFloat32Is() {
        try (var state = new State("test");
                var _ = new Scope()) {
            try (var fused = Update.of(Rule.Adam.STANDARD, NAMES, random(), state)) {
                assertThat(fused).isInstanceOf(FusedAdam.class);
            }
            var half = List.of(torch.randn(3).to(ScalarType.Double));
            assertThat(Update.of(Rule.Adam.STANDARD, List.of("c"), half, state)).isInstanceOf(AdamUpdate.class);
        }
    }

    /** The kernel against the formulas, with clipping, with decay, and at rate 0 where only the decay is left. */
    @ParameterizedTest
    @CsvSource({"1, 0.1, 0", "0.25, 0.1, 0.01", "1, 0, 0.01", "3, -0.1, 0.01"})
    void equalsTheFormulas(double factor, double rate, double shrink) {
        Engine.seed(1);
        try (var one = new State("fused");
                var other = new State("formulas");
                var _ = new Scope()) {
            List<Tensor> found = random();
            List<Tensor> wanted = copies(found);
            try (var fused = new FusedAdam(Rule.Adam.STANDARD, NAMES, found, one);
                    var formulas = new AdamUpdate(Rule.Adam.STANDARD, NAMES, wanted, other)) {
                for (long count = 1; count <= 5; count++) {
                    List<Tensor> gradients = random();
                    fused.apply(new Update.Step(copies(gradients), factor, rate, shrink, count));
                    formulas.apply(new Update.Step(gradients, factor, rate, shrink, count));
                }
            }
            for (int i = 0; i < found.size(); i++) {
                assertThat(found.get(i).sub(wanted.get(i)).abs().max().item_double())
                        .isLessThan(1e-6);
            }
            other.tensors().forEach((name, x) -> {
                Tensor y = one.tensors().get(name);
                assertThat(y).as(name).isNotNull();
                assertThat(x.allclose(y, 1e-5, 1e-8, false)).as(name).isTrue();
            });
        }
    }
}
