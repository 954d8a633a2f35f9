package dev.fovea.verify;

import dev.fovea.optim.Horizon;
import dev.fovea.optim.OptimConfig;
import dev.fovea.optim.OptimConfig.Group;
import dev.fovea.optim.Optimizer;
import dev.fovea.optim.PerExampleClip;
import dev.fovea.optim.Schedule;
import dev.fovea.optim.ScheduleConfig;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SequencedMap;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import tools.jackson.databind.JsonNode;

/** Parameters and state after given gradients, against optax as big_vision and V-MoE put it together. */
final class OptimizerChecks {

    private static final String PARAMS = "params/";
    private static final String GRADS = "grads/";

    /** Our names of what a rule keeps, and those of optax: in the rule's own state, or in a part of its chain. */
    private static final Map<String, String> STATE = Map.of(
            "mu.", "mu/",
            "nu.", "nu/",
            "trace.", "trace/");

    private static final Map<String, String> ADAFACTOR_STATE = Map.of(
            "v.", "0/v/",
            "v_row.", "0/v_row/",
            "v_col.", "0/v_col/");

    private OptimizerChecks() {}

    static void updates(Case c) {
        if (c.config().has("optax_name")) {
            bigVision(c, c.config());
        } else {
            vmoe(c, c.config());
        }
    }

    private static void bigVision(Case c, JsonNode config) {
        SequencedMap<String, Tensor> params = params(c);
        OptimConfig ours = BigVisionConfigs.optimizer(config, params.keySet());
        Horizon run = BigVisionConfigs.horizon(config);
        long steps = config.required("steps").asLong();
        double perExample = config.path("grad_clip_per_example").asBoolean(false)
                ? config.path("grad_clip_norm").asDouble(0)
                : 0;
        try (Optimizer optimizer = Optimizer.of(ours, params, run)) {
            run(c, optimizer, params, steps, perExample);
            state(c, optimizer, "state/1/inner_state/", "2/ema/");
            int place = 3
                    + BigVisionConfigs.multipliers(config.path("lr_mults")).size()
                    + BigVisionConfigs.decays(config).size();
            int row = 0;
            for (Group group : BigVisionConfigs.schedules(config)) {
                ScheduleConfig schedule = group.schedule();
                if (schedule != null) {
                    c.compare("state/%d/inner_state/count".formatted(place + row), count(optimizer));
                    rates(c, "rate/" + row, schedule.toSchedule(ours.lr(), run), steps);
                    row++;
                }
            }
        }
    }

    private static void vmoe(Case c, JsonNode config) {
        SequencedMap<String, Tensor> params = params(c);
        OptimConfig ours = VmoeConfigs.optimizer(config, params.keySet());
        long steps = config.required("steps").asLong();
        var rate = VmoeConfigs.rate(
                config.required("learning_rate"), config.required("total_steps").asLong());
        try (Optimizer optimizer = Optimizer.of(ours, params, rate.run())) {
            run(c, optimizer, params, steps, 0);
            state(c, optimizer, "state/2/", "1/ema/");
            c.compare("state/4/count", count(optimizer));
            c.compare("state/4/hyperparams_states/learning_rate/count", count(optimizer));
            c.compare(
                    "state/4/hyperparams/learning_rate",
                    new double[] {rate.schedule().at(steps - 1)});
        }
    }

    private static SequencedMap<String, Tensor> params(Case c) {
        var params = new LinkedHashMap<String, Tensor>();
        for (String name : c.inputs().keySet()) {
            if (name.startsWith(PARAMS)) {
                params.put(name.substring(PARAMS.length()), c.tensor(name));
            }
        }
        params.values().forEach(x -> x.set_requires_grad(true));
        return params;
    }

    private static void run(
            Case c, Optimizer optimizer, SequencedMap<String, Tensor> params, long steps, double perExample) {
        var gradients = new LinkedHashMap<String, Tensor>();
        var after = new LinkedHashMap<String, TensorVector>();
        params.keySet().forEach(name -> {
            gradients.put(name, c.tensor(GRADS + name));
            after.put(name, new TensorVector());
        });
        for (long step = 0; step < steps; step++) {
            List<Tensor> its = new ArrayList<>();
            for (String name : optimizer.trained()) {
                its.add(Objects.requireNonNull(gradients.get(name))
                        .select(0, step)
                        .clone());
            }
            if (perExample > 0) {
                its = PerExampleClip.mean(its, perExample);
            }
            for (int i = 0; i < its.size(); i++) {
                Objects.requireNonNull(params.get(optimizer.trained().get(i)))
                        .mutable_grad()
                        .put(its.get(i));
            }
            optimizer.step(step);
            params.forEach((name, x) ->
                    Objects.requireNonNull(after.get(name)).push_back(x.detach().clone()));
        }
        after.forEach((name, all) -> c.compare(PARAMS + name, torch.stack(all)));
    }

    private static void state(Case c, Optimizer optimizer, String base, String ema) {
        boolean factors = c.expects(base + "0/count");
        optimizer.state().forEach((name, x) -> {
            if (name.equals("count")) {
                for (String count : List.of("count", "0/count", ema.charAt(0) + "/count")) {
                    if (c.expects(base + count)) {
                        c.compare(base + count, x);
                    }
                }
                return;
            }
            String kind = name.substring(0, name.indexOf('.') + 1);
            String param = name.substring(kind.length());
            String theirs = kind.equals("ema.") ? ema : (factors ? ADAFACTOR_STATE : STATE).get(kind);
            c.compare(base + theirs + param, x);
        });
        if (factors) {
            placeholders(c, optimizer, base);
        }
    }

    /** optax keeps a zero where a parameter has no such moment: factored ones no whole, whole ones no factors. */
    private static void placeholders(Case c, Optimizer optimizer, String base) {
        for (String name : optimizer.trained()) {
            ADAFACTOR_STATE.forEach((ours, theirs) -> {
                if (!optimizer.state().containsKey(ours + name)) {
                    c.compare(base + theirs + name, new double[] {0}, 1);
                }
            });
        }
    }

    private static long[] count(Optimizer optimizer) {
        return new long[] {optimizer.count()};
    }

    private static void rates(Case c, String name, Schedule schedule, long steps) {
        var rates = new double[Math.toIntExact(steps)];
        for (int i = 0; i < rates.length; i++) {
            rates[i] = schedule.at(i);
        }
        c.compare(name, rates, steps);
    }
}
