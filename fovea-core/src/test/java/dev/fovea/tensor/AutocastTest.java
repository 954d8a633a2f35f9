package dev.fovea.tensor;

import static org.assertj.core.api.Assertions.assertThat;

import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.Test;

class AutocastTest {

    @Test
    void productsAreBf16WhileItIsOpenAndFloat32Afterwards() {
        try (var _ = new Scope()) {
            Tensor x = Tensors.of(new float[] {1.001f, 2, 3, 4}, 2, 2);
            try (var _ = Autocast.bf16()) {
                assertThat(torch.matmul(x, x).scalar_type().intern()).isEqualTo(ScalarType.BFloat16);
                try (var _ = Autocast.bf16()) {
                    assertThat(torch.linear(x, x).scalar_type().intern()).isEqualTo(ScalarType.BFloat16);
                }
                assertThat(torch.matmul(x, x).scalar_type().intern()).isEqualTo(ScalarType.BFloat16);
            }
            assertThat(torch.matmul(x, x).scalar_type().intern()).isEqualTo(ScalarType.Float);
        }
    }

    @Test
    void gradientsOfAFloat32WeightAreFloat32() {
        try (var _ = new Scope()) {
            Tensor w = Tensors.of(new float[] {1, 2, 3, 4}, 2, 2).set_requires_grad(true);
            Tensor y;
            try (var _ = Autocast.bf16()) {
                y = torch.matmul(Tensors.of(new float[] {1, 1}, 1, 2), w).sum();
            }
            y.backward();
            assertThat(w.grad().scalar_type().intern()).isEqualTo(ScalarType.Float);
            assertThat(Tensors.toFloats(w.grad())).containsExactly(1, 1, 1, 1);
        }
    }

    /** libtorch keeps the casts of weights while autocast is open; a stale one would undo the optimizer's step. */
    @Test
    void aChangedWeightIsCastAgain() {
        try (var _ = new Scope()) {
            Tensor w = Tensors.of(new float[] {1}, 1, 1).set_requires_grad(true);
            Tensor x = Tensors.of(new float[] {1}, 1, 1);
            for (float expected = 1; expected < 4; expected++) {
                try (var _ = Autocast.bf16()) {
                    assertThat(torch.matmul(x, w).item_float()).isEqualTo(expected);
                }
                w.detach().add_(torch.ones(1, 1));
            }
        }
    }
}
