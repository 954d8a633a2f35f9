package dev.fovea.cli;

import static java.util.Objects.requireNonNull;

import dev.fovea.generate.GenerationConfig;
import dev.fovea.image.Image;
import dev.fovea.image.ImageDecoder;
import dev.fovea.models.gemma.GemmaModel;
import dev.fovea.models.gemma.GemmaSession;
import dev.fovea.models.gemma.GemmaSession.Reply;
import dev.fovea.text.GemmaChat;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** One answer of a language model. */
@Command(
        name = "generate",
        mixinStandardHelpOptions = true,
        description = "Answer a prompt, with pictures where the model takes them.",
        footerHeading = "%nExamples:%n",
        footer = {
            "  fovea generate gemma-3-4b-it \"What is shown?\" --image picture.png",
            "  fovea generate gemma-3-270m \"Once upon a time\" --raw --max-tokens 100",
            "  fovea generate gemma-3-1b-it --prompts questions.txt --batch 16 > answers.jsonl",
            "  fovea generate gemma-3-4b-it \"Is it raining in Bern?\" --tools functions.json --json"
        })
final class Generate implements Callable<Integer> {

    @Mixin
    private LanguageModelOption model = new LanguageModelOption();

    @Mixin
    private SamplingOptions sampling = new SamplingOptions();

    @Parameters(
            index = "1",
            arity = "0..1",
            paramLabel = "PROMPT",
            description = "what is asked, or with --raw the text to go on with")
    private @Nullable String prompt;

    @Option(
            names = "--prompts",
            paramLabel = "FILE",
            description = {
                "answer many prompts, one a line, or of a .jsonl file one object a line: prompt or messages, image, system,"
                        + " max_tokens, temperature, top_k, top_p, min_p, repetition_penalty, seed, stop, top_logprobs;",
                "the answers are lines of JSON in the same order"
            })
    private @Nullable Path prompts;

    @Option(
            names = "--batch",
            defaultValue = "8",
            paramLabel = "N",
            description = "how many of --prompts are written at once")
    private int batch;

    @Option(names = "--image", arity = "1..*", paramLabel = "FILE", description = "pictures, put before the prompt")
    private List<Path> images = List.of();

    @Option(names = "--system", paramLabel = "TEXT", description = "put before the prompt as the system's words")
    private @Nullable String system;

    @Option(
            names = "--raw",
            description = "feed the prompt without turns; the default for a model without chat template")
    private boolean raw;

    @Mixin
    private SpeculationOptions speculation = new SpeculationOptions();

    @Mixin
    private JsonSchemaOption schema = new JsonSchemaOption();

    @Mixin
    private ToolsOption tools = new ToolsOption();

    @Option(names = "--json", description = "one JSON object at the end")
    private boolean json;

    @Spec
    private @Nullable CommandSpec spec;

    @Override
    public Integer call() {
        if ((prompt == null) == (prompts == null)) {
            throw new ParameterException(
                    requireNonNull(spec).commandLine(), "wanted a PROMPT or --prompts FILE, one of the two");
        }
        return prompts == null ? one(requireNonNull(prompt)) : many(PromptFile.read(prompts));
    }

    private int many(PromptFile file) {
        if (!images.isEmpty()) {
            throw new Failure("--image goes with one prompt; a .jsonl file of prompts names its pictures");
        }
        if (tools.given()) {
            throw new Failure("--tools goes with one prompt; found --prompts");
        }
        speculation.requireNone("--prompts");
        try (GemmaModel gemma = model.open();
                var decodings = model.decodings(gemma)) {
            UnaryOperator<GenerationConfig> grammar = schema.grammar(gemma);
            int failed = new GenerateMany(
                            decodings,
                            file,
                            (own, left) -> grammar.apply(sampling.config(gemma.defaults(), own, left)),
                            !raw && gemma.defaults().chat(),
                            system,
                            batch)
                    .run(Output.of(spec), sampling.stats() ? Output.err(spec) : null);
            if (failed > 0) {
                throw new Failure("%d of %d prompts have no answer".formatted(failed, file.size()));
            }
        }
        return 0;
    }

    private int one(String prompt) {
        if (tools.given() && raw) {
            throw new Failure("--tools goes into the system's words, for which --raw leaves no place");
        }
        String words = tools.system(system);
        try (GemmaModel gemma = model.open();
                var decodings = model.decodings(gemma)) {
            GenerationConfig config = schema.grammar(gemma).apply(sampling.config(gemma.defaults()));
            try (var speculating = speculation.open(decodings, config.sampling());
                    var session =
                            new GemmaSession(gemma, words, speculating.open(decodings), speculating.speculation())) {
                answer(session, gemma.defaults().chat(), prompt, config);
            }
        }
        return 0;
    }

    private void answer(GemmaSession session, boolean chat, String prompt, GenerationConfig config) {
        PrintWriter out = Output.of(spec);
        List<Image> pictures = images.stream().map(ImageDecoder::read).toList();
        GemmaSession.Listener listener = piece -> {
            if (!json) {
                out.print(piece);
                out.flush();
            }
            return true;
        };
        Reply reply = raw || !chat
                ? session.complete(GemmaChat.IMAGE.repeat(pictures.size()) + prompt, pictures, config, listener)
                : session.say(prompt, pictures, config, listener);
        out.println(json ? json(reply) : "");
        if (sampling.stats()) {
            Output.err(spec).println(stats(reply));
        }
    }

    /** The answer as an object; with functions, what it calls is read out of its text. */
    private String json(Reply reply) {
        ObjectNode fields = JsonMapper.shared().valueToTree(reply);
        if (tools.given()) {
            fields.putPOJO("calls", tools.calls(reply.text()));
        }
        return Output.json(fields);
    }

    /** Tokens and times of an answer in one line. */
    static String stats(Reply reply) {
        int later = reply.newTokens() - 1;
        return String.format(
                Locale.ROOT,
                "prompt %d tokens in %.2f s (%.1f/s), answer %d tokens%s%s%s",
                reply.promptTokens(),
                reply.promptSeconds(),
                reply.promptTokens() / reply.promptSeconds(),
                reply.newTokens(),
                later > 0 ? String.format(Locale.ROOT, " (%.1f/s)", later / reply.seconds()) : "",
                reply.proposed() > 0 ? accepted(reply) : "",
                reply.ended() ? "" : ", cut off");
    }

    private static String accepted(Reply reply) {
        return String.format(
                Locale.ROOT,
                ", %d of %d proposed tokens accepted (%.0f%%)",
                reply.accepted(),
                reply.proposed(),
                100.0 * reply.accepted() / reply.proposed());
    }
}
