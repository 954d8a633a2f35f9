package dev.fovea.nn;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fovea.tensor.Engine;
import dev.fovea.tensor.Scope;
import java.util.function.UnaryOperator;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class Conv2dTest {

    private static final int BATCH = 16;

    @BeforeAll
    static void start() {
        Engine.start();
    }

    /** The memory that an operation gets held NaN before; double precision does not go through oneDNN. */
    @ParameterizedTest(name = "{0} to {1} channels, stride {2}")
    @CsvSource({"1,24,1", "2,1,1", "3,24,2", "4,16,1", "5,9,2", "12,16,1", "20,32,1", "24,24,1", "24,48,2", "32,32,1"})
    void whatMemoryHeldBeforeDoesNotShow(int in, int out, int stride) {
        Engine.seed(7);
        try (var _ = new Scope()) {
            Tensor x = torch.randn(BATCH, in, 14, 14);
            Tensor weight = torch.randn(out, in, 3, 3);
            Tensor bias = torch.randn(out);
            Tensor g = torch.randn(BATCH, out, 14 / stride, 14 / stride);
            Tensor[] wanted = results(x, weight, bias, g, stride, t -> t.to(ScalarType.Double));
            for (int attempt = 0; attempt < 3; attempt++) {
                Tensor[] found = results(x, weight, bias, g, stride, t -> t.detach());
                for (int i = 0; i < wanted.length; i++) {
                    double scale = wanted[i].abs().max().item_double();
                    double off = found[i].sub(wanted[i]).abs().max().item_double(); // NaN where one is
                    assertThat(off / scale)
                            .as(
                                    "%s, attempt %d",
                                    new String[] {"y", "gradient of x", "of the weight", "of the bias"}[i], attempt)
                            .isLessThan(1e-5);
                }
            }
        }
    }

    @ParameterizedTest(name = "{0} to {1} channels")
    @CsvSource({"1,24", "5,9", "24,24"})
    void aPictureWithoutAGradientGivesTheSame(int in, int out) {
        Engine.seed(8);
        try (var _ = new Scope()) {
            Tensor x = torch.randn(2, in, 7, 7);
            var conv = new Conv2d(torch.randn(out, in, 3, 3), null, 1, 1);
            Tensor withGradient = conv.forward(x.detach().requires_grad_(true));
            assertThat(torch.allclose(conv.forward(x), withGradient, 1e-5, 1e-5, false))
                    .isTrue();
            assertThat(withGradient.sizes().vec().get()).containsExactly(2, out, 7, 7);
        }
    }

    private static Tensor[] results(
            Tensor x, Tensor weight, Tensor bias, Tensor g, int stride, UnaryOperator<Tensor> as) {
        Tensor input = as.apply(x).requires_grad_(true);
        Tensor filters = as.apply(weight).requires_grad_(true);
        Tensor shifts = as.apply(bias).requires_grad_(true);
        poison(x.numel(), g.numel());
        Tensor y = new Conv2d(filters, shifts, stride, 1).forward(input);
        poison(x.numel(), g.numel());
        TensorVector gradients =
                torch.grad(new TensorVector(y.mul(as.apply(g)).sum()), new TensorVector(input, filters, shifts));
        return new Tensor[] {y.detach(), gradients.get(0), gradients.get(1), gradients.get(2)};
    }

    /** Leaves NaN in freed blocks of many sizes, those of padded pictures among them. */
    private static void poison(long... sizes) {
        try (var _ = new Scope()) {
            for (long size = 64; size < 1 << 20; size *= 2) {
                nan(size);
                nan(size + size / 2);
            }
            for (long size : sizes) {
                for (long times = 1; times <= 16; times++) {
                    nan(size * times);
                }
            }
        }
    }

    private static void nan(long size) {
        torch.full(new long[] {size}, new Scalar(Double.NaN), new TensorOptions(ScalarType.Float));
    }
}
