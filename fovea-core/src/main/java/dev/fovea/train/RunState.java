package dev.fovea.train;

import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** Where a run is, beside its tensors. */
final class RunState {

    private final boolean isNew;
    private final Window window = new Window();
    private long step;
    private @Nullable Best best;

    private RunState(boolean isNew, long step, @Nullable Best best) {
        this.isNew = isNew;
        this.step = step;
        this.best = best;
    }

    static RunState fresh() {
        return new RunState(true, 0, null);
    }

    /** As {@link #toJson} of the state at {@code step} wrote it. */
    static RunState of(long step, JsonNode json) {
        JsonNode saved = json.path("best");
        Best best = saved.isObject()
                ? new Best(
                        saved.path("metric").asString(),
                        saved.path("value").asDouble(),
                        saved.path("step").asLong())
                : null;
        var state = new RunState(false, step, best);
        state.window.restore(json.path("window"));
        return state;
    }

    /** What there is to save beside the step and the tensors. */
    ObjectNode toJson() {
        ObjectNode json = JsonMapper.shared().createObjectNode();
        json.set("window", window.toJson());
        if (best != null) {
            json.putObject("best")
                    .put("metric", best.metric())
                    .put("value", best.value())
                    .put("step", best.step());
        }
        return json;
    }

    /** Whether the run began without a checkpoint. */
    boolean isNew() {
        return isNew;
    }

    /** Updates done. */
    long step() {
        return step;
    }

    long nextStep() {
        return ++step;
    }

    Window window() {
        return window;
    }

    @Nullable
    Best best() {
        return best;
    }

    void setBest(Best best) {
        this.best = best;
    }
}
