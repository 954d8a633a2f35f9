package dev.fovea.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.offset;

import dev.fovea.tensor.Scope;
import dev.fovea.tensor.Tensors;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.Test;

class StdConv2dTest {

    @Test
    void aFilterHasMeanZeroAndVarianceOne() {
        try (Params params = Params.fresh(0);
                var _ = new Scope()) {
            var conv = StdConv2d.of(params, 2, 5, 3, 1, 0, Init.HE_NORMAL);
            Tensor each = torch.eye(18).view(18, 2, 3, 3); // a picture for each weight of a filter
            Tensor filters = conv.forward(each).view(18, 5);
            assertThat(Tensors.toFloats(filters.sum(0).div(new Scalar(18))))
                    .containsExactly(new float[] {0, 0, 0, 0, 0}, offset(1e-6f));
            assertThat(Tensors.toFloats(filters.square().sum(0).div(new Scalar(18))))
                    .containsExactly(new float[] {1, 1, 1, 1, 1}, offset(1e-5f));
        }
    }

    @Test
    void neitherScaleNorShiftOfTheParameterMatters() {
        try (Params params = Params.fresh(1);
                var _ = new Scope()) {
            var conv = StdConv2d.of(params, 3, 4, 3, 2, 1, Init.HE_NORMAL);
            Tensor x = torch.randn(2, 3, 8, 8);
            var other = new StdConv2d(
                    new Conv2d(conv.conv().weight().mul(new Scalar(7)).add(new Scalar(0.5)), null, 2, 1));
            assertThat(torch.allclose(conv.forward(x), other.forward(x), 1e-4, 1e-4, false))
                    .isTrue();
        }
    }
}
