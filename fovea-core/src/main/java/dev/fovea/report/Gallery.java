package dev.fovea.report;

import dev.fovea.image.Image;
import java.util.List;

/**
 * Pictures of a run under one heading: samples, interpolations.
 *
 * @param pictures in the order of the page; none leaves the heading out
 */
public record Gallery(String title, List<Picture> pictures) {

    /** A picture and what is said below it. */
    public record Picture(String caption, Image image) {}

    public Gallery {
        pictures = List.copyOf(pictures);
    }
}
