package dev.fovea.train;

import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SequencedMap;

/** Where the time of a run goes, by phase, between two lines of the log. */
final class StepClock {

    enum Phase {
        DATA_WAIT("dataWait"),
        FORWARD_BACKWARD("forwardBackward"),
        OPTIMIZER("optimizer"),
        EVALUATION("evaluation"),
        CHECKPOINT("checkpoint");

        final String key;

        Phase(String key) {
            this.key = key;
        }
    }

    private final Map<Phase, Long> nanos = new EnumMap<>(Phase.class);
    private final long begun = System.nanoTime();
    private long mark = begun;
    private long steps;
    private long allSteps;

    /** What has passed since the last lap goes to {@code phase}. */
    void lap(Phase phase) {
        long now = System.nanoTime();
        nanos.merge(phase, now - mark, Long::sum);
        mark = now;
    }

    void stepDone() {
        steps++;
        allSteps++;
    }

    /** Of the steps since {@link #restart}, evaluations and checkpoints left out. */
    double stepsPerSecond() {
        double seconds = stepNanos() / 1e9;
        return seconds == 0 ? Double.NaN : steps / seconds;
    }

    /** What so many more steps will take, evaluations and checkpoints at the rate so far included. */
    double secondsFor(long more) {
        return allSteps == 0 ? Double.NaN : (System.nanoTime() - begun) / 1e9 / allSteps * more;
    }

    double secondsInAll() {
        return (System.nanoTime() - begun) / 1e9;
    }

    /** Seconds a step of each phase, and the rate, since {@link #restart}. */
    SequencedMap<String, Double> timings(int batchSize) {
        var timings = new LinkedHashMap<String, Double>();
        timings.put("examplesPerSecond", stepsPerSecond() * batchSize);
        for (Phase phase : Phase.values()) {
            timings.put(phase.key, nanos(phase) / 1e9 / Math.max(1, steps));
        }
        return timings;
    }

    /** Begins the next stretch. */
    void restart() {
        nanos.clear();
        steps = 0;
    }

    private long stepNanos() {
        return nanos(Phase.DATA_WAIT) + nanos(Phase.FORWARD_BACKWARD) + nanos(Phase.OPTIMIZER);
    }

    private long nanos(Phase phase) {
        return nanos.getOrDefault(phase, 0L);
    }
}
