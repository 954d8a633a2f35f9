package dev.fovea.verify;

import dev.fovea.optim.Decay;
import dev.fovea.optim.Horizon;
import dev.fovea.optim.OptimConfig;
import dev.fovea.optim.OptimConfig.DecayBy;
import dev.fovea.optim.OptimConfig.Group;
import dev.fovea.optim.OptimConfig.Multiplier;
import dev.fovea.optim.Rule;
import dev.fovea.optim.Rule.LionMode;
import dev.fovea.optim.Schedule;
import dev.fovea.optim.ScheduleConfig;
import dev.fovea.optim.TrainLength;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** big_vision's configuration of schedules and optimizers, as ours. */
final class BigVisionConfigs {

    private BigVisionConfigs() {}

    static Horizon horizon(JsonNode config) {
        return new Horizon(
                config.required("total_steps").asLong(), size(config, "batch_size"), size(config, "data_size"));
    }

    private static @Nullable Long size(JsonNode config, String name) {
        return config.hasNonNull(name) ? (Long) config.get(name).asLong() : null;
    }

    /** A schedule with its base rate and run beside it. */
    static Schedule schedule(JsonNode settings) {
        double base = settings.path("base").asDouble(1);
        Horizon run = horizon(settings);
        return config(settings, base, run).toSchedule(base, run);
    }

    static ScheduleConfig config(JsonNode s, double base, Horizon run) {
        requireKnown(
                s,
                Set.of(
                        "base",
                        "decay_type",
                        "total_steps",
                        "batch_size",
                        "data_size",
                        "scale_with_batchsize",
                        "power",
                        "end",
                        "linear_end",
                        "steps",
                        "mults"),
                Set.of("warmup", "cooldown", "timescale", "shift"));
        boolean scaled = s.path("scale_with_batchsize").asBoolean(false);
        double peak = scaled ? base * Objects.requireNonNull(run.batchSize()) / 256.0 : base;
        double end = s.path("end").asDouble(s.path("linear_end").asDouble(0)) / peak;
        Decay decay =
                switch (s.path("decay_type").asString("stair")) {
                    case "linear", "polynomial" ->
                        new Decay.Polynomial(s.path("power").asDouble(1), end);
                    case "cosine" -> new Decay.Cosine(0, 1);
                    case "rsqrt" ->
                        new Decay.Rsqrt(
                                length(s, "timescale", s.path("timescale").asLong(10_000)),
                                length(s, "shift", s.path("shift").asLong(0)),
                                false);
                    case "stair" ->
                        new Decay.Stair(
                                s.path("steps")
                                        .valueStream()
                                        .map(JsonNode::asLong)
                                        .toList(),
                                s.path("mults")
                                        .valueStream()
                                        .map(JsonNode::asDouble)
                                        .toList());
                    case String other -> throw new IllegalArgumentException("unknown decay_type " + other);
                };
        return new ScheduleConfig(decay, length(s, "warmup", 0), length(s, "cooldown", 0), scaled);
    }

    private static TrainLength length(JsonNode s, String name, long otherwise) {
        return given(s, name + "_").orElse(TrainLength.steps(otherwise));
    }

    /** The length whose unit follows {@code prefix}; the reference passes over negative ones. */
    static Optional<TrainLength> given(JsonNode s, String prefix) {
        for (String unit : List.of("steps", "epochs", "examples", "percent")) {
            JsonNode x = s.path(prefix + unit);
            if (x.isNumber() && x.asDouble() >= 0) {
                return Optional.of(
                        switch (unit) {
                            case "steps" -> TrainLength.steps(x.asLong());
                            case "epochs" -> TrainLength.epochs(x.asDouble());
                            case "examples" -> TrainLength.examples(x.asDouble());
                            default -> TrainLength.percent(x.asDouble());
                        });
            }
        }
        return Optional.empty();
    }

    /** The optimizer's settings; without clipping by example, which needs each example's gradient. */
    static OptimConfig optimizer(JsonNode c, Set<String> names) {
        List<Group> groups = new ArrayList<>();
        for (var entry : schedules(c)) {
            if (matches(entry.pattern(), names)) {
                groups.add(entry);
            }
        }
        List<Multiplier> decays = decays(c);
        double clip = c.path("grad_clip_norm").asDouble(0);
        return new OptimConfig(
                rule(c.required("optax_name").asString(), c.path("optax")),
                c.required("lr").asDouble(),
                c.path("wd").asDouble(0),
                DecayBy.SCHEDULE,
                ScheduleConfig.CONSTANT,
                groups,
                matching(multipliers(c.path("lr_mults")), names),
                matching(decays, names),
                List.of(),
                clip == 0 || c.path("grad_clip_per_example").asBoolean(false) ? null : clip,
                null);
    }

    /** One schedule for all, or a list of patterns with theirs; null freezes. */
    static List<Group> schedules(JsonNode c) {
        JsonNode schedule = c.path("schedule");
        Horizon run = horizon(c);
        if (!schedule.isArray()) {
            return List.of(new Group(".*", config(schedule, 1, run)));
        }
        var groups = new ArrayList<Group>();
        for (JsonNode pair : schedule) {
            groups.add(new Group(pair.get(0).asString(), pair.get(1).isNull() ? null : config(pair.get(1), 1, run)));
        }
        return groups;
    }

    /** Multipliers of the decay: those given, kernels by default, none without a decay. */
    static List<Multiplier> decays(JsonNode c) {
        if (c.path("wd").asDouble(0) == 0) {
            return List.of();
        }
        return c.has("wd_mults") ? multipliers(c.get("wd_mults")) : List.of(new Multiplier(".*/kernel$", 1));
    }

    static List<Multiplier> multipliers(JsonNode pairs) {
        return pairs.valueStream()
                .map(pair -> new Multiplier(pair.get(0).asString(), pair.get(1).asDouble()))
                .toList();
    }

    /** The reference passes over patterns that match nothing; ours calls them an error. */
    static List<Multiplier> matching(List<Multiplier> multipliers, Set<String> names) {
        return multipliers.stream().filter(m -> matches(m.pattern(), names)).toList();
    }

    private static boolean matches(String pattern, Set<String> names) {
        return names.stream().anyMatch(name -> name.matches(pattern));
    }

    private static Rule rule(String name, JsonNode o) {
        return switch (name) {
            case "scale_by_adam" -> adam(o, Rule.Momentum.BFLOAT16_UNCOMPILED);
            case "scale_by_lion" -> {
                requireKnown(o, Set.of("b1", "b2", "mu_dtype", "mode", "smooth_beta"), Set.of());
                yield new Rule.Lion(
                        o.path("b1").asDouble(0.9),
                        o.path("b2").asDouble(0.99),
                        momentum(o, "mu_dtype", Rule.Momentum.FULL, Rule.Momentum.BFLOAT16),
                        LionMode.valueOf(o.path("mode").asString("hard").toUpperCase(Locale.ROOT)),
                        o.path("smooth_beta").asDouble(1));
            }
            case "trace" -> {
                requireKnown(o, Set.of("decay", "nesterov", "accumulator_dtype"), Set.of());
                yield sgd(
                        o,
                        o.required("decay").asDouble(),
                        momentum(o, "accumulator_dtype", Rule.Momentum.FULL, Rule.Momentum.BFLOAT16_UNCOMPILED));
            }
            case "big_vision.momentum_hp" -> {
                requireKnown(o, Set.of("momentum", "nesterov", "dtype"), Set.of());
                yield sgd(
                        o,
                        o.path("momentum").asDouble(0.9),
                        momentum(o, "dtype", Rule.Momentum.BFLOAT16_UNCOMPILED, Rule.Momentum.BFLOAT16_UNCOMPILED));
            }
            case "big_vision.sgd", "identity" -> {
                requireKnown(o, Set.of(), Set.of());
                yield new Rule.Sgd(0, false, Rule.Momentum.FULL);
            }
            case "big_vision.scale_by_adafactor" -> {
                requireKnown(
                        o,
                        Set.of(
                                "min_dim_size_to_factor",
                                "decay_rate",
                                "decay_offset",
                                "beta2_cap",
                                "clipping_threshold",
                                "momentum",
                                "dtype_momentum",
                                "eps"),
                        Set.of());
                yield adafactor(
                        o, "beta2_cap", momentum(o, "dtype_momentum", Rule.Momentum.BFLOAT16, Rule.Momentum.BFLOAT16));
            }
            default -> throw new IllegalArgumentException("unknown optax_name " + name);
        };
    }

    static Rule adam(JsonNode o, Rule.Momentum half) {
        requireKnown(o, Set.of("b1", "b2", "eps", "eps_root", "mu_dtype", "nesterov"), Set.of());
        return new Rule.Adam(
                o.path("b1").asDouble(0.9),
                o.path("b2").asDouble(0.999),
                o.path("eps").asDouble(1e-8),
                o.path("eps_root").asDouble(0),
                momentum(o, "mu_dtype", Rule.Momentum.FULL, half),
                o.path("nesterov").asBoolean(false));
    }

    static Rule sgd(JsonNode o, double momentum, Rule.Momentum type) {
        return new Rule.Sgd(momentum, o.path("nesterov").asBoolean(false), type);
    }

    static Rule adafactor(JsonNode o, String cap, Rule.Momentum type) {
        return new Rule.Adafactor(
                o.path("min_dim_size_to_factor").asLong(32),
                o.path("decay_rate").asDouble(0.8),
                o.path("decay_offset").asLong(0),
                o.path(cap).asDouble(0.999),
                o.path("clipping_threshold").asDouble(0),
                o.has("momentum") ? o.get("momentum").asDouble(0) : 0.9,
                type,
                o.path("eps").asDouble(1e-30));
    }

    /** @param half what bfloat16 means: the reference compiled most recorded cases, and ran some op by op */
    static Rule.Momentum momentum(JsonNode o, String key, Rule.Momentum otherwise, Rule.Momentum half) {
        return switch (o.path(key).asString("")) {
            case "" -> o.has(key) ? Rule.Momentum.FULL : otherwise; // null: as the parameter
            case "float32" -> Rule.Momentum.FULL;
            case "bfloat16" -> half;
            case String other -> throw new IllegalArgumentException("unknown %s %s".formatted(key, other));
        };
    }

    /** Fails on a setting that would otherwise be passed over. */
    static void requireKnown(JsonNode settings, Set<String> keys, Set<String> lengths) {
        for (String key : settings.propertyNames()) {
            boolean isLength = lengths.contains(key)
                    || Stream.of("_steps", "_epochs", "_examples", "_percent")
                            .anyMatch(unit -> key.endsWith(unit)
                                    && lengths.contains(key.substring(0, key.length() - unit.length())));
            if (!keys.contains(key) && !isLength) {
                throw new IllegalArgumentException(
                        "config.json: unknown setting %s; known are %s".formatted(key, keys));
            }
        }
    }
}
