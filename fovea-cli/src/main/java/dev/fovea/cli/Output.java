package dev.fovea.cli;

import static java.util.Objects.requireNonNull;

import java.io.PrintWriter;
import java.util.SequencedMap;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import tools.jackson.databind.ObjectWriter;
import tools.jackson.databind.json.JsonMapper;

/** Results go to standard output, everything else to standard error. */
final class Output {

    private static final ObjectWriter JSON = new JsonMapper().writer();

    private Output() {}

    static PrintWriter of(@Nullable CommandSpec spec) {
        return requireNonNull(spec).commandLine().getOut();
    }

    static PrintWriter err(@Nullable CommandSpec spec) {
        return requireNonNull(spec).commandLine().getErr();
    }

    /** Scores: a line each, or one JSON object. */
    static void metrics(@Nullable CommandSpec spec, SequencedMap<String, Double> metrics, boolean json) {
        if (json) {
            of(spec).println(json(metrics));
        } else {
            metrics.forEach((name, value) -> of(spec).printf("%-24s %.4f%n", name, value));
        }
    }

    /** One line of JSON. */
    static String json(Object value) {
        return JSON.writeValueAsString(value);
    }
}
