package dev.fovea.cli;

import java.nio.file.Path;
import picocli.CommandLine.Parameters;

/** The model of a command. */
final class ModelOption {

    @Parameters(
            index = "0",
            paramLabel = "MODEL",
            description =
                    "a run or model folder, a Hugging Face folder, a big_vision .npz file, or the .index of a released V-MoE")
    Path model = Path.of("");
}
