package dev.fovea.models.classifier;

/**
 * One class that a picture may show.
 *
 * @param classIndex its number, from 0
 * @param label its name; the number as text where the model names none
 * @param probability between 0 and 1; all of a picture's sum to 1
 */
public record Prediction(int classIndex, String label, double probability) {}
