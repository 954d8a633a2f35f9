/**
 * Image classification as a system: a Vision Transformer trained on labelled pictures, evaluated, kept in a folder and
 * used. What {@code fovea train}, {@code eval}, {@code predict} and {@code embed} do is here, callable.
 *
 * <p>Cross-entropy −Σₖ qₖ log pₖ with q the label, smoothed or mixed (arXiv 1512.00567, 1710.09412), or, for large label
 * sets, a sigmoid a class.
 */
@NullMarked
package dev.fovea.models.classifier;

import org.jspecify.annotations.NullMarked;
