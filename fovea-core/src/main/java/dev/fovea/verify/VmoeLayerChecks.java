package dev.fovea.verify;

import static java.util.Objects.requireNonNull;

import dev.fovea.checkpoint.Checkpoints;
import dev.fovea.checkpoint.NameMap;
import dev.fovea.checkpoint.Weights;
import dev.fovea.models.vit.VitConfig.Gelu;
import dev.fovea.models.vmoe.AuxiliaryLoss;
import dev.fovea.models.vmoe.ExpertChoice;
import dev.fovea.models.vmoe.MoeConfig;
import dev.fovea.models.vmoe.MoeMlp;
import dev.fovea.models.vmoe.Noise;
import dev.fovea.models.vmoe.Placement;
import dev.fovea.models.vmoe.RouterConfig;
import dev.fovea.models.vmoe.Routing;
import dev.fovea.models.vmoe.TokenRouter;
import dev.fovea.models.vmoe.VmoeNames;
import dev.fovea.nn.Params;
import dev.fovea.tensor.Tensors;
import java.util.ArrayDeque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import tools.jackson.databind.JsonNode;

/** V-MoE's routers and routed layers, with the noise given. */
final class VmoeLayerChecks {

    private VmoeLayerChecks() {}

    /** Noise from a case, in the order of its use; none where the configuration says so. */
    static Noise noise(JsonNode config, JsonNode router, List<Tensor> given) {
        boolean none = router.path("deterministic")
                .asBoolean(config.required("deterministic").asBoolean());
        var left = new ArrayDeque<>(given);
        return none ? Noise.NONE : like -> left.removeFirst().reshape(Tensors.shape(like));
    }

    /** A router alone. */
    static void router(Case c) {
        for (boolean full : new boolean[] {false, true}) {
            try (Weights weights = Checkpoints.open(c.folder().resolve("params.safetensors"));
                    Params params = Params.of(VmoeNames.router(1).load(weights, ScalarType.Float))
                            .trainable()) {
                router(c, params, full);
            }
        }
    }

    private static void router(Case c, Params params, boolean full) {
        JsonNode config = c.config();
        Tensor x = c.tensor("inputs"); // [G, S, D]
        x.set_requires_grad(true);
        int numExperts = config.required("num_experts").asInt();
        var settings = (RouterConfig.TokensChoose) VmoeModels.router(config, 1, (int) x.size(1), numExperts);
        var router = TokenRouter.of(params, (int) x.size(2), numExperts, settings);
        params.requireNoLeftovers();
        Routing.Sparse found = router.route(x, noise(config, config, List.of(c.tensor("noise"))));
        AuxiliaryLoss loss = requireNonNull(found.loss());
        var choices = requireNonNull(found.choices());
        Tensor value = loss.total().mean();
        if (full) {
            value = value.add(found.gates().mul(c.tensor("gates_cotangent")).sum());
        } else {
            c.compare("logits", found.logits());
            c.compare("gates", found.gates());
            long[] shape = {x.size(0), x.size(1), settings.k()};
            c.compare("expert_index", VmoeDispatchChecks.longs(choices.expert()), shape);
            c.compare("combine_weights", found.gates().gather(2, Tensors.of(choices.expert(), shape)));
            losses(loss).forEach(c::compare);
        }
        if (value.requires_grad()) {
            value.backward();
        }
        String name = full ? "grad_full/" : "grad_aux/";
        c.compare(name + "kernel", gradient(router.weight()).t());
        c.compare(name + "inputs", gradient(x));
    }

    /** The terms that a case records, by name. */
    static SequencedMap<String, Tensor> losses(AuxiliaryLoss loss) {
        var terms = new LinkedHashMap<String, Tensor>();
        terms.put("auxiliary_loss", loss.total());
        terms.put("gshard_loss", loss.gshard());
        terms.put("importance_loss", loss.importance());
        if (loss.load() != null) {
            terms.put("load_loss", loss.load());
        }
        return terms;
    }

    /** A routed layer; some cases record it inside a whole network. */
    static void layer(Case c) {
        if (c.inputs().containsKey("image")) {
            VmoeModelChecks.model(c);
            return;
        }
        JsonNode json = c.config();
        MoeConfig config = VmoeModels.moe(json, new Placement.At(List.of()));
        NameMap names = VmoeNames.moe(config.router().ensemble());
        Tensor x = c.tensor("inputs"); // [B, N, D]
        x.set_requires_grad(true);
        try (Weights weights = Checkpoints.open(c.folder().resolve("params.safetensors"));
                Params params = Params.of(names.load(weights, ScalarType.Float)).trainable()) {
            var moe =
                    MoeMlp.of(params, (int) x.size(2), json.required("mlp_dim").asInt(), Gelu.TANH, config);
            params.requireNoLeftovers();
            Noise noise = noise(json, json.path("router"), List.of(c.tensor("noise")));
            MoeMlp.Output out = moe.forward(x, noise);
            c.compare("outputs", out.y());
            Tensor loss = out.y().mul(c.tensor("outputs_cotangent")).sum();
            var routing = (Routing.Sparse) out.routings().getFirst();
            if (routing.loss() != null) {
                losses(routing.loss()).forEach((name, term) -> c.compare("metric/" + name, term));
                loss = loss.add(routing.loss().total().mean());
            } else {
                c.compare("metric/auxiliary_loss", torch.zeros(new long[0]));
                VmoeDispatchChecks.metrics(c, "metric/", ExpertChoice.of(routing.routes(), routing.gates()));
            }
            if (c.expects("gates")) {
                c.compare("gates", routing.gates());
            }
            loss.backward();
            c.compare("grad/inputs", x.grad());
            var gradients = new LinkedHashMap<String, Tensor>();
            params.table().forEach((name, p) -> gradients.put(name, gradient(p)));
            names.export(gradients).forEach((name, g) -> c.compare("grad/" + name, g));
        }
    }

    /** Zero where the loss does not depend on it. */
    static Tensor gradient(Tensor x) {
        return x.grad().defined() ? x.grad() : torch.zeros_like(x);
    }
}
