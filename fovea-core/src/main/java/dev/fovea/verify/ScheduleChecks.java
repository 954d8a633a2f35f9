package dev.fovea.verify;

import dev.fovea.optim.BitHyperRule;
import dev.fovea.optim.Schedule;
import java.util.function.BiFunction;
import tools.jackson.databind.JsonNode;

/** Learning rates by step, and lengths of training. */
final class ScheduleChecks {

    /** What the reference's {@code None} is recorded as. */
    private static final double ENDED = -1;

    private ScheduleChecks() {}

    static void functions(Case c) {
        JsonNode config = c.config();
        if (config.has("rows")) {
            durations(c, config);
        } else if (config.has("sizes")) {
            hyperRule(c, config);
        } else if (config.required("reference").asString().contains("vmoe")) {
            schedules(c, VmoeConfigs::schedule);
        } else {
            schedules(c, (_, settings) -> BigVisionConfigs.schedule(settings));
        }
    }

    private static void schedules(Case c, BiFunction<String, JsonNode, Schedule> parser) {
        for (var entry : c.config().required("schedules").properties()) {
            Schedule schedule = parser.apply(entry.getKey(), entry.getValue());
            long[] steps = c.input(entry.getKey()).toLongs();
            var rates = new double[steps.length];
            for (int i = 0; i < rates.length; i++) {
                rates[i] = schedule.at(steps[i]);
            }
            c.compare(entry.getKey(), rates, steps.length);
        }
    }

    private static void durations(Case c, JsonNode config) {
        JsonNode rows = config.required("rows");
        var steps = new long[rows.size()];
        for (int i = 0; i < steps.length; i++) {
            JsonNode row = rows.get(i);
            steps[i] = BigVisionConfigs.given(row.required("given"), "")
                    .orElseThrow()
                    .toSteps(BigVisionConfigs.horizon(row));
        }
        c.compare("steps", steps, steps.length);
    }

    private static void hyperRule(Case c, JsonNode config) {
        for (JsonNode size : config.required("sizes")) {
            var rule =
                    new BitHyperRule(size.asLong(), config.required("base_lr").asDouble());
            long[] steps = c.input("size" + size.asLong()).toLongs();
            var rates = new double[steps.length];
            for (int i = 0; i < rates.length; i++) {
                rates[i] = steps[i] >= rule.totalSteps() ? ENDED : rule.at(steps[i]);
            }
            c.compare("size" + size.asLong(), rates, steps.length);
            require(size, config.required("mixup").required(size.asString()).asDouble() == rule.mixup());
            JsonNode supports = config.required("schedule").required(size.asString());
            for (int i = 0; i < supports.size(); i++) {
                require(supports, supports.get(i).asLong() == rule.supports().get(i));
            }
        }
        for (var entry : config.required("resolution").properties()) {
            String[] sides = entry.getKey().split("x", 2);
            var found = BitHyperRule.resolution(Integer.parseInt(sides[0]), Integer.parseInt(sides[1]));
            JsonNode wanted = entry.getValue();
            require(
                    wanted,
                    found.precrop() == wanted.get(0).asInt()
                            && found.crop() == wanted.get(1).asInt());
        }
    }

    private static void require(JsonNode what, boolean same) {
        if (!same) {
            throw new IllegalStateException("BiT-HyperRule differs from config.json at " + what);
        }
    }
}
