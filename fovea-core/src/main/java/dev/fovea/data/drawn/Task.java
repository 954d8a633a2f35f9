package dev.fovea.data.drawn;

import java.util.List;
import java.util.stream.IntStream;

/** What a picture's class is, and with it what is drawn. */
public enum Task {
    /** One figure; its shape. */
    SHAPE,
    /** One figure; its colour. */
    COLOUR,
    /** One figure; the ninth of the picture its middle lies in. */
    POSITION,
    /** Several figures; how many. */
    COUNT,
    /** A written word; which. */
    WORD;

    /** The words that are written. */
    static final List<String> WORDS =
            List.of("SUN", "MOON", "TREE", "FISH", "BIRD", "CAT", "DOG", "BOOK", "RAIN", "WIND", "GOLD", "KEY");

    /** Names of the classes by label; {@code most} figures at most. */
    List<String> classNames(int most) {
        return switch (this) {
            case SHAPE -> Shape.ALL.stream().map(Shape::toString).toList();
            case COLOUR -> Colour.ALL.stream().map(Colour::toString).toList();
            case POSITION -> Position.NAMES;
            case COUNT ->
                IntStream.rangeClosed(1, most).mapToObj(Integer::toString).toList();
            case WORD -> WORDS;
        };
    }
}
