package dev.fovea.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.bytedeco.pytorch.AutoGradMode;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class OpsTest {

    /** Few rows and many, with gradients and without, several pieces of the weights: the product in float32, rounded once. */
    @ParameterizedTest
    @ValueSource(ints = {1, 5, 40})
    void bfloat16ProductIsRoundedOnce(int rows) {
        for (boolean grad : new boolean[] {false, true}) {
            try (var _ = new Scope();
                    var _ = new AutoGradMode(grad)) {
                Tensor x = wave(rows, 1024);
                Tensor w = wave(2500, 1024);
                // libtorch's own product, of a single row or where the processor has bfloat16, rounds before it adds
                Tensor bias = grad || rows == 1 || Engine.hasFastBf16()
                        ? null
                        : wave(1, 2500).select(0, 0);
                Tensor found = Ops.linear(x.unsqueeze(0), w, bias);
                assertThat(Tensors.shape(found)).containsExactly(1, rows, 2500);
                assertThat(found.scalar_type().intern()).isEqualTo(ScalarType.BFloat16);
                Tensor product = torch.linear(x.to(ScalarType.Float), w.to(ScalarType.Float));
                float[] expected = Tensors.toFloats(bias == null ? product : product.add(bias));
                float[] values = Tensors.toFloats(found);
                for (int i = 0; i < expected.length; i++) {
                    assertThat(values[i]).isCloseTo(expected[i], within(Math.abs(expected[i]) / 250 + 1e-3f));
                }
            }
        }
    }

    /** Under autocast few keys are attended to in plain products where a backward pass follows; they are the attention of float32, rounded. */
    @Test
    void shortAttentionIsTrainedInProducts() {
        Engine.start();
        try (var _ = new Scope()) {
            Tensor q = torch.randn(2, 4, 9, 8).requires_grad_(true);
            Tensor k = torch.randn(2, 2, 9, 8).requires_grad_(true);
            Tensor v = torch.randn(2, 2, 9, 8).requires_grad_(true);
            Tensor causal = torch.ones(1, 1, 9, 9).tril().to(ScalarType.Bool);
            var leaves = new TensorVector(q, k, v);
            Tensor wanted = Ops.attend(q, k, v, causal, 0.7); // [2, 4, 9, 8]
            Tensor weights = torch.randn(2, 4, 9, 8);
            TensorVector wantedGrads =
                    torch.grad(new TensorVector(wanted.mul(weights).sum()), leaves);
            Tensor many = torch.randn(2, 4, 500, 8);
            ScalarType kept = Engine.hasFastBf16() ? ScalarType.BFloat16 : ScalarType.Float;
            try (var _ = Autocast.bf16()) {
                Tensor found = Ops.attend(q, k, v, causal, 0.7);
                assertThat(type(found)).isEqualTo(kept);
                assertNear(found, wanted);
                TensorVector grads =
                        torch.grad(new TensorVector(found.mul(weights).sum()), leaves);
                for (int i = 0; i < grads.size(); i++) {
                    assertNear(grads.get(i), wantedGrads.get(i));
                }
                assertNear(Ops.attend(q, q, q), torch.matmul(scores(q), q.detach()));
                assertThat(type(Ops.attend(q, many, many))).isEqualTo(ScalarType.BFloat16);
                assertThat(type(Ops.attend(q.detach(), q, q))).isEqualTo(ScalarType.BFloat16);
                assertThat(Autocast.isOn()).isTrue();
            }
            assertThat(Autocast.isOn()).isFalse();
        }
    }

    /** In blocks of which the last is smaller; where bfloat16 is slow it is fused. */
    @Test
    void manyKeysAreSeenInBlocks() {
        Engine.start();
        try (var _ = new Scope();
                var _ = new AutoGradMode(false)) {
            Tensor q = torch.randn(2, 3000, 3, 8).to(ScalarType.BFloat16).transpose(1, 2); // [2, 3, 3000, 8]
            Tensor v = torch.randn(2, 3000, 3, 8).to(ScalarType.BFloat16).transpose(1, 2);
            Tensor found = Ops.attend(q, q, v);
            assertThat(type(found)).isEqualTo(ScalarType.BFloat16);
            assertNear(found, torch.matmul(scores(q), v.to(ScalarType.Float)));
        }
    }

    private static Tensor scores(Tensor q) { // [B, H, N, Dh]
        try (var _ = Autocast.off()) {
            Tensor x = q.detach().to(ScalarType.Double);
            return torch.matmul(x, x.transpose(2, 3))
                    .div(new Scalar(Math.sqrt((double) q.size(3))))
                    .softmax(-1)
                    .to(ScalarType.Float); // [B, H, N, N]
        }
    }

    /** Within what four roundings to bfloat16 make of values of a few units. */
    private static void assertNear(Tensor found, Tensor wanted) {
        double error = found.detach()
                .to(ScalarType.Float)
                .sub(wanted.detach())
                .abs()
                .max()
                .item_double();
        double largest = wanted.detach().abs().max().item_double();
        assertThat(error).isLessThan(0.03 * largest);
    }

    private static ScalarType type(Tensor x) {
        return x.scalar_type().intern();
    }

    private static Tensor wave(int rows, int columns) {
        return torch.sin(torch.arange(new Scalar((double) rows * columns)))
                .view(rows, columns)
                .to(ScalarType.BFloat16);
    }
}
