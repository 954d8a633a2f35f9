package dev.fovea.cli;

import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** How many pictures a generative model draws, and how. */
final class DrawingOptions {

    @Option(names = "--count", defaultValue = "2000", paramLabel = "N", description = "pictures that the model draws")
    int count;

    @Option(
            names = "--temperature",
            paramLabel = "T",
            description = "of the noise of a Jet (1) or the standard deviations of a JetFormer (0.95)")
    private @Nullable Double temperature;

    @Option(names = "--guidance", defaultValue = "2", paramLabel = "W", description = "of a JetFormer; 0 for none")
    double guidance;

    @Option(names = "--seed", defaultValue = "0", paramLabel = "N", description = "of all draws")
    long seed;

    double temperature(double unlessGiven) {
        return temperature == null ? unlessGiven : temperature;
    }
}
