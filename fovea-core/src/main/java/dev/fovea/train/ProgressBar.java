package dev.fovea.train;

import java.io.PrintStream;
import java.nio.charset.StandardCharsets;

/** One line that is drawn again, ten times a second at most; evaluations and notes stay above it. */
final class ProgressBar implements Progress {

    private static final String CLEAR_LINE = "\r\u001b[K";
    private static final int CELLS = 24;
    private static final int WIDTH = 100;
    private static final long REDRAW_NANOS = 100_000_000;

    private final PrintStream out;
    private final boolean color;
    private final boolean unicode;
    private String values = "";
    private long drawn = Long.MIN_VALUE;
    private String bar = "";

    ProgressBar(PrintStream out, boolean color) {
        this.out = out;
        this.color = color;
        unicode = out.charset().equals(StandardCharsets.UTF_8);
    }

    @Override
    public void at(long done, long total, double examplesPerSecond, double secondsLeft) {
        long now = System.nanoTime();
        if (done < total && drawn != Long.MIN_VALUE && now - drawn < REDRAW_NANOS) {
            return;
        }
        drawn = now;
        int filled = (int) (CELLS * done / Math.max(1, total));
        String head = "%d/%d ".formatted(done, total);
        String tail = " %3d%%  %s examples/s  ETA %s  %s"
                .formatted(
                        100 * done / Math.max(1, total),
                        ProgressText.number(examplesPerSecond),
                        ProgressText.duration(secondsLeft),
                        values);
        int room = WIDTH - head.length() - CELLS;
        bar = head + cells(filled) + (tail.length() > room ? tail.substring(0, room) : tail);
        out.print(CLEAR_LINE + bar);
        out.flush();
    }

    @Override
    public void measured(Measurement m) {
        if (m.set().equals(Measurement.TRAIN)) {
            values = ProgressText.values(m);
        } else {
            note("step %d  %s: %s".formatted(m.step(), m.set(), ProgressText.values(m)));
        }
    }

    @Override
    public void note(String line) {
        out.print(CLEAR_LINE + line + System.lineSeparator() + bar);
        out.flush();
    }

    @Override
    public void close() {
        if (!bar.isEmpty()) {
            out.println();
            bar = "";
        }
    }

    private String cells(int filled) {
        String done = (unicode ? "━" : "#").repeat(filled);
        String rest = (unicode ? "─" : "-").repeat(CELLS - filled);
        return color ? "\u001b[32m" + done + "\u001b[2;39m" + rest + "\u001b[0m" : done + rest;
    }
}
