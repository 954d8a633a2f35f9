package dev.fovea.bench;

import dev.fovea.models.vit.Mlp;
import dev.fovea.models.vit.VitConfig.Gelu;
import dev.fovea.models.vmoe.Block;
import dev.fovea.models.vmoe.Capacity;
import dev.fovea.models.vmoe.Compute;
import dev.fovea.models.vmoe.MoeConfig;
import dev.fovea.models.vmoe.MoeMlp;
import dev.fovea.models.vmoe.Noise;
import dev.fovea.models.vmoe.Order;
import dev.fovea.models.vmoe.Placement;
import dev.fovea.models.vmoe.Rerouting;
import dev.fovea.models.vmoe.Routes;
import dev.fovea.models.vmoe.Routing;
import dev.fovea.models.vmoe.TokenRouter;
import dev.fovea.models.vmoe.Usage;
import dev.fovea.models.vmoe.Vmoe;
import dev.fovea.models.vmoe.VmoeConfig;
import dev.fovea.nn.Params;
import dev.fovea.optim.OptimConfig;
import dev.fovea.optim.Optimizer;
import dev.fovea.tensor.Engine;
import dev.fovea.tensor.Scope;
import dev.fovea.train.Losses;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * What routing costs: a V-MoE S/32 with 8 experts against the dense S/32, the routed layer against its experts alone, and
 * lower CAPACITIES against the multiply-adds that they save. All in one process and in turn; medians. With one thread the
 * clock is the thread's processor time.
 */
@Command(name = "routing", mixinStandardHelpOptions = true)
final class RoutingBench implements Callable<Integer> {

    private static final int CLASSES = 1000;
    private static final int EXPERTS = 8;
    private static final double[] CAPACITIES = {1, 0.5, 0.25};

    @Option(names = "--batch", defaultValue = "16")
    private int batch;

    @Option(names = "--rounds", defaultValue = "7")
    private int rounds;

    @Option(names = "--threads", defaultValue = "1")
    private int threads;

    @Option(names = "--last", defaultValue = "2", description = "blocks with experts: the last so many of the odd ones")
    private int last;

    @Option(names = "--k", defaultValue = "1")
    private int k;

    private interface Work {
        void run();
    }

    public static void main(String[] args) {
        System.exit(new CommandLine(new RoutingBench()).execute(args));
    }

    @Override
    public Integer call() {
        Engine.setThreads(threads);
        Engine.seed(0);
        layer();
        models();
        return 0;
    }

    /** The routed MLP at k · C = 1 against one MLP for all tokens, and against its experts without routing. */
    private void layer() {
        VmoeConfig c = config(new Placement.Last(last));
        int width = c.vit().width();
        try (Params p = Params.fresh(0);
                var _ = new Scope();
                var _ = new NoGradGuard()) {
            MoeMlp moe = MoeMlp.of(p.at("moe"), width, c.vit().mlpDim(), Gelu.TANH, c.moe())
                    .with(c.moe().with(new Rerouting(1, Capacity.of(1), Order.PRIORITY, null)));
            Mlp mlp = Mlp.of(p.at("mlp"), width, c.vit().mlpDim(), Gelu.TANH);
            Tensor x = torch.randn(batch, c.numTokens(), width);
            Routing.Sparse routing =
                    (Routing.Sparse) moe.router().route(x.flatten(0, 1).unsqueeze(0), Noise.NONE);
            Routes routes = routing.routes();
            Tensor rows = routes.dispatch(x.flatten(0, 1));
            double[] ms = inTurn(() -> mlp.forward(x), () -> moe.forward(x, Noise.NONE), () -> moe.experts()
                    .forward(rows, routes.load(), Noise.NONE));
            double tokens = x.size(0) * x.size(1);
            System.out.printf(
                    "layer, %.0f tokens: dense %.2f ms, routed %.2f ms, its experts alone %.2f ms for %.3f of the choices:"
                            + " routing is %.1f%% of the layer%n",
                    tokens, ms[0], ms[1], ms[2], routes.rows() / tokens, 100 * (1 - ms[2] / ms[1]));
            MoeMlp[] layers = new MoeMlp[CAPACITIES.length];
            Work[] works = new Work[CAPACITIES.length];
            for (int i = 0; i < works.length; i++) {
                MoeMlp one = moe.with(c.moe().with(new Rerouting(1, Capacity.of(CAPACITIES[i]), Order.PRIORITY, null)));
                layers[i] = one;
                works[i] = () -> one.forward(x, Noise.NONE);
            }
            double[] lower = inTurn(works);
            for (int i = 1; i < works.length; i++) {
                System.out.printf(
                        "layer at C %.2f: %.3f of the time at C 1, %.3f of the rows%n",
                        CAPACITIES[i], lower[i] / lower[0], rows(layers[i], x) / rows(layers[0], x));
            }
        }
    }

    private static double rows(MoeMlp layer, Tensor x) {
        return ((Routing.Sparse) layer.router().route(x.flatten(0, 1).unsqueeze(0), Noise.NONE))
                .routes()
                .rows();
    }

    /**
     * Takes the mean token out of every router's weights: a fresh network's tokens are nearly alike, and would all go to one
     * expert, where a trained router spreads them.
     */
    private static void spread(Vmoe vmoe, Tensor images) {
        try (var _ = new NoGradGuard()) {
            for (int i : vmoe.config().moeBlocks()) {
                var seen = new ArrayList<Tensor>();
                String before = "block_" + (i - 1);
                vmoe.forward(images, Noise.NONE, (name, x) -> {
                    if (name.equals(before)) {
                        seen.add(x);
                    }
                });
                if (vmoe.blocks().get(i) instanceof Block.Moe block
                        && block.moe().router() instanceof TokenRouter router) {
                    Tensor x = seen.getFirst();
                    Tensor mean = block.norm2()
                            .forward(x.add(block.attn().forward(block.norm1().forward(x))))
                            .mean(new long[] {0, 1}); // [D]
                    Tensor unit = mean.div(mean.norm());
                    router.weight()
                            .sub_(router.weight().matmul(unit).unsqueeze(1).mul(unit));
                }
            }
        }
    }

    private void models() {
        try (Params dense = Params.fresh(0);
                Params sparse = Params.fresh(0);
                var _ = new Scope()) {
            Vmoe twin = Vmoe.of(dense, config(new Placement.At(List.of())));
            Vmoe vmoe = Vmoe.of(sparse, config(new Placement.Last(last)));
            Tensor images = torch.randn(batch, 224, 224, 3);
            spread(vmoe, images);
            training(twin, dense, vmoe, sparse, images);
            Compute[] computes = new Compute[CAPACITIES.length];
            Work[] works = new Work[CAPACITIES.length + 1];
            works[0] = () -> infer(twin, images);
            for (int i = 0; i < CAPACITIES.length; i++) {
                Vmoe one = vmoe.with(new Rerouting(k, Capacity.of(CAPACITIES[i]), Order.PRIORITY, null));
                works[i + 1] = () -> infer(one, images);
                try (var _ = new Scope();
                        var _ = new NoGradGuard()) {
                    Vmoe.Output out = one.forward(images, Noise.NONE);
                    computes[i] = Compute.of(one.config(), Usage.of(batch, out.routings()));
                }
            }
            double[] ms = inTurn(works);
            System.out.printf("forward pass of %d, dense: %.1f ms%n", batch, ms[0]);
            for (int i = 0; i < CAPACITIES.length; i++) {
                System.out.printf(
                        "forward pass of %d, k %d, C %.2f: %.1f ms, %.3f of C 1; multiply-adds %.3f of C 1%n",
                        batch,
                        k,
                        CAPACITIES[i],
                        ms[i + 1],
                        ms[i + 1] / ms[1],
                        computes[i].useful() / computes[0].useful());
            }
        }
    }

    private void training(Vmoe twin, Params dense, Vmoe vmoe, Params sparse, Tensor images) {
        OptimConfig optim = OptimConfig.torchAdamW(1e-3, 1e-4).withClipNorm(1);
        try (Optimizer denseOptimizer = Optimizer.of(optim, dense.trainable().table(), 1000);
                Optimizer sparseOptimizer =
                        Optimizer.of(optim, sparse.trainable().table(), 1000)) {
            double[] ms = inTurn(() -> train(twin, images, denseOptimizer), () -> train(vmoe, images, sparseOptimizer));
            System.out.printf(
                    "training step of %d: dense %.0f ms, %d experts %.0f ms, ratio %.3f%n",
                    batch, ms[0], EXPERTS, ms[1], ms[1] / ms[0]);
        }
    }

    private VmoeConfig config(Placement placement) {
        return VmoeConfig.published("S/32", placement, 224, CLASSES).with(MoeConfig.of(placement, EXPERTS, k));
    }

    private void train(Vmoe model, Tensor images, Optimizer optimizer) {
        try (var _ = new Scope()) {
            Vmoe.Output out = model.forward(images, Noise.DRAWN);
            Tensor labels = torch.arange(new Scalar((long) batch));
            Tensor loss = Losses.softmaxXent(out.logits(), labels).mean();
            Tensor auxiliary = out.auxiliaryLoss();
            (auxiliary == null ? loss : loss.add(auxiliary)).backward();
            optimizer.step(0);
        }
    }

    private static void infer(Vmoe model, Tensor images) {
        try (var _ = new NoGradGuard()) {
            model.forward(images).sum().item_float();
        }
    }

    /** Milliseconds of each, a median over rounds in which each runs once; the first round warms up. */
    private double[] inTurn(Work... works) {
        var times = new double[works.length][rounds];
        for (int round = -1; round < rounds; round++) {
            for (int i = 0; i < works.length; i++) {
                try (var _ = new Scope()) {
                    long start = Timing.nanos(threads);
                    works[i].run();
                    if (round >= 0) {
                        times[i][round] = (Timing.nanos(threads) - start) / 1e6;
                    }
                }
            }
        }
        return Arrays.stream(times)
                .mapToDouble(t -> Arrays.stream(t).sorted().toArray()[rounds / 2])
                .toArray();
    }
}
