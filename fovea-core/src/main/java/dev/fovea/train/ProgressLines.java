package dev.fovea.train;

import java.io.PrintStream;

/** Plain lines, for logs and pipes. */
final class ProgressLines implements Progress {

    private final PrintStream out;
    private long done;
    private long total;
    private double examplesPerSecond;
    private double secondsLeft;

    ProgressLines(PrintStream out) {
        this.out = out;
    }

    @Override
    public void at(long done, long total, double examplesPerSecond, double secondsLeft) {
        this.done = done;
        this.total = total;
        this.examplesPerSecond = examplesPerSecond;
        this.secondsLeft = secondsLeft;
    }

    @Override
    public void measured(Measurement m) {
        if (m.set().equals(Measurement.TRAIN)) {
            out.printf(
                    "step %d/%d  %s  %s examples/s  ETA %s%n",
                    done,
                    total,
                    ProgressText.values(m),
                    ProgressText.number(examplesPerSecond),
                    ProgressText.duration(secondsLeft));
        } else {
            out.printf("step %d/%d  %s: %s%n", m.step(), total, m.set(), ProgressText.values(m));
        }
    }

    @Override
    public void note(String line) {
        out.println(line);
    }
}
