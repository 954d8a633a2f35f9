/**
 * A data set that is drawn and not downloaded: figures of ten shapes in eight colours, and words, on backgrounds with noise. Each
 * picture is a pure function of (seed, index) and comes with all that is true of it: class, caption, questions with answers, boxes
 * and masks. {@link dev.fovea.data.drawn.DrawnDataset} has them in memory, {@link dev.fovea.data.drawn.DrawnFiles} writes them as
 * other programs' data sets look.
 *
 * <p>Figures are Java2D paths; words are strokes of an alphabet of our own, so no font is needed and no machine draws them otherwise.
 */
@NullMarked
package dev.fovea.data.drawn;

import org.jspecify.annotations.NullMarked;
