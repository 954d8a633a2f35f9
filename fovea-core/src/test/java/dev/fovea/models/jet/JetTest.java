package dev.fovea.models.jet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.fovea.config.Configs;
import dev.fovea.data.ImageBatch;
import dev.fovea.models.vit.Size;
import dev.fovea.nn.Params;
import dev.fovea.tensor.Engine;
import dev.fovea.tensor.Scope;
import dev.fovea.tensor.Tensors;
import dev.fovea.train.Loss;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.bytedeco.pytorch.BoolOptional;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What the mathematics of the flow promises. */
class JetTest {

    private static JetConfig config(String... values) {
        String[] sizes = {
            "image={height: 8, width: 8}",
            "channels=1",
            "patch=2",
            "depth=6",
            "width=8",
            "numHeads=2",
            "kinds=[channels, spatial]"
        };
        var all = new LinkedHashMap<String, String>();
        for (String[] some : new String[][] {sizes, values}) {
            Arrays.stream(some).forEach(x -> all.put(x.substring(0, x.indexOf('=')), x));
        }
        return Configs.of(JetConfig.class, all.values().toArray(String[]::new));
    }

    /** A flow that is not the identity: all parameters random. */
    private static Jet shaken(Params p, JetConfig c, ScalarType type) {
        Jet.of(p, c);
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        Engine.seed(1);
        p.table()
                .forEach((name, x) -> tensors.put(
                        name,
                        x.is_floating_point()
                                ? torch.randn_like(x).mul(new Scalar(0.3)).to(type)
                                : x.clone()));
        return Jet.of(Params.of(tensors), c);
    }

    @ParameterizedTest
    @EnumSource(JetConfig.Net.class)
    void inverseUndoesForward(JetConfig.Net net) {
        JetConfig c = config("net=" + net.name().toLowerCase(Locale.ROOT));
        try (var _ = new Scope();
                var _ = new NoGradGuard();
                Params p = Params.fresh(0)) {
            Jet jet = shaken(p, c, ScalarType.Float);
            Tensor x = torch.randn(3, 8, 8, 1);
            Jet.Flow there = jet.forward(x);
            Jet.Flow back = jet.inverse(there.out());
            assertThat(distance(x, there.out())).isGreaterThan(0.1);
            assertThat(distance(x, back.out())).isLessThan(2e-5);
            assertThat(distance(there.logDet(), back.logDet().neg())).isLessThan(1e-4);
        }
    }

    /** Token grids that are not square, and patches of another shape than their count. */
    @Test
    void anOblongPictureGoesThereAndBack() {
        try (var _ = new Scope();
                var _ = new NoGradGuard();
                Params p = Params.fresh(0)) {
            Jet jet = shaken(p, config("image={height: 4, width: 12}", "depth=12"), ScalarType.Double);
            Tensor x = torch.randn(2, 4, 12, 1).to(ScalarType.Double);
            assertThat(distance(x, jet.inverse(jet.forward(x).out()).out())).isLessThan(1e-9);
        }
    }

    @ParameterizedTest
    @EnumSource(JetConfig.Net.class)
    void logDetIsTheJacobians(JetConfig.Net net) {
        JetConfig c = config(
                "image={height: 4, width: 4}",
                "scaleFactor=1.7",
                "net=" + net.name().toLowerCase(Locale.ROOT));
        try (var _ = new Scope();
                Params p = Params.fresh(0)) {
            Jet jet = shaken(p, c, ScalarType.Double);
            Tensor x = torch.randn(1, 4, 4, 1).to(ScalarType.Double);
            x.set_requires_grad(true);
            Jet.Flow flow = jet.forward(x);
            var rows = new TensorVector();
            for (int i = 0; i < 16; i++) {
                Tensor one = flow.out().flatten().select(0, i);
                rows.push_back(torch.grad(
                                new TensorVector(one),
                                new TensorVector(x),
                                new TensorVector(torch.ones_like(one)),
                                new BoolOptional(true),
                                false,
                                false)
                        .get(0)
                        .flatten());
            }
            double expected = torch.stack(rows).det().abs().log().item_double();
            assertThat(Math.abs(expected)).isGreaterThan(0.1);
            assertThat(flow.logDet().item_double()).isCloseTo(expected, within(1e-9));
        }
    }

    /**
     * Over a picture of four values the density integrates to one, hence the probabilities of all pictures of 8 bits, each
     * the integral over its dequantisation noise, sum to one.
     */
    @Test
    void probabilitiesSumToOne() {
        JetConfig c = config(
                "image={height: 1, width: 2}",
                "patch=1",
                "kinds=[spatial]",
                "spatialProjections=[vstripes, vstripes_inv]",
                "channels=2",
                "depth=3",
                "width=4",
                "numHeads=1");
        try (var _ = new Scope();
                var _ = new NoGradGuard();
                Params p = Params.fresh(0)) {
            Jet jet = shaken(p, c, ScalarType.Double);
            int n = 31;
            double reach = 8;
            double step = 2 * reach / (n - 1);
            double sum = 0;
            for (int a = 0; a < n; a++) {
                var values = new double[n * n * n * 4];
                for (int i = 0; i < n * n * n; i++) {
                    values[4 * i] = -reach + a * step;
                    values[4 * i + 1] = -reach + Math.floorDiv(i, n * n) * step;
                    values[4 * i + 2] = -reach + Math.floorDiv(i, n) % n * step;
                    values[4 * i + 3] = -reach + i % n * step;
                }
                try (var _ = new Scope()) {
                    Jet.Flow flow = jet.forward(Tensors.of(values, (long) n * n * n, 1, 2, 2));
                    sum += flow.logDet()
                            .sub(BitsPerDim.gaussianNats(flow.out()))
                            .exp()
                            .sum()
                            .item_double();
                }
            }
            assertThat(sum * Math.pow(step, 4)).isCloseTo(1, within(0.01));
        }
    }

    @Test
    void aFreshFlowIsTheIdentityAndCostsWhatTheSpecificationSays() {
        try (var _ = new Scope();
                var _ = new NoGradGuard();
                Params p = Params.fresh(0)) {
            Jet jet = Jet.of(p, config());
            Tensor x = torch.rand(5, 8, 8, 1);
            Jet.Flow flow = jet.forward(x);
            assertThat(distance(x, flow.out())).isZero();
            double energy = x.square().mean().item_double();
            assertThat(BitsPerDim.of(flow.out(), flow.logDet()).total().mean().item_double())
                    .isCloseTo(
                            Math.log(127.5) / Math.log(2) + (0.5 * Math.log(2 * Math.PI) + 0.5 * energy) / Math.log(2),
                            within(1e-5));
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = Projection.class,
            mode = EnumSource.Mode.EXCLUDE,
            names = {"RANDOM"})
    void everyProjectionHasEqualHalves(Projection projection) {
        long[] order = projection.order(new Size(4, 6));
        assertThat(order).doesNotHaveDuplicates().hasSize(24);
        assertThatThrownBy(() -> projection.order(new Size(3, 3)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("halves");
    }

    @Test
    void reversibleGradientsAreThoseOfAutograd() {
        JetConfig c = config("contextWidth=3", "kinds=[channels, channels, spatial]");
        Map<String, double[]> plain = gradients(c, false);
        Map<String, double[]> reversible = gradients(c, true);
        assertThat(reversible).hasSameSizeAs(plain);
        plain.forEach((name, g) -> assertThat(reversible.get(name)).as(name).containsExactly(g, within(5e-5)));
    }

    private static Map<String, double[]> gradients(JetConfig c, boolean reversible) {
        var gradients = new LinkedHashMap<String, double[]>();
        try (var _ = new Scope();
                Params p = Params.fresh(0)) {
            Jet jet = Jet.of(p.trainable(), c);
            try (var _ = new NoGradGuard()) {
                Engine.seed(3);
                p.table().forEach((name, x) -> {
                    if (x.is_floating_point()) {
                        x.copy_(torch.randn_like(x).mul(new Scalar(0.2)));
                    }
                });
            }
            var pixels = new float[4 * 64 * 3];
            for (int i = 0; i < pixels.length; i++) {
                pixels[i] = (i * 37 % 256) / 127.5f - 1;
            }
            var batch = new ImageBatch(4, 8, 8, 3, pixels, new int[] {0, 1, 2, 1}, null, 4, new long[] {0, 1, 2, 3});
            JetObjective objective = reversible ? JetObjective.reversible(jet, p, 0) : JetObjective.of(jet, 0);
            Engine.seed(7);
            Loss loss = objective.loss(batch, true);
            gradients.put("loss", new double[] {loss.value().item_double()});
            loss.value().mul(new Scalar(0.5)).backward();
            p.table().forEach((name, x) -> {
                if (x.requires_grad()) {
                    gradients.put(name, Tensors.toDoubles(x.grad()));
                }
            });
        }
        return gradients;
    }

    @Test
    void publishedSizesHaveThePublishedNumberOfParameters() {
        assertThat(count(JetConfig.imageNet64())).isCloseTo(207.2e6, within(0.1e6));
        assertThat(count(JetConfig.imageNet64Large())).isCloseTo(1019.6e6, within(0.1e6));
    }

    /** From the sizes of one coupling, as the whole would take gigabytes. */
    private static double count(JetConfig c) {
        try (Params p = Params.fresh(0)) {
            Coupling.of(p, c, Projection.RANDOM);
            return c.depth()
                    * (double) p.table().values().stream()
                            .filter(Tensor::is_floating_point)
                            .mapToLong(Tensor::numel)
                            .sum();
        }
    }

    private static double distance(Tensor a, Tensor b) {
        return a.sub(b).abs().max().item_double();
    }
}
