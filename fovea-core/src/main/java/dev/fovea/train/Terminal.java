package dev.fovea.train;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;

/** What standard error is connected to. Java's own console tells of standard input and output only. */
final class Terminal {

    private Terminal() {}

    /** Whether standard error is a terminal that can redraw a line. */
    static boolean isStandardError() {
        if ("dumb".equals(System.getenv("TERM"))) {
            return false;
        }
        var linker = Linker.nativeLinker();
        var isatty = linker.defaultLookup().find("isatty").or(() -> linker.defaultLookup()
                .find("_isatty"));
        if (isatty.isEmpty()) {
            return false;
        }
        try {
            return (int) linker.downcallHandle(isatty.get(), FunctionDescriptor.of(JAVA_INT, JAVA_INT))
                            .invokeExact(2)
                    != 0;
        } catch (Throwable e) {
            return false;
        }
    }

    /** Whether colours are wanted (no-color.org). */
    static boolean hasColor() {
        String no = System.getenv("NO_COLOR");
        return no == null || no.isEmpty();
    }
}
