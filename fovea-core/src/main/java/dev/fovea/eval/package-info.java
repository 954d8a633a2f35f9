/**
 * Published evaluation protocols, each from plain arrays to plain numbers: classification metrics, few-shot probe,
 * nearest neighbours, zero-shot classification and retrieval with two towers, quality of generated pictures.
 */
@NullMarked
package dev.fovea.eval;

import org.jspecify.annotations.NullMarked;
