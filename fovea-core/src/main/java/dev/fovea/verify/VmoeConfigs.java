package dev.fovea.verify;

import static dev.fovea.verify.BigVisionConfigs.matching;
import static dev.fovea.verify.BigVisionConfigs.multipliers;
import static dev.fovea.verify.BigVisionConfigs.requireKnown;

import dev.fovea.optim.Decay;
import dev.fovea.optim.Horizon;
import dev.fovea.optim.OptimConfig;
import dev.fovea.optim.OptimConfig.DecayBy;
import dev.fovea.optim.OptimConfig.Multiplier;
import dev.fovea.optim.Rule;
import dev.fovea.optim.Schedule;
import dev.fovea.optim.ScheduleConfig;
import dev.fovea.optim.TrainLength;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** V-MoE's configuration of schedules and optimizers, as ours. */
final class VmoeConfigs {

    /** A schedule, its peak and the run that its lengths are shares of. */
    record Rate(double peak, ScheduleConfig config, Horizon run) {

        Schedule schedule() {
            return config.toSchedule(peak, run);
        }
    }

    private static final Set<String> OPTIMIZER_KEYS = Set.of(
            "reference",
            "steps",
            "name",
            "total_steps",
            "learning_rate",
            "gradient_clip",
            "weight_decay",
            "frozen_pattern",
            "trainable_pattern",
            "gradient_scale");

    private VmoeConfigs() {}

    /** A schedule of the given name, unless its settings name it themselves. */
    static Schedule schedule(String name, JsonNode s) {
        return rate(
                        s.path("schedule").asString(name),
                        s,
                        s.required("total_steps").asLong())
                .schedule();
    }

    static Rate rate(JsonNode rate, long totalSteps) {
        return rate.isNumber()
                ? new Rate(rate.asDouble(), ScheduleConfig.CONSTANT, Horizon.of(totalSteps))
                : rate(rate.required("schedule").asString(), rate, totalSteps);
    }

    private static Rate rate(String name, JsonNode s, long totalSteps) {
        Horizon run = Horizon.of(s.path("decay_steps").asLong(totalSteps));
        if (name.equals("constant")) {
            requireKnown(s, Set.of("schedule", "total_steps", "value"), Set.of());
            return new Rate(s.required("value").asDouble(), ScheduleConfig.CONSTANT, run);
        }
        double peak = s.required("peak_value").asDouble();
        double end = s.path("end_value").asDouble(0) / peak;
        Decay decay =
                switch (name) {
                    case "warmup_linear_decay" -> new Decay.Linear(end);
                    case "warmup_polynomial_decay" ->
                        new Decay.Polynomial(s.required("power").asDouble(), end);
                    case "warmup_cosine_decay" ->
                        new Decay.Cosine(end, s.path("exponent").asDouble(1));
                    case "warmup_exponential_decay" ->
                        new Decay.Exponential(
                                s.required("decay_rate").asDouble(),
                                TrainLength.steps(s.required("transition_steps").asLong()),
                                TrainLength.steps(s.path("transition_begin").asLong(0)),
                                s.path("staircase").asBoolean(false),
                                end);
                    case "big_vision_rsqrt" ->
                        new Decay.Rsqrt(
                                TrainLength.steps(s.required("timescale").asLong()), TrainLength.NONE, true);
                    default -> throw new IllegalArgumentException("unknown schedule " + name);
                };
        requireKnown(
                s,
                Set.of(
                        "schedule",
                        "total_steps",
                        "decay_steps",
                        "peak_value",
                        "end_value",
                        "power",
                        "exponent",
                        "decay_rate",
                        "transition_steps",
                        "transition_begin",
                        "staircase",
                        "timescale"),
                Set.of("warmup", "cooldown"));
        return new Rate(
                peak,
                new ScheduleConfig(
                        decay,
                        TrainLength.steps(s.path("warmup_steps").asLong(0)),
                        TrainLength.steps(s.path("cooldown_steps").asLong(0)),
                        false),
                run);
    }

    static OptimConfig optimizer(JsonNode c, Set<String> names) {
        Rate rate = rate(c.required("learning_rate"), c.required("total_steps").asLong());
        JsonNode decay = c.path("weight_decay");
        JsonNode clip = c.path("gradient_clip");
        List<Multiplier> decays = decay.isArray() ? searching(multipliers(decay)) : List.of(new Multiplier(".*", 1));
        return new OptimConfig(
                rule(c),
                rate.peak(),
                decay.isArray() ? 1 : decay.asDouble(0),
                DecayBy.RATE,
                rate.config(),
                List.of(),
                matching(frozen(c), names),
                matching(decays, names),
                matching(searching(multipliers(c.path("gradient_scale"))), names),
                limit(clip, "global_norm"),
                limit(clip, "absolute_value"));
    }

    private static Rule rule(JsonNode c) {
        ObjectNode rest = ((ObjectNode) c).deepCopy();
        rest.remove(OPTIMIZER_KEYS);
        return switch (c.required("name").asString()) {
            case "adam" -> BigVisionConfigs.adam(rest, Rule.Momentum.BFLOAT16);
            case "sgd" -> {
                requireKnown(rest, Set.of("momentum", "nesterov", "accumulator_dtype"), Set.of());
                yield BigVisionConfigs.sgd(
                        rest,
                        rest.path("momentum").asDouble(0),
                        BigVisionConfigs.momentum(
                                rest, "accumulator_dtype", Rule.Momentum.FULL, Rule.Momentum.BFLOAT16));
            }
            case "big_vision_adafactor" -> {
                requireKnown(
                        rest,
                        Set.of(
                                "decay_rate",
                                "decay_rate_max",
                                "decay_offset",
                                "eps",
                                "min_dim_size_to_factor",
                                "momentum",
                                "momentum_dtype"),
                        Set.of());
                yield BigVisionConfigs.adafactor(
                        rest,
                        "decay_rate_max",
                        BigVisionConfigs.momentum(rest, "momentum_dtype", Rule.Momentum.FULL, Rule.Momentum.BFLOAT16));
            }
            case String other -> throw new IllegalArgumentException("unknown optimizer " + other);
        };
    }

    /** Frozen parameters keep their state and count in the norm there; a rate of zero does that. */
    private static List<Multiplier> frozen(JsonNode c) {
        if (isGiven(c.path("frozen_pattern"))) {
            return List.of(new Multiplier(any(c.get("frozen_pattern")), 0));
        } else if (isGiven(c.path("trainable_pattern"))) {
            return List.of(new Multiplier(any(c.get("trainable_pattern")), 1), new Multiplier(".*", 0));
        }
        return List.of();
    }

    private static boolean isGiven(JsonNode pattern) {
        return pattern.isArray() ? !pattern.isEmpty() : !pattern.asString("").isEmpty();
    }

    private static String any(JsonNode patterns) {
        var all = new ArrayList<String>();
        if (patterns.isArray()) {
            patterns.forEach(p -> all.add("(?:" + p.asString() + ")"));
        } else {
            all.add(patterns.asString());
        }
        return searched(String.join("|", all));
    }

    private static List<Multiplier> searching(List<Multiplier> multipliers) {
        return multipliers.stream()
                .map(m -> new Multiplier(searched(m.pattern()), m.value()))
                .toList();
    }

    /** A pattern that is looked for anywhere, as one that matches the whole name. */
    private static String searched(String pattern) {
        return ".*(?:" + pattern + ").*";
    }

    private static @Nullable Double limit(JsonNode clip, String name) {
        double limit = clip.path(name).asDouble(0);
        return limit == 0 ? null : (Double) limit;
    }
}
