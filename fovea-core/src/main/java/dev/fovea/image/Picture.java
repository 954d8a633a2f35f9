package dev.fovea.image;

/** What a preprocessing step takes and gives: bytes before the change of value range, floats after it. */
public sealed interface Picture permits Image, Pixels {

    int height();

    int width();

    int channels();

    /** The part of the given rows and columns. */
    Picture crop(int top, int left, int cropHeight, int cropWidth);

    /** The mirror image, left for right. */
    Picture flipLeftRight();

    /** This picture with a border of one value. */
    Picture pad(int top, int bottom, int left, int right, int fill);

    /** Number of values. */
    default int size() {
        return height() * width() * channels();
    }
}
