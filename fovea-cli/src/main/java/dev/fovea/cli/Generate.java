package dev.fovea.cli;

import dev.fovea.generate.GenerationConfig;
import dev.fovea.image.Image;
import dev.fovea.image.ImageDecoder;
import dev.fovea.models.gemma.GemmaJson;
import dev.fovea.models.gemma.GemmaModel;
import dev.fovea.models.gemma.GemmaSession;
import dev.fovea.models.gemma.GemmaSession.Reply;
import dev.fovea.text.GemmaChat;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/** One answer of a language model. */
@Command(
        name = "generate",
        mixinStandardHelpOptions = true,
        description = "Answer a prompt, with pictures where the model takes them.",
        footerHeading = "%nExamples:%n",
        footer = {
            "  fovea generate gemma-3-4b-it \"What is shown?\" --image picture.png",
            "  fovea generate gemma-3-270m \"Once upon a time\" --raw --max-tokens 100"
        })
final class Generate implements Callable<Integer> {

    @Mixin
    private LanguageModelOption model = new LanguageModelOption();

    @Mixin
    private SamplingOptions sampling = new SamplingOptions();

    @Parameters(index = "1", paramLabel = "PROMPT", description = "what is asked, or with --raw the text to go on with")
    private String prompt = "";

    @Option(names = "--image", arity = "1..*", paramLabel = "FILE", description = "pictures, put before the prompt")
    private List<Path> images = List.of();

    @Option(names = "--system", paramLabel = "TEXT", description = "put before the prompt as the system's words")
    private @Nullable String system;

    @Option(
            names = "--raw",
            description = "feed the prompt without turns; the default for a model without chat template")
    private boolean raw;

    @Option(
            names = "--json-schema",
            paramLabel = "FILE",
            description = "make the answer JSON of this schema, whole within --max-tokens")
    private @Nullable Path schema;

    @Option(names = "--json", description = "one JSON object at the end")
    private boolean json;

    @Spec
    private @Nullable CommandSpec spec;

    @Override
    public Integer call() {
        PrintWriter out = Output.of(spec);
        List<Image> pictures = images.stream().map(ImageDecoder::read).toList();
        try (GemmaModel gemma = model.open();
                var decodings = model.decodings(gemma);
                var session = new GemmaSession(gemma, system, decodings.open())) {
            GenerationConfig config = constrained(sampling.config(gemma.defaults()), gemma);
            GemmaSession.Listener listener = piece -> {
                if (!json) {
                    out.print(piece);
                    out.flush();
                }
                return true;
            };
            Reply reply = raw || !gemma.defaults().chat()
                    ? session.complete(GemmaChat.IMAGE.repeat(pictures.size()) + prompt, pictures, config, listener)
                    : session.say(prompt, pictures, config, listener);
            out.println(json ? Output.json(reply) : "");
            if (sampling.stats()) {
                Output.err(spec).println(stats(reply));
            }
        }
        return 0;
    }

    private GenerationConfig constrained(GenerationConfig config, GemmaModel gemma) {
        if (schema == null) {
            return config;
        }
        try {
            return new GemmaJson(gemma).constrain(config, JsonMapper.shared().readTree(schema.toFile()));
        } catch (JacksonException e) {
            throw new Failure("%s: cannot be read as JSON: %s".formatted(schema, e.getOriginalMessage()));
        }
    }

    /** Tokens and times of an answer in one line. */
    static String stats(Reply reply) {
        int later = reply.newTokens() - 1;
        return String.format(
                Locale.ROOT,
                "prompt %d tokens in %.2f s (%.1f/s), answer %d tokens%s%s",
                reply.promptTokens(),
                reply.promptSeconds(),
                reply.promptTokens() / reply.promptSeconds(),
                reply.newTokens(),
                later > 0 ? String.format(Locale.ROOT, " (%.1f/s)", later / reply.seconds()) : "",
                reply.ended() ? "" : ", cut off");
    }
}
