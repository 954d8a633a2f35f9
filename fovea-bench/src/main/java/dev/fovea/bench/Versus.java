package dev.fovea.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Runs {@link VitStep}, or {@link FlowStep}, and its peer in PyTorch in turn, each round a fresh process of both, and prints a table with the
 * ratio of the medians. What stands after {@code --} goes to both.
 */
@Command(name = "versus", mixinStandardHelpOptions = true)
final class Versus implements Callable<Integer> {

    @Option(names = "--rounds", defaultValue = "3")
    private int rounds;

    @Option(names = "--python", defaultValue = "python3", description = "a Python with torch")
    private String python = "";

    @Option(names = "--step", defaultValue = "vit", description = "${COMPLETION-CANDIDATES}")
    private Step step = Step.VIT;

    @Option(names = "--peer", description = "the peer's script; fovea-bench/peer/STEP_step.py unless given")
    private @Nullable Path peer;

    @Parameters(arity = "0..*")
    private List<String> arguments = List.of();

    private enum Step {
        VIT(VitStep.class),
        FLOW(FlowStep.class);

        private final Class<?> ours;

        Step(Class<?> ours) {
            this.ours = ours;
        }
    }

    private record Result(String who, double rate, double peak) {}

    public static void main(String[] args) {
        System.exit(new CommandLine(new Versus())
                .setCaseInsensitiveEnumValuesAllowed(true)
                .execute(args));
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        Path script = peer == null
                ? Path.of("fovea-bench/peer/%s_step.py".formatted(step.name().toLowerCase(Locale.ROOT)))
                : peer;
        if (!Files.exists(script)) {
            System.err.println(script + ": no such file; run this in the root of the checkout or name it with --peer");
            return 2;
        }
        List<Result> ours = new ArrayList<>();
        List<Result> theirs = new ArrayList<>();
        for (int round = 0; round < rounds; round++) {
            ours.add(run(own()));
            theirs.add(run(List.of(python, script.toString())));
        }
        Result us = median(ours);
        Result them = median(theirs);
        System.out.printf("%-40s %10s %10s%n", String.join(" ", arguments), "images/s", "peak MB");
        System.out.printf("%-40s %10.2f %10.0f%n", us.who, us.rate, us.peak);
        System.out.printf("%-40s %10.2f %10.0f%n", them.who, them.rate, them.peak);
        System.out.printf("%-40s %10.2f %10.2f%n", "ratio", us.rate / them.rate, us.peak / them.peak);
        return 0;
    }

    private List<String> own() {
        return List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "-XX:+UseSerialGC",
                "-Xms32m",
                "-cp",
                System.getProperty("java.class.path"),
                step.ours.getName());
    }

    private Result run(List<String> program) throws IOException, InterruptedException {
        var command = new ArrayList<>(program);
        command.addAll(arguments);
        Process process = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        String last = "";
        try (var lines = process.inputReader()) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                last = line;
            }
        }
        if (process.waitFor() != 0) {
            throw new IOException(command + " failed with " + process.exitValue());
        }
        JsonNode json = new JsonMapper().readTree(last);
        return new Result(
                json.required("who").asString(),
                json.required("images_per_second").asDouble(),
                json.required("peak_mb").asDouble());
    }

    private static Result median(List<Result> results) {
        var rates = results.stream().mapToDouble(Result::rate).sorted().toArray();
        var peaks = results.stream().mapToDouble(Result::peak).sorted().toArray();
        return new Result(results.getFirst().who, rates[rates.length / 2], peaks[peaks.length / 2]);
    }
}
