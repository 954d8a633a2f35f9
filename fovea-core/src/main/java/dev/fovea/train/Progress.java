package dev.fovea.train;

/** Where a run says how far it is. Results do not depend on it. */
public interface Progress extends AutoCloseable {

    /** After every step. */
    void at(long done, long total, double examplesPerSecond, double secondsLeft);

    /** After every measurement that goes into the run's metrics. */
    void measured(Measurement m);

    /** Anything else worth a line. */
    void note(String line);

    @Override
    default void close() {}

    /** Says nothing. */
    static Progress silent() {
        return new Progress() {
            @Override
            public void at(long done, long total, double examplesPerSecond, double secondsLeft) {}

            @Override
            public void measured(Measurement m) {}

            @Override
            public void note(String line) {}
        };
    }

    /** A bar that is redrawn where standard error is a terminal, else a line a measurement. */
    static Progress standardError() {
        return Terminal.isStandardError()
                ? new ProgressBar(System.err, Terminal.hasColor())
                : new ProgressLines(System.err);
    }
}
