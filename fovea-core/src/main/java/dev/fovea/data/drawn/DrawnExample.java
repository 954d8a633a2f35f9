package dev.fovea.data.drawn;

import dev.fovea.image.Image;
import java.util.List;

/**
 * A drawn picture and what is true of it.
 *
 * @param index its number under the seed
 * @param label its class in the task of the data set
 */
public record DrawnExample(
        long index, Image image, int label, List<Figure> figures, String caption, List<Question> questions) {

    public DrawnExample {
        figures = List.copyOf(figures);
        questions = List.copyOf(questions);
    }
}
