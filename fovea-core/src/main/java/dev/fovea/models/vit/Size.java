package dev.fovea.models.vit;

/** Rows and columns, of a picture, a patch or a grid. */
public record Size(int height, int width) {

    public Size {
        if (height < 1 || width < 1) {
            throw new IllegalArgumentException("size %dx%d: both sides must be at least 1".formatted(height, width));
        }
    }

    public static Size of(int side) {
        return new Size(side, side);
    }

    @Override
    public String toString() {
        return height + "x" + width;
    }
}
