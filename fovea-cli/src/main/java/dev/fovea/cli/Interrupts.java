package dev.fovea.cli;

import dev.fovea.train.Trainer;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * What SIGINT and SIGTERM do: a run in training saves and ends, everything else ends at once. Either way the process is
 * halted rather than shut down: libtorch's own exit handlers would pull the ground from under an operation that is still
 * running, and crash.
 */
final class Interrupts {

    static final int EXIT_CODE = 130;

    private static final AtomicReference<@Nullable Trainer> TRAINER = new AtomicReference<>();
    private static volatile boolean ending;

    private Interrupts() {}

    static void install() {
        Runtime.getRuntime().addShutdownHook(new Thread(Interrupts::interrupted, "interrupts"));
    }

    /** This run is to be stopped, and waited for. */
    static void stopFirst(Trainer trainer) {
        TRAINER.set(trainer);
    }

    /** The program's own end. */
    static void exit(int code) {
        ending = true;
        System.exit(code);
    }

    private static void interrupted() {
        if (ending) {
            return;
        }
        Trainer trainer = TRAINER.get();
        if (trainer != null) {
            trainer.stop();
            try {
                trainer.awaitEnd();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
        Runtime.getRuntime().halt(EXIT_CODE);
    }
}
