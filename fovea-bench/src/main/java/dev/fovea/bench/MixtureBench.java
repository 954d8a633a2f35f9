package dev.fovea.bench;

import dev.fovea.models.jetformer.Mixture;
import dev.fovea.models.jetformer.Temperatures;
import dev.fovea.tensor.Engine;
import dev.fovea.tensor.Scope;
import java.io.IOException;
import java.util.concurrent.Callable;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * One process that takes the density of soft tokens under a JetFormer's head, and its derivatives by the head's outputs
 * and by the tokens, and prints seconds and peak of memory. The published head by default: 1,024 components of 128 values
 * for the 256 tokens of one picture.
 */
@Command(name = "mixture", mixinStandardHelpOptions = true)
final class MixtureBench implements Callable<Integer> {

    @Option(names = "--tokens", defaultValue = "256")
    private int tokens;

    @Option(names = "--components", defaultValue = "1024")
    private int components;

    @Option(names = "--dims", defaultValue = "128")
    private int dims;

    @Option(names = "--threads", defaultValue = "2")
    private int threads;

    @Option(names = "--whole", description = "all components at once, as autograd does it")
    private boolean whole;

    public static void main(String[] args) {
        System.exit(new CommandLine(new MixtureBench()).execute(args));
    }

    @Override
    public Integer call() throws IOException {
        Engine.setThreads(threads);
        Engine.seed(0);
        try (var _ = new Scope()) {
            Tensor raw = torch.randn(1, tokens, components + 2L * components * dims);
            Tensor x = torch.randn(1, tokens, dims);
            raw.set_requires_grad(true);
            x.set_requires_grad(true);
            double before = Timing.peakMegabytes();
            long start = System.nanoTime();
            var mixture = new Mixture(raw, components, 1e-6, Temperatures.NONE);
            Tensor logProb = (whole ? whole(mixture, x) : mixture.logProb(x)).sum();
            logProb.backward();
            System.out.printf(
                    "{\"value\": %.3f, \"grad_norm\": %.5f, \"seconds\": %.2f, \"before_mb\": %.0f, \"peak_mb\": %.0f}%n",
                    logProb.item_double(),
                    raw.grad().norm().item_double(),
                    (System.nanoTime() - start) / 1e9,
                    before,
                    Timing.peakMegabytes());
        }
        return 0;
    }

    private static Tensor whole(Mixture m, Tensor x) {
        Tensor scales = m.scales(); // [1, T, K, d]
        Tensor components = x.unsqueeze(2)
                .sub(m.means())
                .div(scales)
                .square()
                .mul(new Scalar(-0.5))
                .sub(scales.log())
                .sub(new Scalar(0.5 * Math.log(2 * Math.PI)))
                .sum(3); // [1, T, K]
        return torch.logsumexp(m.logWeights().add(components), 2);
    }
}
