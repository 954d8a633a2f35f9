package dev.fovea.cli;

import dev.fovea.optim.DivergedException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.util.List;
import org.slf4j.LoggerFactory;
import picocli.AutoComplete.GenerateCompletion;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.HelpCommand;
import picocli.CommandLine.IExecutionExceptionHandler;

/** Entry of the {@code fovea} program. */
@Command(
        name = "fovea",
        description = "Vision and multimodal models for the JVM.",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        synopsisSubcommandLabel = "COMMAND",
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {" 0:done", " 1:failed", " 2:wrong use", "130:interrupted"})
public final class Main {

    private static final List<Class<?>> COMMANDS = List.of(
            Quickstart.class,
            Train.class,
            Eval.class,
            Compare.class,
            Predict.class,
            Embed.class,
            Experts.class,
            Generate.class,
            Chat.class,
            Perplexity.class,
            Memory.class,
            Likelihood.class,
            Fid.class,
            Sample.class,
            Interpolate.class,
            Edit.class,
            GenerateImage.class,
            Caption.class,
            FewShotProbe.class,
            Neighbors.class,
            ZeroShotEval.class,
            Retrieve.class,
            Pull.class,
            Convert.class,
            Inspect.class,
            Draw.class,
            Verify.class,
            Doctor.class,
            HelpCommand.class,
            GenerateCompletion.class);

    private Main() {}

    public static void main(String[] args) {
        String level = System.getenv("FOVEA_LOG");
        if (level != null) {
            System.setProperty("org.slf4j.simpleLogger.defaultLogLevel", level);
            System.setProperty("org.slf4j.simpleLogger.log.ai.djl", level);
        }
        Interrupts.install();
        Interrupts.exit(commandLine(args).execute(args));
    }

    /** With the command that the arguments begin with alone, where they do: the options of all of them take a fifth of a second to read. */
    static CommandLine commandLine(String... args) {
        List<Class<?>> wanted = args.length == 0
                ? List.of()
                : COMMANDS.stream()
                        .filter(x -> isCommand(x, args[0]) && x != HelpCommand.class) // help is about all
                        .toList();
        var line = new CommandLine(new Main());
        (wanted.isEmpty() ? COMMANDS : wanted).forEach(line::addSubcommand);
        return line.setCaseInsensitiveEnumValuesAllowed(true).setExecutionExceptionHandler(oneLine());
    }

    private static boolean isCommand(Class<?> type, String name) {
        Command command = type.getAnnotation(Command.class);
        return command != null && command.name().equals(name);
    }

    /** One clear line for what a user can mend; the trace, too, for what is a bug of ours. */
    private static IExecutionExceptionHandler oneLine() {
        return (e, command, _) -> {
            PrintWriter err = command.getErr();
            String name = command.getCommandSpec().qualifiedName();
            String message = String.valueOf(e.getMessage()).lines().findFirst().orElse("");
            if (e instanceof Failure
                    || e instanceof IllegalArgumentException
                    || e instanceof UncheckedIOException
                    || e instanceof DivergedException) {
                err.println(command.getColorScheme().errorText(name + ": " + message));
                LoggerFactory.getLogger(Main.class).debug(name, e);
            } else {
                err.println(command.getColorScheme()
                        .errorText(name + ": " + e.getClass().getSimpleName() + ": " + message));
                LoggerFactory.getLogger(Main.class).error("unexpected", e);
            }
            return CommandLine.ExitCode.SOFTWARE;
        };
    }
}
