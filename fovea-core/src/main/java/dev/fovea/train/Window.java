package dev.fovea.train;

import java.util.LinkedHashMap;
import java.util.SequencedMap;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** Sums of what the steps since the last line measured. Saved with a checkpoint, so that a resumed run's lines are equal. */
final class Window {

    private final SequencedMap<String, Double> sums = new LinkedHashMap<>();
    private long steps;

    void add(String name, double value) {
        sums.merge(name, value, Double::sum);
    }

    void stepDone() {
        steps++;
    }

    /** Means over the steps; empties the window. */
    SequencedMap<String, Double> take() {
        var means = new LinkedHashMap<String, Double>();
        sums.forEach((name, sum) -> means.put(name, sum / steps));
        sums.clear();
        steps = 0;
        return means;
    }

    ObjectNode toJson() {
        ObjectNode json = JsonMapper.shared().createObjectNode().put("steps", steps);
        ObjectNode all = json.putObject("sums");
        sums.forEach(all::put);
        return json;
    }

    /** As {@link #toJson} wrote it. */
    void restore(JsonNode json) {
        steps = json.path("steps").asLong(0);
        json.path("sums")
                .properties()
                .forEach(entry -> sums.put(entry.getKey(), entry.getValue().asDouble()));
    }
}
