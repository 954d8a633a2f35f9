/**
 * One HTML page a run: curves, scores, predictions, confusion, calibration, configuration and environment. The page is
 * one file that asks the network for nothing; charts are SVG drawn here, pictures are PNG inside it.
 */
@NullMarked
package dev.fovea.report;

import org.jspecify.annotations.NullMarked;
