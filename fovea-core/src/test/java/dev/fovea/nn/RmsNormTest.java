package dev.fovea.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.fovea.tensor.Scope;
import dev.fovea.tensor.Tensors;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.Test;

class RmsNormTest {

    @Test
    void factorIsOnePlusWeight() {
        try (var _ = new Scope()) {
            var norm = new RmsNorm(Tensors.of(new float[] {0.5f, -1f}, 2), 0.25);
            float[] found = Tensors.toFloats(norm.forward(Tensors.of(new float[] {3, 4}, 1, 2)));
            double scale = 1 / Math.sqrt(12.5 + 0.25);
            assertThat(found[0]).isCloseTo((float) (3 * scale * 1.5), within(1e-6f));
            assertThat(found[1]).isZero();
        }
    }

    /** 300² does not fit into float16, and 1 + 0.001 is 1 in bfloat16: both are done in float32. */
    @Test
    void narrowTypesAreWidenedInside() {
        try (var _ = new Scope()) {
            var norm = new RmsNorm(Tensors.of(new float[] {0.001f, 0.001f}, 2).to(ScalarType.Half), 1e-6);
            Tensor found = norm.forward(Tensors.of(new float[] {300, 300}, 1, 2).to(ScalarType.Half));
            assertThat(found.scalar_type().intern()).isEqualTo(ScalarType.Half);
            assertThat(Tensors.toFloats(found)[0]).isCloseTo(1.001f, within(5e-4f));
        }
    }
}
