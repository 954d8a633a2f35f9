package dev.fovea.cli;

import dev.fovea.generate.GenerationConfig;
import dev.fovea.image.Image;
import dev.fovea.image.ImageDecoder;
import dev.fovea.models.gemma.GemmaModel;
import dev.fovea.models.gemma.GemmaSession;
import dev.fovea.models.gemma.GemmaSession.Reply;
import dev.fovea.text.ToolCall;
import dev.fovea.text.ToolPrompt;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** A conversation in the terminal. */
@Command(
        name = "chat",
        mixinStandardHelpOptions = true,
        description = {
            "Talk to a model; each turn goes on from the ones before. Ctrl-C stops an answer, and ends the program"
                    + " between answers.",
            "",
            "A line that ends in \\ goes on in the next; a line \"\"\" begins a text of many lines, another ends it.",
            "/image FILE puts a picture before the next turn, /new forgets the conversation, /exit ends.",
            "",
            "Where the model calls one of --tools, the chat asks you for what it gave, and the model goes on from there."
        },
        footerHeading = "%nExamples:%n",
        footer = {"  fovea chat gemma-3-1b-it --stats"})
final class Chat implements Callable<Integer> {

    private static final String QUOTES = "\"\"\"";

    @Mixin
    private LanguageModelOption model = new LanguageModelOption();

    @Mixin
    private SamplingOptions sampling = new SamplingOptions();

    @Mixin
    private SpeculationOptions speculation = new SpeculationOptions();

    @Mixin
    private JsonSchemaOption schema = new JsonSchemaOption();

    @Mixin
    private ToolsOption tools = new ToolsOption();

    @Option(names = "--system", paramLabel = "TEXT", description = "put before the first turn as the system's words")
    private @Nullable String system;

    @Spec
    private @Nullable CommandSpec spec;

    private final List<Image> pictures = new ArrayList<>();
    private final AtomicBoolean stopped = new AtomicBoolean();

    @Override
    public Integer call() throws IOException {
        var in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        try (GemmaModel gemma = model.open();
                var decodings = model.decodings(gemma)) {
            GenerationConfig config = schema.grammar(gemma).apply(sampling.config(gemma.defaults()));
            converse(in, gemma, decodings, config);
        }
        return 0;
    }

    private void converse(
            BufferedReader in, GemmaModel gemma, LanguageModelOption.Decodings decodings, GenerationConfig config)
            throws IOException {
        String words = tools.system(system);
        try (var speculating = speculation.open(decodings, config.sampling())) {
            Supplier<GemmaSession> sessions =
                    () -> new GemmaSession(gemma, words, speculating.open(decodings), speculating.speculation());
            GemmaSession session = sessions.get();
            try {
                for (String turn = turn(in); turn != null; turn = turn(in)) {
                    if (turn.strip().equals("/new")) {
                        session.close();
                        session = sessions.get();
                        pictures.clear();
                    } else if (!turn.isBlank() && !picture(turn)) {
                        results(in, session, config, answer(session, config, turn));
                    }
                }
            } finally {
                session.close();
            }
        }
    }

    /** Asks for what the functions of an answer gave, until an answer calls none; an end of the input leaves it. */
    private void results(BufferedReader in, GemmaSession session, GenerationConfig config, String answer)
            throws IOException {
        List<ToolCall> calls = tools.calls(answer);
        while (!calls.isEmpty()) {
            var results = new ArrayList<String>();
            for (ToolCall call : calls) {
                String result = line(in, "%s%s = ".formatted(call.name(), call.arguments()));
                if (result == null) {
                    return;
                }
                results.add(result);
            }
            calls = tools.calls(answer(session, config, ToolPrompt.resultsText(calls, results)));
        }
    }

    private String answer(GemmaSession session, GenerationConfig config, String turn) {
        PrintWriter out = Output.of(spec);
        stopped.set(false);
        Reply reply;
        try (var _ = Interrupts.caught(() -> stopped.set(true))) {
            reply = session.say(turn, pictures, config, piece -> {
                out.print(piece);
                out.flush();
                return !stopped.get();
            });
        }
        pictures.clear();
        out.println();
        if (sampling.stats()) {
            Output.err(spec).println(Generate.stats(reply));
        }
        return stopped.get() ? "" : reply.text();
    }

    /** Whether the line named a picture for the next turn. */
    private boolean picture(String line) {
        if (!line.startsWith("/image ")) {
            return false;
        }
        try {
            pictures.add(
                    ImageDecoder.read(Path.of(line.substring("/image ".length()).strip())));
        } catch (RuntimeException e) {
            Output.err(spec)
                    .println(String.valueOf(e.getMessage()).lines().findFirst().orElse(""));
        }
        return true;
    }

    /** The next turn, of one line or several; null at the end. */
    private @Nullable String turn(BufferedReader in) throws IOException {
        String line = line(in, ">>> ");
        if (line == null || line.strip().equals("/exit")) {
            return null;
        }
        if (line.strip().equals(QUOTES)) {
            var lines = new ArrayList<String>();
            for (line = line(in, "... "); line != null && !line.strip().equals(QUOTES); line = line(in, "... ")) {
                lines.add(line);
            }
            return String.join("\n", lines);
        }
        var turn = new StringBuilder();
        while (line != null && line.endsWith("\\")) {
            turn.append(line, 0, line.length() - 1).append('\n');
            line = line(in, "... ");
        }
        return turn.append(line == null ? "" : line).toString();
    }

    private @Nullable String line(BufferedReader in, String mark) throws IOException {
        Output.err(spec).print(mark);
        Output.err(spec).flush();
        return in.readLine();
    }
}
