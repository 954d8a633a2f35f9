package dev.fovea.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.fovea.tensor.Engine;
import dev.fovea.tensor.Scope;
import dev.fovea.tensor.Tensors;
import java.util.List;
import java.util.function.Function;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LossesTest {

    private static Tensor random(long... shape) {
        return torch.randn(shape);
    }

    private static void assertClose(Tensor found, Tensor wanted, double limit) {
        assertThat(Tensors.shape(found)).isEqualTo(Tensors.shape(wanted));
        assertThat(found.sub(wanted).abs().max().item_double()).isLessThanOrEqualTo(limit);
    }

    @Test
    void idsAndOneHotVectorsAgree() {
        Engine.seed(1);
        try (var _ = new Scope()) {
            Tensor logits = random(4, 5);
            Tensor ids = Tensors.of(new int[] {0, 4, 2, 2}, 4);
            Tensor oneHot = torch.one_hot(ids, 5).to(ScalarType.Float);
            assertClose(Losses.softmaxXent(logits, ids), Losses.softmaxXent(logits, oneHot, -1), 1e-6);
        }
    }

    @Test
    void smoothingSpreadsOverAllClasses() {
        Engine.seed(1);
        try (var _ = new Scope()) {
            Tensor logits = random(3, 4);
            Tensor ids = Tensors.of(new int[] {0, 3, 1}, 3);
            Tensor soft = torch.one_hot(ids, 4)
                    .to(ScalarType.Float)
                    .mul(new Scalar(0.8))
                    .add(new Scalar(0.05));
            assertClose(Losses.smoothedXent(logits, ids, 0.2), Losses.softmaxXent(logits, soft, -1), 1e-6);
        }
    }

    @Test
    void sigmoidXentKeepsSmallLosses() {
        try (var _ = new Scope()) {
            Tensor loss = Losses.sigmoidXent(Tensors.of(new float[] {-20, -20}, 1, 2), Tensors.of(new float[2], 1, 2));
            assertThat(loss.item_double()).isCloseTo(2 * Math.exp(-20), within(1e-14));
        }
    }

    @Test
    void distillationFromItselfIsZero() {
        Engine.seed(1);
        try (var _ = new Scope()) {
            Tensor x = random(3, 6);
            assertClose(Losses.distillation(x, x, 2), torch.zeros(3), 1e-6);
            assertThat(Losses.distillation(x, random(3, 6), 2).min().item_double())
                    .isPositive();
        }
    }

    /** Values and all four gradients, at blocks that divide the batch and ones that do not. */
    @ParameterizedTest
    @ValueSource(longs = {1, 3, 7, 8, 100})
    void blockedContrastEqualsTheWhole(long block) {
        Engine.seed(1);
        try (var _ = new Scope()) {
            Tensor zimg = random(8, 5);
            Tensor ztxt = random(8, 5);
            List<Tensor> whole =
                    withGradients(zimg, ztxt, x -> Losses.sigmoidContrast(x.get(0), x.get(1), x.get(2), x.get(3))
                            .mean());
            List<Tensor> blocked = withGradients(
                    zimg, ztxt, x -> Losses.sigmoidContrastMean(x.get(0), x.get(1), x.get(2), x.get(3), block));
            for (int i = 0; i < whole.size(); i++) {
                assertClose(
                        blocked.get(i),
                        whole.get(i),
                        2e-6 * (1 + whole.get(i).abs().max().item_double()));
            }
        }
    }

    /** t and b as published checkpoints have them: t as its logarithm, both of shape [1]. */
    private static List<Tensor> withGradients(Tensor zimg, Tensor ztxt, Function<List<Tensor>, Tensor> loss) {
        Tensor logT = Tensors.of(new float[] {0.7f}, 1).set_requires_grad(true);
        Tensor b = Tensors.of(new float[] {-2}, 1).set_requires_grad(true);
        Tensor x = zimg.clone().set_requires_grad(true);
        Tensor y = ztxt.clone().set_requires_grad(true);
        Tensor value = loss.apply(List.of(x, y, logT.exp(), b));
        value.mul(new Scalar(3.0)).backward(); // a gradient from above that is not 1
        return List.of(value.detach().reshape(1), x.grad(), y.grad(), logT.grad(), b.grad());
    }

    @Test
    void maskedPairsChangeNothing() {
        Engine.seed(1);
        try (var _ = new Scope()) {
            Tensor zimg = random(5, 3).set_requires_grad(true);
            Tensor ztxt = random(5, 3);
            Tensor t = Tensors.of(new float[] {2}, 1);
            Tensor kept = Losses.softmaxContrast(zimg.narrow(0, 0, 3), ztxt.narrow(0, 0, 3), t, null)
                    .loss();
            Tensor mask = Tensors.of(new int[] {1, 1, 1, 0, 0}, 5);
            Tensor masked = Losses.softmaxContrast(zimg, ztxt, t, mask).loss();
            assertClose(masked.narrow(0, 0, 3), kept, 1e-6);
            assertClose(masked.narrow(0, 3, 2), torch.zeros(2), 0);
            masked.sum().backward();
            assertThat(zimg.grad().isfinite().all().item_bool()).isTrue();
            assertClose(zimg.grad().narrow(0, 3, 2), torch.zeros(2, 3), 0);
        }
    }

    @Test
    void sequenceWithoutWeightsCountsAsZero() {
        Engine.seed(1);
        try (var _ = new Scope()) {
            Tensor weights = Tensors.of(new float[] {1, 1, 0, 0}, 2, 2);
            Tensor loss = Losses.weightedSoftmaxXent(random(2, 2, 3), Tensors.of(new int[4], 2, 2), weights, 0.1, true);
            assertThat(Tensors.toFloats(loss)[1]).isZero();
        }
    }
}
