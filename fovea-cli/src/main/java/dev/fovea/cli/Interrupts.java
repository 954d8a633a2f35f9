package dev.fovea.cli;

import dev.fovea.train.Trainer;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;

/**
 * What SIGINT and SIGTERM do: a run in training saves and ends, everything else ends at once. Either way the process is
 * halted rather than shut down: libtorch's own exit handlers would pull the ground from under an operation that is still
 * running, and crash.
 */
final class Interrupts {

    static final int EXIT_CODE = 130;

    private static final AtomicReference<@Nullable Trainer> TRAINER = new AtomicReference<>();
    private static final AtomicReference<@Nullable Runnable> ACTION = new AtomicReference<>();
    private static volatile boolean ending;
    private static boolean catching;

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

    /** While open, SIGINT runs {@code action} and ends nothing. */
    static Caught caught(Runnable action) {
        ACTION.set(action);
        catchSignal();
        return () -> ACTION.set(null);
    }

    /** Ends the catching. */
    @FunctionalInterface
    interface Caught extends AutoCloseable {

        @Override
        void close();
    }

    /** By reflection: the class is the only way to a signal, and javac warns of its name in every source. */
    private static synchronized void catchSignal() {
        if (catching) {
            return;
        }
        try {
            Class<?> signal = Class.forName("sun.misc.Signal");
            Class<?> handler = Class.forName("sun.misc.SignalHandler");
            Object ours =
                    Proxy.newProxyInstance(handler.getClassLoader(), new Class<?>[] {handler}, Interrupts::called);
            signal.getMethod("handle", signal, handler)
                    .invoke(null, signal.getConstructor(String.class).newInstance("INT"), ours);
            catching = true;
        } catch (ReflectiveOperationException e) {
            LoggerFactory.getLogger(Interrupts.class).debug("SIGINT cannot be caught here", e);
        }
    }

    /** The handler's method, or one of those that every object has. */
    private static @Nullable Object called(Object proxy, Method method, Object... arguments)
            throws ReflectiveOperationException {
        if (!method.getName().equals("handle")) {
            return method.invoke(ACTION, arguments);
        }
        Runnable action = ACTION.get();
        if (action != null) {
            action.run();
        } else {
            Runtime.getRuntime().halt(EXIT_CODE);
        }
        return null;
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
