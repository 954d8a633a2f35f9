package dev.fovea.text;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import tools.jackson.databind.JsonNode;

/** One turn of a conversation: words and pictures in any order. */
public record Message(Role role, List<Part> parts) {

    public Message {
        parts = List.copyOf(parts);
    }

    /** A turn of nothing but words. */
    public static Message of(Role role, String text) {
        return new Message(role, List.of(new Part.Text(text)));
    }

    /**
     * A message as chat templates take it: {@code {"role": ..., "content": ...}}, where the content is a string or a list
     * of {@code {"type": "text", "text": ...}} and {@code {"type": "image"}}.
     */
    public static Message of(JsonNode json) {
        String role = json.path("role").asString("");
        var parts = new ArrayList<Part>();
        JsonNode content = json.path("content");
        if (content.isString()) {
            parts.add(new Part.Text(content.asString()));
        } else if (content.isArray()) {
            content.forEach(part -> parts.add(part(part)));
        } else {
            throw new IllegalArgumentException("content of a message of role '%s': found %s, wanted a string or a list"
                    .formatted(role, content.getNodeType()));
        }
        return new Message(role(role), parts);
    }

    private static Role role(String name) {
        return switch (name.toLowerCase(Locale.ROOT)) {
            case "system" -> Role.SYSTEM;
            case "user" -> Role.USER;
            case "assistant", "model" -> Role.ASSISTANT;
            default ->
                throw new IllegalArgumentException("role '%s', wanted system, user or assistant".formatted(name));
        };
    }

    private static Part part(JsonNode json) {
        String type = json.path("type").asString("");
        return switch (type) {
            case "image" -> new Part.Image();
            case "text" -> {
                if (!json.path("text").isString()) {
                    throw new IllegalArgumentException("a part of type text without a text");
                }
                yield new Part.Text(json.path("text").asString());
            }
            default -> throw new IllegalArgumentException("part of type '%s', wanted text or image".formatted(type));
        };
    }
}
