package dev.fovea.cli;

import dev.fovea.image.Image;
import dev.fovea.image.ImageDecoder;
import dev.fovea.models.gemma.GemmaModel;
import dev.fovea.models.gemma.GemmaProcessor.Prompt;
import dev.fovea.text.GemmaChat;
import dev.fovea.text.Message;
import dev.fovea.text.Part;
import dev.fovea.text.Role;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Prompts, one a line: plain text, or in a {@code .jsonl} file objects with {@code prompt} (or {@code prefix}, as data sets
 * have it) or {@code messages}, pictures in {@code image} (a path beside the file, or a list of them), and options of their own.
 */
record PromptFile(Path file, List<String> lines) {

    private static final Set<String> WORDS = Set.of(
            "prompt", "prefix", "messages", "image", "system", "suffix"); // a suffix is what a data set wants to hear

    /**
     * One prompt.
     *
     * @param options what the line says of {@link SamplingOptions} and more
     */
    record Line(List<Message> messages, @Nullable String text, List<Path> images, JsonNode options) {

        /** What the model is fed: turns where {@code chat} says so or there are messages. */
        Prompt prompt(GemmaModel model, boolean chat) {
            List<Image> pictures = images.stream().map(ImageDecoder::read).toList();
            return text == null || chat
                    ? model.processor().chat(messages, pictures, true)
                    : model.processor().text(GemmaChat.IMAGE.repeat(pictures.size()) + text, pictures);
        }
    }

    /** Reads a file; blank lines of it are no prompts. */
    static PromptFile read(Path file) {
        try (Stream<String> lines = Files.lines(file)) {
            List<String> prompts = lines.filter(line -> !line.isBlank()).toList();
            if (prompts.isEmpty()) {
                throw new Failure("%s: no prompts in it".formatted(file));
            }
            return new PromptFile(file, prompts);
        } catch (IOException e) {
            throw new UncheckedIOException("%s: cannot be read as UTF-8: %s".formatted(file, e.getMessage()), e);
        }
    }

    int size() {
        return lines.size();
    }

    /**
     * A line.
     *
     * @param system the system's words where the line has none of its own, null for none
     */
    Line line(int i, @Nullable String system) {
        String line = lines.get(i);
        if (!file.toString().endsWith(".jsonl")) {
            return line(line, List.of(), system, LineOptions.NONE.json());
        }
        JsonNode json;
        try {
            json = JsonMapper.shared().readTree(line);
        } catch (JacksonException e) {
            throw new IllegalArgumentException("no JSON: " + e.getOriginalMessage(), e);
        }
        requireKnown(json);
        List<Path> images = images(json.path("image"));
        if (json.has("messages")) {
            var messages = new ArrayList<Message>();
            json.path("messages").forEach(message -> messages.add(Message.of(message)));
            return new Line(messages, null, images, json);
        }
        JsonNode text = json.path(json.has("prompt") ? "prompt" : "prefix");
        if (!text.isString()) {
            throw new IllegalArgumentException("neither prompt nor messages");
        }
        return line(
                text.asString(),
                images,
                json.has("system") ? json.path("system").asString() : system,
                json);
    }

    private static Line line(String text, List<Path> images, @Nullable String system, JsonNode options) {
        var parts = new ArrayList<Part>();
        images.forEach(_ -> parts.add(new Part.Image()));
        parts.add(new Part.Text(text));
        var messages = new ArrayList<Message>();
        if (system != null) {
            messages.add(Message.of(Role.SYSTEM, system));
        }
        messages.add(new Message(Role.USER, parts));
        return new Line(messages, text, images, options);
    }

    private static void requireKnown(JsonNode json) {
        if (!json.isObject()) {
            throw new IllegalArgumentException("%s, wanted an object".formatted(json.getNodeType()));
        }
        var known = new TreeSet<>(WORDS);
        known.addAll(LineOptions.KEYS);
        for (String key : json.propertyNames()) {
            if (!known.contains(key)) {
                throw new IllegalArgumentException("%s: no such key; keys here: %s".formatted(key, known));
            }
        }
    }

    private List<Path> images(JsonNode image) {
        var images = new ArrayList<Path>();
        for (JsonNode path : image.isArray() ? image : List.of(image)) {
            if (path.isString()) {
                images.add(file.toAbsolutePath().resolveSibling(path.asString()));
            } else if (!path.isMissingNode() && !path.isNull()) {
                throw new IllegalArgumentException("image: found %s, wanted a path".formatted(path.getNodeType()));
            }
        }
        return images;
    }
}
