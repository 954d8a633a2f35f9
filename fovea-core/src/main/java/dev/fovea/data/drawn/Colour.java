package dev.fovea.data.drawn;

import java.util.List;
import java.util.Locale;

/** Colours of figures, far enough from each other to be told apart under noise. */
public enum Colour {
    RED(0xd62828),
    ORANGE(0xf58220),
    YELLOW(0xf5e02a),
    GREEN(0x2a9d3a),
    CYAN(0x2cc7d6),
    BLUE(0x2449c8),
    PURPLE(0x8a2fb0),
    PINK(0xf48fc0);

    static final List<Colour> ALL = List.of(values());

    private final int rgb;

    Colour(int rgb) {
        this.rgb = rgb;
    }

    /** The value of a channel, 0 red, 1 green, 2 blue. */
    int channel(int c) {
        return rgb >> (16 - 8 * c) & 0xff;
    }

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
