package dev.fovea.cli;

import picocli.CommandLine;
import picocli.CommandLine.Command;

/** Entry of the {@code fovea} program. */
@Command(name = "fovea", description = "Vision and multimodal models for the JVM.", mixinStandardHelpOptions = true)
public final class Main {

    private Main() {}

    public static void main(String[] args) {
        System.exit(new CommandLine(new Main()).execute(args));
    }
}
