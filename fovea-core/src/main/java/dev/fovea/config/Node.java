package dev.fovea.config;

import java.util.List;
import java.util.SequencedMap;
import org.jspecify.annotations.Nullable;

/** A value as YAML has it, with the place it came from: {@code file:line}, an override or a default. */
sealed interface Node {

    String place();

    /** What it looks like, for messages. */
    String describe();

    record Mapping(SequencedMap<String, Node> entries, String place) implements Node {
        @Override
        public String describe() {
            return "a mapping with keys " + entries.keySet();
        }
    }

    record Sequence(List<Node> elements, String place) implements Node {
        @Override
        public String describe() {
            return "a list of " + elements.size();
        }
    }

    /** @param text null where YAML has null: {@code key:}, {@code ~} or {@code null} */
    record Scalar(@Nullable String text, String place) implements Node {
        @Override
        public String describe() {
            return text == null ? "nothing" : "'" + text + "'";
        }
    }
}
