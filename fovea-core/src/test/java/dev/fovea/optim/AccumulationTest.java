package dev.fovea.optim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.fovea.tensor.Scope;
import dev.fovea.tensor.Tensors;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;

class AccumulationTest {

    private static final float[] X = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12};

    private static Tensor loss(Tensor w, Tensor x) {
        return x.matmul(w).tanh().square().mean();
    }

    @Test
    void partsGiveTheGradientOfTheWholeBatch() {
        try (var _ = new Scope()) {
            Tensor x = Tensors.of(X, 6, 2);
            Tensor w = Tensors.of(new float[] {0.1f, -0.08f}, 2).set_requires_grad(true);
            double whole = Accumulation.backward(1, _ -> loss(w, x));
            float[] wanted = Tensors.toFloats(w.grad());
            w.mutable_grad().reset();
            double mean = Accumulation.backward(3, i -> loss(w, x.narrow(0, 2L * i, 2)));
            assertThat(mean).isCloseTo(whole, within(1e-7));
            float[] found = Tensors.toFloats(w.grad());
            assertThat(found[0]).isCloseTo(wanted[0], within(1e-6f));
            assertThat(found[1]).isCloseTo(wanted[1], within(1e-6f));
        }
    }

    @Test
    void eachExampleIsClippedByItself() {
        try (var _ = new Scope()) {
            // Two examples: lengths 5 and 0.5 over both parameters; the limit is 1.
            Tensor a = Tensors.of(new float[] {3, 0.3f}, 2, 1);
            Tensor b = Tensors.of(new float[] {4, 0.4f}, 2, 1);
            List<Tensor> mean = PerExampleClip.mean(List.of(a, b), 1);
            assertThat(Tensors.toFloats(mean.get(0))[0]).isCloseTo((0.6f + 0.3f) / 2, within(1e-6f));
            assertThat(Tensors.toFloats(mean.get(1))[0]).isCloseTo((0.8f + 0.4f) / 2, within(1e-6f));
        }
    }

    @Test
    void exampleWithoutGradientKeepsItsZeros() {
        try (var _ = new Scope()) {
            List<Tensor> mean = PerExampleClip.mean(List.of(Tensors.of(new float[] {0, 2}, 2, 1)), 1);
            assertThat(Tensors.toFloats(mean.getFirst())[0]).isEqualTo(0.5f);
        }
    }
}
