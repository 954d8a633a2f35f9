package dev.fovea.bench;

import dev.fovea.models.vit.Vit;
import dev.fovea.models.vit.VitConfig;
import dev.fovea.models.vit.VitConfig.Pool;
import dev.fovea.nn.Params;
import dev.fovea.optim.OptimConfig;
import dev.fovea.optim.Optimizer;
import dev.fovea.tensor.Autocast;
import dev.fovea.tensor.Engine;
import dev.fovea.tensor.Scope;
import dev.fovea.train.Losses;
import java.io.IOException;
import java.util.concurrent.Callable;
import org.bytedeco.pytorch.AutoGradMode;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** One process that times a training or inference step of a ViT on random pictures, and prints one JSON line. */
@Command(name = "vit-step", mixinStandardHelpOptions = true)
final class VitStep implements Callable<Integer> {

    enum Mode {
        TRAIN,
        INFER
    }

    enum Precision {
        FP32,
        BF16
    }

    @Option(names = "--variant", defaultValue = "S/16")
    private String variant = "";

    @Option(names = "--image", defaultValue = "224")
    private int image;

    @Option(names = "--batch", defaultValue = "16")
    private int batch;

    @Option(names = "--classes", defaultValue = "1000")
    private int classes;

    @Option(names = "--warmup", defaultValue = "2")
    private int warmup;

    @Option(names = "--steps", defaultValue = "6")
    private int steps;

    @Option(names = "--threads", defaultValue = "2")
    private int threads;

    @Option(names = "--mode", defaultValue = "train")
    private Mode mode = Mode.TRAIN;

    @Option(names = "--precision", defaultValue = "fp32")
    private Precision precision = Precision.FP32;

    /** Of the peer, which is given the same arguments; the optimizer here is always fused. */
    @Option(names = "--fused")
    @SuppressWarnings("unused")
    private boolean fused;

    public static void main(String[] args) {
        System.exit(new CommandLine(new VitStep())
                .setCaseInsensitiveEnumValuesAllowed(true)
                .execute(args));
    }

    @Override
    public Integer call() throws IOException {
        Engine.setThreads(threads);
        Engine.seed(0);
        try (Params params = Params.fresh(0)) {
            Vit model = Vit.of(params, VitConfig.of(variant, image, Pool.GAP, classes));
            if (mode == Mode.TRAIN) {
                params.trainable();
            }
            Tensor images = torch.randn(batch, image, image, 3);
            Tensor labels = torch.arange(new Scalar((long) batch));
            try (Optimizer optimizer = mode == Mode.TRAIN
                    ? Optimizer.of(OptimConfig.torchAdamW(1e-3, 1e-4).withClipNorm(1), params.table(), warmup + steps)
                    : null) {
                double[] seconds = Timing.seconds(warmup, steps, System::nanoTime, i -> {
                    if (optimizer == null) {
                        infer(model, images);
                    } else {
                        train(model, images, labels, optimizer, i);
                    }
                });
                Timing.print(batch, seconds);
            }
        }
        return 0;
    }

    private void train(Vit model, Tensor images, Tensor labels, Optimizer optimizer, int step) {
        try (var _ = new Scope()) {
            Tensor loss;
            try (var _ = autocast()) {
                loss = Losses.softmaxXent(model.forward(images), labels).mean();
            }
            loss.backward();
            optimizer.step(step);
            loss.item_float();
        }
    }

    private void infer(Vit model, Tensor images) {
        try (var _ = new Scope();
                var _ = new AutoGradMode(false);
                var _ = autocast()) {
            model.forward(images).sum().item_float();
        }
    }

    private @Nullable Autocast autocast() {
        return precision == Precision.BF16 ? Autocast.bf16() : null;
    }
}
