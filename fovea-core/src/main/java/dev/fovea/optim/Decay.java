package dev.fovea.optim;

import dev.fovea.config.Default;
import dev.fovea.config.TypeKey;
import java.util.List;

/**
 * How a schedule falls from its peak between the warm-up and the end. {@code progress} runs from 0 at the end of the
 * warm-up to 1 at the last step; {@code end} is a share of the peak.
 */
@TypeKey("type")
public sealed interface Decay {

    /**
     * Where in the run a rate is asked for.
     *
     * @param step the update, from 0
     * @param warmup steps of the warm-up
     * @param total steps of the whole run
     * @param cooldown steps of the cool-down at the end
     */
    record At(long step, long warmup, long total, long cooldown) {

        double progress() {
            return Math.clamp((step - warmup) / (double) (total - warmup), 0.0, 1.0);
        }
    }

    /** Share of the peak, warm-up and cool-down aside. */
    double share(At at);

    /** No decay. */
    record Constant() implements Decay {
        @Override
        public double share(At at) {
            return 1;
        }
    }

    /** Half a cosine (arXiv 1608.03983), to {@code end}. */
    record Cosine(@Default("0") double end, @Default("1") double exponent) implements Decay {
        @Override
        public double share(At at) {
            double wave = 0.5 * (1 + Math.cos(Math.PI * at.progress()));
            return end + (1 - end) * Math.pow(wave, exponent);
        }
    }

    /** A straight line to {@code end}. */
    record Linear(@Default("0") double end) implements Decay {
        @Override
        public double share(At at) {
            return end + (1 - end) * (1 - at.progress());
        }
    }

    /** (1 − progress) to the given power, to {@code end}. */
    record Polynomial(
            @Default("1") double power, @Default("0") double end) implements Decay {
        @Override
        public double share(At at) {
            return end + (1 - end) * Math.pow(1 - at.progress(), power);
        }
    }

    /**
     * 1 / √(1 + (t + shift) / timescale), t from the end of the warm-up (arXiv 2106.04560). Meant to be followed by a
     * cool-down; {@code held} keeps the value that the cool-down begins with, else both multiply.
     */
    record Rsqrt(
            @Default("{steps: 10000}") TrainLength timescale,
            @Default("{steps: 0}") TrainLength shift,
            @Default("false") boolean held)
            implements Decay {
        @Override
        public Decay in(Horizon run) {
            return new Rsqrt(TrainLength.steps(timescale.toSteps(run)), TrainLength.steps(shift.toSteps(run)), held);
        }

        @Override
        public double share(At at) {
            long step = held && at.cooldown() > 0 ? Math.min(at.step(), at.total() - at.cooldown()) : at.step();
            double t = Math.max(0, step - at.warmup());
            return 1 / Math.sqrt(1 + (t + steps(shift)) / steps(timescale));
        }
    }

    /**
     * {@code rate} to the power of (t − begin) / transition, t from the end of the warm-up; in stairs where
     * {@code staircase}; never past {@code end}.
     */
    record Exponential(
            double rate,
            TrainLength transition,
            @Default("{steps: 0}") TrainLength begin,
            @Default("false") boolean staircase,
            @Default("0") double end)
            implements Decay {
        @Override
        public Decay in(Horizon run) {
            return new Exponential(
                    rate,
                    TrainLength.steps(transition.toSteps(run)),
                    TrainLength.steps(begin.toSteps(run)),
                    staircase,
                    end);
        }

        @Override
        public double share(At at) {
            long t = Math.max(0, at.step() - at.warmup()) - steps(begin);
            if (steps(transition) == 0 || rate == 0) {
                return 1;
            }
            double power = t / (double) steps(transition);
            double share = t <= 0 ? 1 : Math.pow(rate, staircase ? Math.floor(power) : power);
            if (end == 0) {
                return share;
            }
            return rate < 1 ? Math.max(share, end) : Math.min(share, end);
        }
    }

    /** From step {@code steps[i]} on, {@code mults[i]} of the peak. */
    record Stair(
            @Default("[]") List<Long> steps, @Default("[]") List<Double> mults) implements Decay {

        public Stair {
            steps = List.copyOf(steps);
            mults = List.copyOf(mults);
            if (mults.size() < steps.size()) {
                throw new IllegalArgumentException(
                        "stair: found %d mults for %d steps, wanted one each".formatted(mults.size(), steps.size()));
            }
            if (!steps.stream().sorted().toList().equals(steps)) {
                throw new IllegalArgumentException("stair: steps %s do not rise".formatted(steps));
            }
        }

        @Override
        public double share(At at) {
            int passed = (int) steps.stream().filter(step -> step <= at.step()).count();
            return passed == 0 ? 1 : mults.get(passed - 1);
        }
    }

    /** The same with every length in steps of {@code run}. */
    default Decay in(Horizon run) {
        return this;
    }

    private static long steps(TrainLength length) {
        Long steps = length.steps();
        if (steps == null) {
            throw new IllegalStateException("%s is not in steps yet; call in(run) first".formatted(length));
        }
        return steps;
    }
}
