package dev.fovea.optim;

import dev.fovea.optim.OptimConfig.DecayBy;
import dev.fovea.optim.OptimConfig.Group;
import dev.fovea.optim.OptimConfig.Multiplier;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.Set;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * What the configuration says of one parameter.
 *
 * @param schedule share of {@code lr} by step
 * @param lr base rate times its multiplier
 * @param wd decay times its multiplier
 * @param wdBy what multiplies the decay
 */
record Assignment(Schedule schedule, double lr, double wd, DecayBy wdBy) {

    /** Learning rate at {@code step}. */
    double rate(long step) {
        return schedule.at(step) * lr;
    }

    /** Share of the parameter that its decay takes off at {@code step}. */
    double shrink(long step) {
        return wd * (wdBy == DecayBy.SCHEDULE ? schedule.at(step) : rate(step));
    }

    /** Parameter names by what is said of them, frozen ones left out. */
    static SequencedMap<Assignment, List<String>> groups(
            OptimConfig c, SequencedMap<String, Tensor> params, Horizon run) {
        Set<String> names = params.keySet();
        Map<String, Integer> group = Patterns.firstMatch(
                "groups", c.groups().stream().map(Group::pattern).toList(), names);
        Map<String, Integer> lr = match("lrMults", c.lrMults(), names);
        List<Multiplier> wdMults = c.wdMults();
        Map<String, Integer> wd = wdMults == null ? Map.of() : match("wdMults", wdMults, names);
        List<@Nullable Schedule> schedules = new ArrayList<>();
        for (Group g : c.groups()) {
            schedules.add(g.schedule() == null ? null : g.schedule().toSchedule(1, run));
        }
        Schedule rest = c.schedule().toSchedule(1, run);

        var groups = new LinkedHashMap<Assignment, List<String>>();
        params.forEach((name, x) -> {
            Integer g = group.get(name);
            Schedule schedule = g == null ? rest : schedules.get(g);
            if (schedule == null) {
                return;
            }
            double decays = wdMults == null ? (isKernel(name, x) ? 1 : 0) : valueOf(wdMults, wd.get(name), 0);
            var assigned =
                    new Assignment(schedule, c.lr() * valueOf(c.lrMults(), lr.get(name), 1), c.wd() * decays, c.wdBy());
            groups.computeIfAbsent(assigned, _ -> new ArrayList<>()).add(name);
        });
        return groups;
    }

    static Map<String, Integer> match(String key, List<Multiplier> multipliers, Set<String> names) {
        return Patterns.firstMatch(
                key, multipliers.stream().map(Multiplier::pattern).toList(), names);
    }

    static double valueOf(List<Multiplier> multipliers, @Nullable Integer index, double otherwise) {
        return index == null ? otherwise : multipliers.get(index).value();
    }

    /** big_vision decays kernels of dense, attention and convolution layers; our names call them weights. */
    private static boolean isKernel(String name, Tensor x) {
        return name.matches("(.*[./])?kernel")
                || (name.matches("(.*[./])?weight") && x.dim() >= 2 && !name.matches(".*token_embedding\\.weight"));
    }
}
