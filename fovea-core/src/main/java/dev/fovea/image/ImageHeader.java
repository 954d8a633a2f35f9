package dev.fovea.image;

/**
 * What a file says of its picture before any pixel is decoded.
 *
 * @param height rows as stored, before {@code orientation} is applied
 * @param width columns as stored
 * @param orientation EXIF orientation, 1 (upright) to 8
 */
public record ImageHeader(ImageFormat format, int height, int width, int orientation) {}
