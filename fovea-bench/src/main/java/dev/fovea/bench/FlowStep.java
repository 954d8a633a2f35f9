package dev.fovea.bench;

import dev.fovea.config.Configs;
import dev.fovea.models.jet.BitsPerDim;
import dev.fovea.models.jet.Jet;
import dev.fovea.models.jet.JetConfig;
import dev.fovea.models.jet.JetTrainingConfig;
import dev.fovea.models.jet.PictureTensors;
import dev.fovea.models.jetformer.Draws;
import dev.fovea.models.jetformer.ImageSampler;
import dev.fovea.models.jetformer.JetFormer;
import dev.fovea.models.jetformer.JetFormerConfig;
import dev.fovea.models.jetformer.JetFormerLoss;
import dev.fovea.models.jetformer.JetFormerTrainingConfig;
import dev.fovea.models.jetformer.LossConfig;
import dev.fovea.models.jetformer.LossDraws;
import dev.fovea.models.jetformer.Sequence;
import dev.fovea.models.jetformer.SoftDensity;
import dev.fovea.models.jetformer.Temperatures;
import dev.fovea.models.vit.Probe;
import dev.fovea.nn.Params;
import dev.fovea.optim.OptimConfig;
import dev.fovea.optim.Optimizer;
import dev.fovea.tensor.Engine;
import dev.fovea.tensor.Scope;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * One process that times a training step of a Jet or a class-conditional JetFormer, or the drawing of pictures, at the
 * sizes of a configuration and on random pictures, and prints one JSON line. With one thread the clock is the thread's
 * processor time.
 */
@Command(name = "flow-step", mixinStandardHelpOptions = true)
final class FlowStep implements Callable<Integer> {

    enum Mode {
        TRAIN,
        SAMPLE,
        /** Every soft token by a pass over all before it. */
        SAMPLE_WITHOUT_CACHE
    }

    @Option(names = "--config", required = true)
    private Path config = Path.of("");

    @Option(names = "--batch", defaultValue = "64")
    private int batch;

    @Option(names = "--warmup", defaultValue = "2")
    private int warmup;

    @Option(names = "--steps", defaultValue = "8")
    private int steps;

    @Option(names = "--threads", defaultValue = "2")
    private int threads;

    @Option(names = "--mode", defaultValue = "train")
    private Mode mode = Mode.TRAIN;

    public static void main(String[] args) {
        System.exit(new CommandLine(new FlowStep())
                .setCaseInsensitiveEnumValuesAllowed(true)
                .execute(args));
    }

    @Override
    public Integer call() throws IOException {
        Engine.setThreads(threads);
        Engine.seed(0);
        try (Params params = Params.fresh(0)) {
            if ("jet".equals(Configs.typeName("system", config, List.of()))) {
                jet(params);
            } else {
                jetFormer(params);
            }
        }
        return 0;
    }

    private void jet(Params params) throws IOException {
        JetTrainingConfig all = Configs.read(JetTrainingConfig.class, config, List.of());
        JetConfig c = all.model();
        Jet jet = Jet.of(params, c);
        Tensor image = pictures(c.image().height(), c.image().width(), c.channels());
        time(
                params,
                all.optim(),
                () -> {
                    Jet.Flow flow = jet.forward(PictureTensors.dequantised(image));
                    return BitsPerDim.of(flow.out(), flow.logDet()).total().mean();
                },
                () -> jet.inverse(torch.randn_like(image)).out());
    }

    private void jetFormer(Params params) throws IOException {
        JetFormerTrainingConfig all = Configs.read(JetFormerTrainingConfig.class, config, List.of());
        JetFormerConfig c = all.model().withVocabulary(10);
        JetFormer model = JetFormer.of(params, c);
        var loss = new JetFormerLoss(model, all.loss());
        Tensor image = pictures(c.image().height(), c.image().width(), c.channels());
        Tensor text = torch.arange(new Scalar((long) batch))
                .remainder(new Scalar(10L))
                .to(ScalarType.Long)
                .unsqueeze(1); // [B, 1]
        Tensor valid = torch.ones_like(text).to(ScalarType.Bool);
        var data = new JetFormerLoss.Batch(image, text, valid, valid, valid.squeeze(1));
        time(
                params,
                all.optim(),
                () -> loss.of(data, draws(c, all.loss(), image), all.loss().rgbNoise() / 2, true, Probe.NONE)
                        .value(),
                () -> {
                    var sampler = new ImageSampler(model, 0, Temperatures.NONE);
                    Tensor soft = mode == Mode.SAMPLE
                            ? sampler.sample(text, valid, _ -> Draws.ENGINE).soft()
                            : withoutCache(model, text, valid);
                    return sampler.decode(soft, 1);
                });
    }

    private Tensor withoutCache(JetFormer model, Tensor text, Tensor valid) {
        JetFormerConfig c = model.config();
        Tensor soft = torch.zeros(batch, 0, c.softDims()); // [B, n, d]
        for (int i = 0; i < c.numTokens(); i++) {
            try (var scope = new Scope()) {
                // The last element of a sequence is not seen.
                Tensor unseen = torch.zeros(batch, 1, c.softDims());
                Tensor known = torch.cat(new TensorVector(soft, unseen), 1);
                Tensor raw = model.forward(Sequence.Input.of(text, known, true, valid), false, Probe.NONE)
                        .imageRaw();
                SoftDensity next = model.density(raw.narrow(1, i, 1), Temperatures.NONE);
                soft = scope.keep(torch.cat(new TensorVector(soft, next.sample(Draws.ENGINE)), 1));
            }
        }
        return soft;
    }

    private Tensor pictures(int height, int width, int channels) {
        return torch.rand(batch, height, width, channels)
                .mul(new Scalar(255.0))
                .round()
                .div(new Scalar(BitsPerDim.STEPS))
                .sub(new Scalar(1.0));
    }

    private LossDraws draws(JetFormerConfig c, LossConfig loss, Tensor image) {
        return new LossDraws(
                torch.rand_like(image),
                loss.rgbNoise() > 0 ? torch.randn_like(image) : null,
                null,
                torch.rand(batch, 1, 1),
                torch.randn(batch, c.numTokens(), c.softDims()),
                torch.rand(batch));
    }

    private interface Work {
        Tensor run();
    }

    private void time(Params params, OptimConfig optim, Work loss, Work sample) throws IOException {
        if (mode == Mode.TRAIN) {
            params.trainable();
        }
        try (Optimizer optimizer = mode == Mode.TRAIN ? Optimizer.of(optim, params.table(), warmup + steps) : null) {
            double[] seconds = Timing.seconds(warmup, steps, () -> Timing.nanos(threads), i -> {
                if (optimizer != null) {
                    train(loss, optimizer, i);
                } else {
                    try (var _ = new Scope();
                            var _ = new NoGradGuard()) {
                        sample.run().sum().item_float();
                    }
                }
            });
            Timing.print(batch, seconds);
        }
    }

    private static void train(Work work, Optimizer optimizer, int step) {
        try (var _ = new Scope()) {
            Tensor loss = work.run();
            loss.backward();
            optimizer.step(step);
            loss.item_float();
        }
    }
}
