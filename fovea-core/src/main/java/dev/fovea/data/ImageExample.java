package dev.fovea.data;

import dev.fovea.image.Image;
import java.util.Map;

/**
 * A picture and what is known of it.
 *
 * @param id where it came from, for messages and reports: a path, or a file and a row
 * @param label its class, or -1
 * @param texts other columns by name: {@code prefix}, {@code suffix}, {@code json} and such; empty where there are none
 */
public record ImageExample(String id, ImageSource source, int label, Map<String, String> texts) {

    public ImageExample {
        texts = Map.copyOf(texts);
    }

    public ImageExample(String id, ImageSource source, int label) {
        this(id, source, label, Map.of());
    }

    /** The pixels, decoded each time. */
    public Image image() {
        return source.image();
    }
}
