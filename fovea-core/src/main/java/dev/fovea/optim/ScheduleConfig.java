package dev.fovea.optim;

import dev.fovea.config.Default;

/**
 * A schedule as a configuration writes it: {@code {decay: cosine, warmup: {percent: 0.1}}}. The warm-up multiplies by
 * min(1, t / warmup), the cool-down by min(1, (total − t) / cooldown), as in big_vision: the first update of a warm-up
 * has rate 0, and a run carried past its end with a cool-down has a negative one.
 *
 * @param scaleWithBatchSize multiplies the rate by batch size / 256 (arXiv 1706.02677)
 */
public record ScheduleConfig(
        @Default("constant") Decay decay,
        @Default("{steps: 0}") TrainLength warmup,
        @Default("{steps: 0}") TrainLength cooldown,
        @Default("false") boolean scaleWithBatchSize) {

    public static final ScheduleConfig CONSTANT = of(new Decay.Constant());

    public static ScheduleConfig of(Decay decay) {
        return of(decay, TrainLength.NONE);
    }

    public static ScheduleConfig of(Decay decay, TrainLength warmup) {
        return new ScheduleConfig(decay, warmup, TrainLength.NONE, false);
    }

    /** The schedule over {@code run} that peaks at {@code base}. */
    public Schedule toSchedule(double base, Horizon run) {
        long total = run.totalSteps();
        long warm = warmup.toSteps(run);
        long cool = cooldown.toSteps(run);
        if (total > 1 && warm >= total) {
            throw new IllegalArgumentException(
                    "warmup: found %d steps, wanted fewer than the run's %d".formatted(warm, total));
        }
        Decay inSteps = decay.in(run);
        double peak = scaleWithBatchSize ? base * batchSize(run) / 256.0 : base;
        return step -> peak
                * inSteps.share(new Decay.At(step, warm, total, cool))
                * (warm == 0 ? 1 : Math.min(1, step / (double) warm))
                * (cool == 0 ? 1 : Math.min(1, (total - step) / (double) cool));
    }

    private static long batchSize(Horizon run) {
        Long size = run.batchSize();
        if (size == null) {
            throw new IllegalArgumentException("scaleWithBatchSize takes the run's batchSize, which is not known here");
        }
        return size;
    }
}
