package dev.fovea.text;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;

/**
 * Function calling as Gemma knows it: the chat template has no place for functions, so they are described in the prompt's
 * words, the model answers with JSON, and results come back in a user's turn.
 */
public final class ToolPrompt {

    private static final JsonMapper JSON = JsonMapper.builder()
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();
    private static final Pattern FENCE = Pattern.compile("```[a-z_]*\\s*\\n(.*?)```", Pattern.DOTALL);

    private ToolPrompt() {}

    /** What the model is told about {@code tools}. */
    public static String instructions(List<Tool> tools) {
        ArrayNode functions = JSON.createArrayNode();
        for (Tool tool : tools) {
            functions
                    .addObject()
                    .put("name", tool.name())
                    .put("description", tool.description())
                    .set("parameters", tool.parameters());
        }
        return """
                You can call these functions, given as JSON with the schema of their parameters:
                %s
                To call one, answer with nothing but {"name": <its name>, "arguments": <an object>}, \
                to call several with a JSON list of such objects. Otherwise answer in words.""".formatted(functions);
    }

    /** The conversation with the instructions in its system message, before what that says itself. */
    public static List<Message> withTools(List<Message> messages, List<Tool> tools) {
        if (tools.isEmpty()) {
            return messages;
        }
        boolean hasSystem = !messages.isEmpty() && messages.getFirst().role() == Role.SYSTEM;
        String own = hasSystem ? "\n\n" + GemmaChat.system(messages.getFirst()) : "";
        return Stream.concat(
                        Stream.of(Message.of(Role.SYSTEM, instructions(tools) + own)),
                        messages.stream().skip(hasSystem ? 1 : 0))
                .toList();
    }

    /** The model's turn in which it made {@code calls}. */
    public static Message calls(List<ToolCall> calls) {
        ArrayNode list = JSON.createArrayNode();
        calls.forEach(call -> list.addObject().put("name", call.name()).set("arguments", call.arguments()));
        return Message.of(Role.ASSISTANT, (list.size() == 1 ? list.get(0) : list).toString());
    }

    /** The turn that brings the results of such calls, in their order. */
    public static Message results(List<ToolCall> calls, List<String> results) {
        return Message.of(Role.USER, resultsText(calls, results));
    }

    /** The words of that turn. */
    public static String resultsText(List<ToolCall> calls, List<String> results) {
        if (calls.size() != results.size()) {
            throw new IllegalArgumentException("%d results of %d calls".formatted(results.size(), calls.size()));
        }
        var parts = new ArrayList<String>();
        for (int i = 0; i < calls.size(); i++) {
            parts.add("Result of %s:\n%s".formatted(calls.get(i).name(), results.get(i)));
        }
        return String.join("\n\n", parts);
    }

    /**
     * The calls that an answer makes: it is JSON as the instructions ask for, or holds such JSON in one fenced block. Empty
     * where it is not, and where it names a function that is not among {@code tools}: then the answer is words.
     */
    public static List<ToolCall> parse(String answer, List<Tool> tools) {
        Set<String> names = tools.stream().map(Tool::name).collect(Collectors.toSet());
        Matcher fence = FENCE.matcher(answer);
        JsonNode json = read(fence.find() ? fence.group(1) : answer);
        var calls = new ArrayList<ToolCall>();
        for (JsonNode call : json == null ? List.<JsonNode>of() : json.isArray() ? json : List.of(json)) {
            JsonNode arguments = call.path(call.has("parameters") ? "parameters" : "arguments");
            String name = call.path("name").asString("");
            if (!names.contains(name) || !(arguments.isObject() || arguments.isMissingNode())) {
                return List.of();
            }
            calls.add(new ToolCall(name, arguments.isObject() ? arguments : JSON.createObjectNode()));
        }
        return calls;
    }

    private static @Nullable JsonNode read(String text) {
        try {
            return JSON.readTree(text);
        } catch (JacksonException e) {
            return null; // words
        }
    }
}
