package dev.fovea.text;

import java.util.List;

/**
 * Ends a text at the first of several strings, which is not given out. Text that may be the beginning of one waits.
 */
public final class StopStrings {

    private final List<String> stops;
    private final StringBuilder waiting = new StringBuilder();
    private boolean found;

    /** Stops at any of {@code stops}; with none of them everything passes. */
    public StopStrings(List<String> stops) {
        if (stops.stream().anyMatch(String::isEmpty)) {
            throw new IllegalArgumentException("an empty stop string");
        }
        this.stops = List.copyOf(stops);
    }

    /** The text that is certain to come before a stop string; empty once one was found. */
    public String add(String text) {
        if (found) {
            return "";
        }
        waiting.append(text);
        int end = waiting.length();
        for (String stop : stops) {
            int at = waiting.indexOf(stop);
            if (at >= 0 && at <= end) {
                end = at;
                found = true;
            }
        }
        if (!found) {
            end = beginning();
        }
        String certain = waiting.substring(0, end);
        waiting.delete(0, end);
        return certain;
    }

    /** What was waiting, now that nothing follows; empty once a stop string was found. */
    public String finish() {
        String rest = found ? "" : waiting.toString();
        waiting.setLength(0);
        return rest;
    }

    /** Whether a stop string was found. */
    public boolean found() {
        return found;
    }

    /** Where the longest end of the text begins that is the beginning of a stop string. */
    private int beginning() {
        for (int from = 0; from < waiting.length(); from++) {
            String end = waiting.substring(from);
            if (stops.stream().anyMatch(stop -> stop.startsWith(end))) {
                return from;
            }
        }
        return waiting.length();
    }
}
