package dev.fovea.verify;

import dev.fovea.models.vit.PositionTables;
import dev.fovea.models.vit.Size;
import dev.fovea.models.vit.VitConfig;
import dev.fovea.models.vit.VitConfig.Gelu;
import dev.fovea.models.vit.VitConfig.Pool;
import dev.fovea.models.vit.VitConfig.Positions;
import dev.fovea.models.vmoe.Capacity;
import dev.fovea.models.vmoe.Groups;
import dev.fovea.models.vmoe.MoeConfig;
import dev.fovea.models.vmoe.Order;
import dev.fovea.models.vmoe.Placement;
import dev.fovea.models.vmoe.Rounding;
import dev.fovea.models.vmoe.RouterConfig;
import dev.fovea.models.vmoe.VmoeConfig;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** V-MoE's configuration of networks, layers and routers, as ours. */
final class VmoeModels {

    private VmoeModels() {}

    /** The whole network, for pictures {@code [B, H, W, 3]}. */
    static VmoeConfig network(JsonNode json, long[] image) {
        JsonNode encoder = json.required("encoder");
        BigVisionConfigs.requireKnown(
                encoder,
                Set.of(
                        "mlp_dim",
                        "moe",
                        "num_heads",
                        "num_layers",
                        "attention_qk_norm",
                        "position_emb",
                        "dropout_rate",
                        "attention_dropout_rate"),
                Set.of());
        JsonNode position = encoder.path("position_emb");
        JsonNode patch = json.required("patch_size");
        JsonNode moe = encoder.path("moe");
        var vit = new VitConfig(
                new Size((int) image[1], (int) image[2]),
                new Size(patch.get(0).asInt(), patch.get(1).asInt()),
                json.required("hidden_size").asInt(),
                encoder.required("num_layers").asInt(),
                encoder.required("mlp_dim").asInt(),
                encoder.required("num_heads").asInt(),
                positions(position.path("name").asString("learned")),
                pool(json.path("classifier").asString("token")),
                json.path("representation_size").asInt(0),
                json.path("num_classes").asInt(0),
                json.path("layernorm_eps").asDouble(1e-6),
                json.path("gelu").asString("tanh").equals("tanh") ? Gelu.TANH : Gelu.ERF,
                null);
        List<Integer> layers =
                moe.path("layers").valueStream().map(JsonNode::asInt).toList();
        return new VmoeConfig(
                vit,
                moe(moe, new Placement.At(layers)),
                encoder.path("attention_qk_norm").asBoolean(false),
                position.path("temperature").asDouble(PositionTables.TEMPERATURE),
                0);
    }

    /** A layer's or a network's experts. */
    static MoeConfig moe(JsonNode moe, Placement placement) {
        int groupSize = moe.required("group_size").asInt();
        JsonNode router = moe.path("router");
        return new MoeConfig(
                placement,
                moe.required("num_experts").asInt(),
                moe.has("mlp_dim") ? (Integer) moe.get("mlp_dim").asInt() : null,
                router(
                        router,
                        moe.path("ensemble_size").asInt(1),
                        groupSize,
                        moe.required("num_experts").asInt()),
                new Groups(null, groupSize),
                moe.path("dropout_rate").asDouble(0),
                router.path("dispatcher").path("bfloat16").asBoolean(false),
                true);
    }

    /** A router alone, with the settings of the authors' code where they are not given. */
    static RouterConfig router(JsonNode r, int members, int groupSize, int numExperts) {
        String name = r.path("name").asString("NoisyTopExpertsPerItemRouter");
        if (name.endsWith("SoftRouter")) {
            int slots = r.path("num_slots").isNumber()
                    ? r.path("num_slots").asInt()
                    : Capacity.of(r.path("capacity_factor").asDouble(1)).slots(groupSize, numExperts);
            return new RouterConfig.Soft(slots, r.path("noise_std").asDouble(0));
        }
        double noise = r.path("noise_std").asDouble(1);
        if (name.endsWith("NoisyTopItemsPerExpertRouter")) {
            return new RouterConfig.ExpertsChoose(capacity(r.required("dispatcher")), noise);
        }
        if (!name.endsWith("NoisyTopExpertsPerItemRouter")) {
            throw new IllegalArgumentException("unknown router " + name);
        }
        JsonNode dispatcher = r.path("dispatcher");
        return new RouterConfig.TokensChoose(
                r.path("num_selected_experts").asInt(1),
                dispatcher.isMissingNode() ? Capacity.of(numExperts) : capacity(dispatcher),
                dispatcher.path("batch_priority").asBoolean(false) ? Order.PRIORITY : Order.VANILLA,
                noise,
                r.path("importance_loss_weight").asDouble(1),
                r.path("load_loss_weight").asDouble(1),
                r.path("gshard_loss_weight").asDouble(0),
                members);
    }

    /** Slots as a dispatcher's settings have them. */
    static Capacity capacity(JsonNode d) {
        return new Capacity(
                given(d, "capacity")
                        ? null
                        : (Double) d.required("capacity_factor").asDouble(),
                given(d, "capacity") ? (Integer) d.get("capacity").asInt() : null,
                rounding(d.path("capacity_ceil_or_round").asString("ceil")),
                multipleOf(d, "capacity_multiple_of"));
    }

    /** The multiple that slots go up to; null and 0 are none. */
    static int multipleOf(JsonNode d, String name) {
        return d.has(name) ? Math.max(1, d.get(name).asInt(0)) : 4;
    }

    static Rounding rounding(String name) {
        return switch (name) {
            case "ceil" -> Rounding.CEIL;
            case "round" -> Rounding.ROUND;
            default -> throw new IllegalArgumentException("capacity_ceil_or_round " + name + ": wanted ceil or round");
        };
    }

    private static boolean given(@Nullable JsonNode d, String name) {
        return d != null && d.path(name).asInt(0) > 0;
    }

    private static Positions positions(String name) {
        return switch (name) {
            case "learned" -> Positions.LEARN;
            case "sincos2d" -> Positions.SINCOS2D;
            case "none" -> Positions.NONE;
            default -> throw new IllegalArgumentException("unknown position_emb " + name);
        };
    }

    private static Pool pool(String name) {
        return switch (name) {
            case "token" -> Pool.TOK;
            case "0" -> Pool.FIRST;
            case "gap" -> Pool.GAP;
            case "map" -> Pool.MAP;
            default -> throw new IllegalArgumentException("unknown classifier " + name);
        };
    }
}
