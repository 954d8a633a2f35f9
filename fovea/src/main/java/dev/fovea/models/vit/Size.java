package dev.fovea.models.vit;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.util.List;

/** Rows and columns, of a picture, a patch or a grid. Written {@code 224} where both are equal, else {@code [192, 256]}. */
public record Size(int height, int width) {

    public Size {
        if (height < 1 || width < 1) {
            throw new IllegalArgumentException("size %dx%d: both sides must be at least 1".formatted(height, width));
        }
    }

    public static Size of(int side) {
        return new Size(side, side);
    }

    @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
    static Size read(Object value) {
        return switch (value) {
            case Integer side -> of(side);
            case List<?> sides
            when sides.size() == 2 && sides.get(0) instanceof Integer height && sides.get(1) instanceof Integer width ->
                new Size(height, width);
            default ->
                throw new IllegalArgumentException(
                        "size %s: wanted a number of pixels or [height, width]".formatted(value));
        };
    }

    @JsonValue
    Object write() {
        return height == width ? (Object) height : List.of(height, width);
    }

    @Override
    public String toString() {
        return height + "x" + width;
    }
}
