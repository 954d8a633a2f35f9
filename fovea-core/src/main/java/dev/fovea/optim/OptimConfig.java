package dev.fovea.optim;

import dev.fovea.config.Default;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How parameters are updated. Patterns are regular expressions that match a parameter's whole name, the first that
 * matches counts, and one that matches no parameter is an error.
 *
 * <pre>
 * optim:
 *   rule: {name: adam, b2: 0.95}
 *   lr: 1e-3
 *   wd: 1e-4
 *   schedule: {decay: cosine, warmup: {percent: 0.05}}
 *   groups:
 *     - {pattern: 'img\..*', schedule: null}     # frozen: no update, no state, not part of the clipping norm
 *   clipNorm: 1.0
 * </pre>
 *
 * @param lr base learning rate, the rate at the schedule's peak
 * @param wd weight decay, of the parameters that {@code wdMults} names
 * @param wdBy what multiplies the decay beside its own multiplier; see the package's description
 * @param schedule share of {@code lr} by step, of parameters that no group names
 * @param groups schedules of their own; a null one freezes
 * @param lrMults multipliers of {@code lr}; parameters that none names have 1
 * @param wdMults multipliers of {@code wd}; parameters that none names have 0. Null: 1 for kernels, that is for names that
 *     end in {@code kernel}, and for those ending in {@code weight} that have two axes or more and are no token table
 * @param gradScales factors of the gradients, before clipping
 * @param clipNorm largest length of all gradients together; null for no limit
 * @param clipValue largest absolute value of a gradient's entry; null for no limit
 */
public record OptimConfig(
        Rule rule,
        double lr,
        @Default("0") double wd,
        @Default("schedule") DecayBy wdBy,
        @Default("{}") ScheduleConfig schedule,
        @Default("[]") List<Group> groups,
        @Default("[]") List<Multiplier> lrMults,
        @Nullable List<Multiplier> wdMults,
        @Default("[]") List<Multiplier> gradScales,
        @Nullable Double clipNorm,
        @Nullable Double clipValue) {

    /** What multiplies the weight decay. */
    public enum DecayBy {
        /** The schedule, between 0 and 1, as in big_vision. */
        SCHEDULE,
        /** The learning rate lr · multiplier · schedule, as in PyTorch's AdamW and in V-MoE. */
        RATE
    }

    /** Parameters with a schedule of their own; null freezes them. */
    public record Group(String pattern, @Nullable ScheduleConfig schedule) {}

    /** A factor for the parameters whose names match. */
    public record Multiplier(String pattern, double value) {}

    public OptimConfig {
        groups = List.copyOf(groups);
        lrMults = List.copyOf(lrMults);
        wdMults = wdMults == null ? null : List.copyOf(wdMults);
        gradScales = List.copyOf(gradScales);
        if (clipNorm != null && clipValue != null) {
            throw new IllegalArgumentException("clipNorm and clipValue: found %s and %s, wanted one of them at most"
                    .formatted(clipNorm, clipValue));
        }
        requirePositive("clipNorm", clipNorm);
        requirePositive("clipValue", clipValue);
        for (Multiplier m : lrMults) {
            if (m.value() < 0 || (m.value() == 0 && wdBy == DecayBy.SCHEDULE)) {
                throw new IllegalArgumentException(
                        "lrMults: found %s for %s, wanted a positive number; a group with schedule null freezes"
                                .formatted(m.value(), m.pattern()));
            }
        }
    }

    /** A rule with one schedule for all parameters. */
    public static OptimConfig of(Rule rule, double lr, double wd, ScheduleConfig schedule) {
        return new OptimConfig(
                rule, lr, wd, DecayBy.SCHEDULE, schedule, List.of(), List.of(), null, List.of(), null, null);
    }

    /** AdamW as PyTorch has it, with decay on every parameter. */
    public static OptimConfig torchAdamW(double lr, double wd) {
        return new OptimConfig(
                Rule.Adam.STANDARD,
                lr,
                wd,
                DecayBy.RATE,
                ScheduleConfig.CONSTANT,
                List.of(),
                List.of(),
                List.of(new Multiplier(".*", 1)),
                List.of(),
                null,
                null);
    }

    /** The same with the gradients' length limited. */
    public OptimConfig withClipNorm(double norm) {
        return new OptimConfig(rule, lr, wd, wdBy, schedule, groups, lrMults, wdMults, gradScales, norm, null);
    }

    private static void requirePositive(String name, @Nullable Double limit) {
        if (limit != null && !(limit > 0)) {
            throw new IllegalArgumentException("%s: found %s, wanted a positive number".formatted(name, limit));
        }
    }
}
