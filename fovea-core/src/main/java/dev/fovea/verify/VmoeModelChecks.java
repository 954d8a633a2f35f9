package dev.fovea.verify;

import dev.fovea.checkpoint.Checkpoints;
import dev.fovea.checkpoint.MsgpackShards;
import dev.fovea.checkpoint.NameMap;
import dev.fovea.checkpoint.StoredTensor;
import dev.fovea.checkpoint.Weights;
import dev.fovea.models.vmoe.Block;
import dev.fovea.models.vmoe.ExpertChoice;
import dev.fovea.models.vmoe.Noise;
import dev.fovea.models.vmoe.Routing;
import dev.fovea.models.vmoe.SoftMetrics;
import dev.fovea.models.vmoe.SoftRouter;
import dev.fovea.models.vmoe.Vmoe;
import dev.fovea.models.vmoe.VmoeConfig;
import dev.fovea.models.vmoe.VmoeNames;
import dev.fovea.nn.Params;
import dev.fovea.tensor.Tensors;
import dev.fovea.train.Losses;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.stream.LongStream;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import tools.jackson.databind.JsonNode;

/** Whole V-MoEs: sparse, ensembles, soft, and the sharded checkpoints. */
final class VmoeModelChecks {

    private static final String PARAMS = "params/";

    private VmoeModelChecks() {}

    /** A forward pass, what the routers did, losses and gradients, as far as they are recorded. */
    static void model(Case c) {
        VmoeConfig config = VmoeModels.network(c.config(), c.input("image").shape());
        NameMap names = VmoeNames.published(
                config.vit().numHeads(), config.moe().router().ensemble());
        try (Weights weights = Checkpoints.open(c.folder().resolve("params.safetensors"));
                Params params = Params.of(names.load(weights, ScalarType.Float)).trainable()) {
            Vmoe model = Vmoe.of(params, config);
            params.requireNoLeftovers();
            Tensor image = c.tensor("image");
            image.set_requires_grad(true);
            var found = new LinkedHashMap<String, Tensor>();
            Vmoe.Output out = model.forward(image, noise(c, config), found::put);
            found.put("encoded", out.encoded());
            found.put("logits", out.logits());
            routings(c, found, model, out);
            Tensor main = config.moe().router().ensemble() > 1
                    ? ensemble(c, found, model, out.logits())
                    : mainLoss(c, out.logits());
            Tensor auxiliary = auxiliary(out);
            Tensor total = main.add(auxiliary);
            found.put("auxiliary_loss", auxiliary);
            found.put("main_loss", main);
            found.put("total_loss", total);
            total.backward();
            found.put("grad/image", image.grad());
            var gradients = new LinkedHashMap<String, Tensor>();
            params.table().forEach((name, x) -> gradients.put(name, VmoeLayerChecks.gradient(x)));
            names.export(gradients).forEach((name, x) -> found.put("grad/" + name, x));
            if (c.expects("logits_bfloat16_transport")) {
                Vmoe rounded = Vmoe.of(
                        Params.of(params.table()), config.with(config.moe().withBf16(true)));
                found.put(
                        "logits_bfloat16_transport",
                        rounded.forward(image, Noise.NONE).logits());
            }
            compare(c, found);
        }
    }

    /** A released model's files: every leaf as it is stored, and the network that they make. */
    static void checkpoint(Case c) {
        String prefix = c.config().required("prefix").asString();
        SequencedMap<String, StoredTensor> leaves =
                MsgpackShards.read(c.folder().resolve(prefix + ".index"));
        leaves.forEach((name, x) -> {
            String leaf = "leaf/" + name;
            switch (x.dtype()) {
                case F64, F32, F16, BF16 -> c.compare(leaf, x.toDoubles(), x.shape());
                default -> c.compare(leaf, x.toLongs(), x.shape());
            }
        });
        VmoeConfig config = VmoeModels.network(c.config(), c.input("image").shape());
        var parameters = new LinkedHashMap<String, StoredTensor>();
        leaves.forEach((name, x) -> {
            if (name.startsWith(PARAMS)) {
                String own = name.substring(PARAMS.length());
                parameters.put(own, new StoredTensor(own, x.dtype(), x.shape(), x.data()));
            }
        });
        NameMap names = VmoeNames.published(
                config.vit().numHeads(), config.moe().router().ensemble());
        try (Params params = Params.of(names.load(prefix, parameters, ScalarType.Float))) {
            Vmoe model = Vmoe.of(params, config);
            params.requireNoLeftovers();
            Vmoe.Output out = model.forward(c.tensor("image"), Noise.NONE);
            c.compare("logits", out.logits());
            c.compare("auxiliary_loss", auxiliary(out));
        }
    }

    private static Noise noise(Case c, VmoeConfig config) {
        List<Tensor> given = config.moeBlocks().stream()
                .filter(i -> c.inputs().containsKey("noise/" + i))
                .map(i -> c.tensor("noise/" + i))
                .toList();
        JsonNode router = c.config().required("encoder").path("moe").path("router");
        return VmoeLayerChecks.noise(c.config(), router, given);
    }

    private static Tensor auxiliary(Vmoe.Output out) {
        Tensor loss = out.auxiliaryLoss();
        return loss == null ? torch.zeros(new long[0]) : loss;
    }

    private static Tensor mainLoss(Case c, Tensor logits) {
        String kind = c.config().path("loss").asString("softmax_xent");
        Tensor labels = c.tensor("labels");
        return switch (kind) {
            case "softmax_xent" -> Losses.softmaxXent(logits, labels, 1).mean();
            case "sigmoid_xent" -> Losses.sigmoidXent(logits, labels).mean();
            default -> throw new IllegalArgumentException("loss " + kind + ": wanted softmax_xent or sigmoid_xent");
        };
    }

    private static void routings(Case c, Map<String, Tensor> found, Vmoe model, Vmoe.Output out) {
        var totals = new TensorVector();
        out.routings().forEach((block, routings) -> {
            switch (routings.getFirst()) {
                case Routing.Sparse s -> sparse(c, found, block, s, totals);
                case Routing.Soft s ->
                    soft(found, block, s, (Block.Moe) model.blocks().get(block));
            }
        });
        found.put(
                "auxiliary_loss_per_group",
                totals.size() > 0 ? torch.stack(totals, 0).sum(0) : torch.zeros(new long[0]));
    }

    private static void sparse(Case c, Map<String, Tensor> found, int block, Routing.Sparse s, TensorVector totals) {
        found.put("gates/" + block, s.gates());
        if (s.loss() != null) {
            VmoeLayerChecks.losses(s.loss())
                    .forEach((name, x) -> found.put("metric/encoderblock_%d/%s".formatted(block, name), x));
            totals.push_back(s.loss().total());
        } else {
            VmoeDispatchChecks.metrics(
                    c, "metric/encoderblock_%d/".formatted(block), ExpertChoice.of(s.routes(), s.gates()));
            found.put("metric/encoderblock_%d/auxiliary_loss".formatted(block), torch.zeros(new long[0]));
        }
        long groups = s.gates().size(0);
        long groupSize = s.gates().size(1);
        VmoeDispatchChecks.ints(c, "experts_of_token/" + block, s.routes().expertsOfTokens(), groups, groupSize);
        var a = s.choices();
        if (a != null) {
            VmoeDispatchChecks.ints(c, "expert/" + block, a.expert(), groups, groupSize, a.k());
            int[] kept = LongStream.of(VmoeDispatchChecks.kept(a))
                    .mapToInt(Math::toIntExact)
                    .toArray();
            VmoeDispatchChecks.ints(c, "kept/" + block, kept, groups, groupSize, a.k());
        }
    }

    private static void soft(Map<String, Tensor> found, int block, Routing.Soft s, Block.Moe moe) {
        for (String suffix : List.of("", "/" + block)) {
            found.putIfAbsent("combine_weights" + suffix, s.combine());
            found.putIfAbsent("dispatch_weights" + suffix, s.dispatch());
        }
        SoftMetrics.of(s, (SoftRouter) moe.moe().router()).forEach((name, x) -> {
            found.putIfAbsent("metric/" + name, x);
            found.put("metric/encoderblock_%d/%s".formatted(block, name), x);
        });
        found.putIfAbsent("metric/auxiliary_loss", torch.zeros(new long[0]));
    }

    /** Losses and predictions of an ensemble's members, rows of a picture together; gives the loss trained on. */
    private static Tensor ensemble(Case c, Map<String, Tensor> found, Vmoe model, Tensor logits) { // [B·M, K]
        long members = model.config().moe().router().ensemble();
        Tensor labels = c.tensor("labels"); // [B, K]
        Tensor softmax = Losses.softmaxXent(logits, repeated(labels, members), 1); // [B·M]
        found.put("softmax_train", softmax);
        Tensor logMean = model.logMean(logits.log_softmax(-1)); // [B, K]
        found.put("log_mean_probabilities", logMean);
        found.put("softmax_eval", labels.mul(logMean).sum(1).neg());
        Tensor yes = model.logMean(torch.log_sigmoid(logits));
        VmoeDispatchChecks.ints(c, "pred_softmax", best(logMean), logMean.size(0));
        VmoeDispatchChecks.ints(c, "pred_sigmoid", best(yes), logMean.size(0));
        if (c.inputs().containsKey("labels_multi")) {
            Tensor many = c.tensor("labels_multi"); // [B, K]
            found.put("sigmoid_train", Losses.sigmoidXent(logits, repeated(many, members)));
            Tensor no = model.logMean(torch.log_sigmoid(logits.neg()));
            Tensor off = torch.ones_like(many).sub(many);
            found.put("sigmoid_eval", many.mul(yes).add(off.mul(no)).sum(1).neg());
        }
        return softmax.mean();
    }

    private static int[] best(Tensor x) { // [B, K]
        return Tensors.toInts(x.argmax(new LongOptional(1), false));
    }

    private static Tensor repeated(Tensor x, long members) {
        return x.repeat_interleave(members, new LongOptional(0), new LongOptional());
    }

    private static void compare(Case c, Map<String, Tensor> found) {
        found.forEach((name, x) -> {
            long[] shape = c.expected().get(name);
            if (shape != null) {
                // the reference keeps groups and an ensemble's members apart where ours are one axis
                boolean byMember = name.startsWith("metric/")
                        && x.numel() == LongStream.of(shape).reduce(1, (a, b) -> a * b);
                c.compare(name, byMember ? x.reshape(shape) : x);
            }
        });
    }
}
