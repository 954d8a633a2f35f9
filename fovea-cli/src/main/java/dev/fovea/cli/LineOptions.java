package dev.fovea.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;

/** What a line of prompts may say of its own answer, named as in requests to a server. */
record LineOptions(JsonNode json) {

    /** Nothing is said. */
    static final LineOptions NONE = new LineOptions(JsonNodeFactory.instance.objectNode());

    static final Set<String> KEYS = Set.of(
            "max_tokens",
            "temperature",
            "top_k",
            "top_p",
            "min_p",
            "repetition_penalty",
            "seed",
            "stop",
            "top_logprobs");

    double number(String key, double otherwise) {
        return json.has(key) ? requireNumber(key).asDouble() : otherwise;
    }

    long whole(String key, long otherwise) {
        if (!json.has(key)) {
            return otherwise;
        }
        JsonNode found = requireNumber(key);
        if (!found.isIntegralNumber()) {
            throw new IllegalArgumentException("%s: found %s, wanted a whole number".formatted(key, found));
        }
        return found.asLong();
    }

    /** A whole number of 0 or more. */
    int count(String key, int otherwise) {
        long found = whole(key, otherwise);
        if (found < 0 || found > Integer.MAX_VALUE) {
            throw new IllegalArgumentException("%s: found %d, wanted 0 or more".formatted(key, found));
        }
        return (int) found;
    }

    /** Strings that end the answer. */
    List<String> stops() {
        JsonNode stop = json.path("stop");
        var stops = new ArrayList<String>();
        for (JsonNode one : stop.isArray() ? stop : stop.isMissingNode() ? List.<JsonNode>of() : List.of(stop)) {
            if (!one.isString()) {
                throw new IllegalArgumentException(
                        "stop: found %s, wanted a string or a list of strings".formatted(one));
            }
            stops.add(one.asString());
        }
        return stops;
    }

    private JsonNode requireNumber(String key) {
        JsonNode found = json.path(key);
        if (!found.isNumber()) {
            throw new IllegalArgumentException("%s: found %s, wanted a number".formatted(key, found));
        }
        return found;
    }
}
