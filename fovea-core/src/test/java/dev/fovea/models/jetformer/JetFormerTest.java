package dev.fovea.models.jetformer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.fovea.config.Configs;
import dev.fovea.models.vit.Probe;
import dev.fovea.models.vit.Size;
import dev.fovea.nn.Params;
import dev.fovea.tensor.Engine;
import dev.fovea.tensor.Scope;
import dev.fovea.tensor.Tensors;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Objects;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the model's parts promise one another. */
class JetFormerTest {

    private static JetFormerConfig config(String... values) {
        String[] sizes = {
            "image={height: 4, width: 8}",
            "channels=1",
            "patch=2",
            "softDims=3",
            "flow={depth: 3, width: 8, numHeads: 2}",
            "width=12",
            "depth=2",
            "mlpDim=20",
            "numHeads=2",
            "headDim=6",
            "numMixtures=3",
            "vocabSize=9",
            "bosId=6",
            "boiId=7",
            "nolabelId=8",
            "textLength=4"
        };
        var all = new LinkedHashMap<String, String>();
        for (String[] some : new String[][] {sizes, values}) {
            Arrays.stream(some).forEach(x -> all.put(x.substring(0, x.indexOf('=')), x));
        }
        return Configs.of(JetFormerConfig.class, all.values().toArray(String[]::new));
    }

    private static JetFormer shaken(Params p, JetFormerConfig c) {
        JetFormer model = JetFormer.of(p, c);
        Engine.seed(1);
        p.table().values().forEach(x -> {
            if (x.is_floating_point()) {
                x.copy_(torch.randn_like(x).mul(new Scalar(0.3)));
            }
        });
        return model;
    }

    private static Tensor texts() {
        return Tensors.of(new long[] {1, 2, 3, 4, 5, 4, 0, 0}, 2, 4);
    }

    private static Tensor valid() {
        return Tensors.of(new long[] {1, 1, 1, 1, 1, 1, 0, 0}, 2, 4).to(ScalarType.Bool);
    }

    /** Token by token through the cache equals all at once, with texts of different lengths in one batch. */
    @ParameterizedTest
    @ValueSource(
            strings = {"causalPrefix=true", "causalPrefix=false", "vocabRepeats=3", "normPerModality=true", "boiId="})
    void cachedStepsEqualOnePass(String choice) {
        boolean noBoi = choice.equals("boiId=");
        JetFormerConfig c = noBoi ? withoutBoi() : config(choice);
        try (var _ = new Scope();
                var _ = new NoGradGuard();
                Params p = Params.fresh(0)) {
            JetFormer model = shaken(p, c);
            // Without an element between them, padding would stand before the picture in teacher forcing alone.
            Tensor valid = noBoi ? torch.ones_like(valid()) : valid();
            var sampled = new ImageSampler(model, 0, Temperatures.NONE).sample(texts(), valid, _ -> Draws.ENGINE);
            JetFormer.Output out =
                    model.forward(Sequence.Input.of(texts(), sampled.soft(), true, valid), false, Probe.NONE);
            assertThat(sampled.soft().size(1)).isEqualTo(8);
            assertClose(out.imageRaw(), model.imageRaw(sampled.outputs()), 1e-4);
            assertClose(out.density().logProb(sampled.soft()), sampled.logProb(), 1e-3);

            if (c.vocabRepeats() > 1) {
                return; // reads texts and writes none
            }
            Tensor none = torch.zeros(2, 0).to(ScalarType.Long);
            var written = new TextSampler(model, 1, 4)
                    .sample(sampled.soft(), none, none.to(ScalarType.Bool), 4, _ -> Draws.ENGINE);
            Tensor all = torch.ones_like(valid());
            Tensor logits = model.forward(
                            Sequence.Input.of(written.ids(), sampled.soft(), false, all), false, Probe.NONE)
                    .textLogits();
            Tensor logProb =
                    logits.log_softmax(2).gather(2, written.ids().unsqueeze(2)).squeeze(2);
            assertClose(logProb, written.logProb(), 1e-3);
        }
    }

    private static JetFormerConfig withoutBoi() {
        JetFormerConfig c = config();
        String yaml = Configs.write(c).replaceAll("boiId: \\d+\n", "");
        return Configs.parse(JetFormerConfig.class, yaml, "test", List.of());
    }

    /** Guided samples of a model whose text changes nothing are unguided ones: both halves say the same. */
    @Test
    void guidanceByTheSameDensityIsNone() {
        try (var _ = new Scope();
                var _ = new NoGradGuard();
                Params p = Params.fresh(0)) {
            JetFormer model = shaken(p, config());
            p.table().forEach((name, x) -> {
                if (name.equals("token_embedding.weight")) {
                    x.copy_(x.narrow(0, 0, 1).expand_as(x).clone());
                }
            });
            Tensor all = torch.ones_like(valid());
            Engine.seed(5);
            Tensor plain = new ImageSampler(model, 1e-9, Temperatures.NONE)
                    .sample(texts(), all, _ -> Draws.ENGINE)
                    .soft();
            Engine.seed(5);
            Tensor guided = new ImageSampler(model, 4, Temperatures.NONE)
                    .sample(texts(), all, _ -> Draws.ENGINE)
                    .soft();
            assertClose(plain, guided, 1e-3);
        }
    }

    @Test
    void aTextAfterThePictureChangesNothingBefore() {
        try (var _ = new Scope();
                var _ = new NoGradGuard();
                Params p = Params.fresh(0)) {
            JetFormer model = shaken(p, config());
            Tensor soft = torch.randn(2, 8, 3);
            Tensor all = torch.ones_like(valid());
            Tensor a = model.forward(Sequence.Input.of(texts(), soft, false, all), false, Probe.NONE)
                    .imageRaw();
            Tensor b = model.forward(Sequence.Input.of(texts().flip(1), soft, false, all), false, Probe.NONE)
                    .imageRaw();
            Tensor first = model.forward(Sequence.Input.of(texts().flip(1), soft, true, all), false, Probe.NONE)
                    .imageRaw();
            assertClose(a, b, 0);
            assertThat(a.sub(first).abs().max().item_double()).isGreaterThan(1e-2);
        }
    }

    /** A fresh model: the flow is the identity and every component a standard normal. */
    @Test
    void aFreshModelCostsTheClosedForm() {
        try (var _ = new Scope();
                var _ = new NoGradGuard();
                Params p = Params.fresh(0)) {
            JetFormer model = JetFormer.of(p, config());
            Tensor image = torch.zeros(2, 4, 8, 1);
            Tensor noise = torch.rand_like(image);
            var batch = new JetFormerLoss.Batch(
                    image, texts(), valid(), valid(), torch.ones(2).to(ScalarType.Bool));
            var draws = new LossDraws(noise, null, null, null, null, null);
            double bits = new JetFormerLoss(model, Configs.of(LossConfig.class, "lossOnPrefix=false"))
                    .of(batch, draws, 0, false, Probe.NONE)
                    .value()
                    .item_double();
            double energy = noise.div(new Scalar(127.5)).square().mean().item_double();
            assertThat(bits)
                    .isCloseTo(
                            (Math.log(127.5) + 0.5 * Math.log(2 * Math.PI) + 0.5 * energy) / Math.log(2), within(1e-5));
        }
    }

    /** Means and standard deviations that the specification gives. */
    @Test
    void guidedSamplesFollowTheClosedFormAndRejectionComesNear() {
        double[][] cases = {
            {0, 1, 1, 1.2, 3, -1.087, 0.722},
            {0, 1, 2, 1.5, 3, -1.000, 0.612},
            {0, 0.5, 0.5, 0.6, 6, -0.735, 0.297}
        };
        long n = 20_000;
        for (double[] x : cases) {
            try (var _ = new Scope();
                    var _ = new NoGradGuard()) {
                Engine.seed(0);
                var guided = new Guided(filled(x[0], n), filled(x[1], n), filled(x[2], n), filled(x[3], n), x[4]);
                Tensor exact = guided.sample(torch.randn(1, n, 1));
                assertThat(exact.mean().item_double()).isCloseTo(x[5], within(0.02));
                assertThat(exact.std(true).item_double()).isCloseTo(x[6], within(0.02));
                Tensor rejected =
                        guided.rejectionSample(torch.randn(40, 1, n, 1), torch.rand(40, 1, n, 1), torch.randn(1, n, 1));
                assertThat(rejected.mean().item_double()).isCloseTo(x[5], within(0.05));
            }
        }
        try (var _ = new Scope()) {
            var improper = new Guided(filled(3, 1), filled(1, 1), filled(0, 1), filled(0.5, 1), 3);
            assertThat(improper.sample(filled(0, 1)).item_double()).isEqualTo(3);
        }
    }

    private static Tensor filled(double value, long n) {
        return torch.full(new long[] {1, n, 1}, new Scalar(value));
    }

    @Test
    void densitiesIntegrateToOne() {
        try (var _ = new Scope();
                var _ = new NoGradGuard()) {
            Engine.seed(2);
            int n = 241;
            double reach = 12;
            var points = new double[n * n * 2];
            for (int i = 0; i < n * n; i++) {
                int row = i / n;
                points[2 * i] = -reach + 2 * reach * row / (n - 1);
                points[2 * i + 1] = -reach + 2 * reach * (i % n) / (n - 1);
            }
            double area = Math.pow(2 * reach / (n - 1), 2);
            Tensor x = Tensors.of(points, 1, (long) n * n, 2);
            Tensor raw = torch.randn(1, 1, 3 + 3 * 4).to(ScalarType.Double).expand(1, (long) n * n, 15);
            Tensor full = torch.randn(1, 1, 6).to(ScalarType.Double).expand(1, (long) n * n, 6);
            for (SoftDensity density : new SoftDensity[] {
                Mixture.of(raw, 3, 1e-6, new Temperatures(0.9, 1.2)), FullGaussian.of(full, 2, 1e-6, Temperatures.NONE)
            }) {
                assertThat(density.logProb(x).exp().sum().item_double() * area).isCloseTo(1, within(1e-3));
            }
        }
    }

    /** Components in pieces of 1, 2 and all: the same density and derivatives as at once, also through a later function. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2 * 2 * 3 * 4, 1000})
    void componentsInPiecesAreTheSameDensity(long largest) {
        try (var _ = new Scope()) {
            Engine.seed(4);
            int k = 5;
            int d = 4;
            Tensor raw = torch.randn(2, 3, k + 2L * k * d).to(ScalarType.Double);
            Tensor soft = torch.randn(2, 3, d).to(ScalarType.Double);
            Tensor upstream = torch.randn(2, 3).to(ScalarType.Double);
            var temperatures = new Temperatures(0.9, 1.2);
            Tensor[] values = new Tensor[2];
            Tensor[][] gradients = new Tensor[2][];
            for (int way = 0; way < 2; way++) {
                Tensor head = raw.clone();
                head.set_requires_grad(true);
                Tensor x = soft.clone();
                x.set_requires_grad(true);
                var mixture = new Mixture(head, k, 0.5, temperatures); // the floor lies within the raw scales
                values[way] = way == 0 ? mixture.logProb(x) : MixtureChunks.logProb(mixture, x, largest);
                values[way].square().mul(upstream).sum().backward();
                gradients[way] = new Tensor[] {head.grad(), x.grad()};
            }
            assertClose(values[0], values[1], 1e-12);
            assertClose(gradients[0][0], gradients[1][0], 1e-11);
            assertClose(gradients[0][1], gradients[1][1], 1e-11);
            assertThat(gradients[0][0].abs().max().item_double()).isGreaterThan(0.1);
            try (var _ = new NoGradGuard()) {
                var mixture = new Mixture(raw, k, 0.5, temperatures);
                assertClose(values[0], MixtureChunks.logProb(mixture, soft, largest), 1e-12);
            }
        }
    }

    @Test
    void allComponentsGiveThePictureBack() {
        try (var _ = new Scope();
                var _ = new NoGradGuard();
                Params p = Params.fresh(0)) {
            JetFormerConfig c = config("pca={components: 4, depthToSeq: 2}", "softDims=2");
            JetFormer model = JetFormer.of(p, c);
            PatchPca pca = Objects.requireNonNull(model.pca());
            Tensor image = torch.rand(2, 4, 8, 1);
            assertThat(c.numTokens()).isEqualTo(16);
            assertClose(image, pca.decode(pca.encode(image)), 1e-6);
        }
    }

    @Test
    void theConvolutionalAdaptorIsUndoneByItsInverse() {
        try (var _ = new Scope();
                var _ = new NoGradGuard();
                Params p = Params.fresh(0)) {
            IRevNet net = IRevNet.of(p, 3, 8, 16);
            Tensor x = torch.randn(2, 12, 8);
            var grid = new Size(3, 4);
            assertClose(x, net.inverse(net.forward(x, grid), grid), 1e-5);
        }
    }

    @Test
    void noiseFadesAlongACosine() {
        LossConfig c = Configs.of(LossConfig.class, "rgbNoise=64", "rgbNoiseEnd=3");
        assertThat(c.rgbNoiseAt(0)).isEqualTo(64);
        assertThat(c.rgbNoiseAt(0.5)).isCloseTo(33.5, within(1e-9));
        assertThat(c.rgbNoiseAt(1)).isEqualTo(3);
    }

    private static void assertClose(Tensor expected, Tensor found, double tolerance) {
        assertThat(Tensors.shape(found)).isEqualTo(Tensors.shape(expected));
        assertThat(expected.sub(found).abs().max().item_double()).isLessThanOrEqualTo(tolerance);
    }
}
