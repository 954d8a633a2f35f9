package dev.fovea.image;

import java.util.List;

/** Several pictures of one size side by side in one. */
public final class ImageGrid {

    private static final int GAP = 2;
    private static final int BACKGROUND = 255;

    private ImageGrid() {}

    /** Row by row, {@code columns} a row, on white with thin gaps. */
    public static Image of(List<Image> images, int columns) {
        if (images.isEmpty() || columns < 1) {
            throw new IllegalArgumentException("grid: found %d pictures in %d columns, wanted at least one of each"
                    .formatted(images.size(), columns));
        }
        int height = images.getFirst().height();
        int width = images.getFirst().width();
        int across = Math.min(columns, images.size());
        int rows = Math.ceilDiv(images.size(), across);
        Image grid = Image.filled(rows * (height + GAP) + GAP, across * (width + GAP) + GAP, BACKGROUND);
        for (int i = 0; i < images.size(); i++) {
            Image x = images.get(i);
            if (x.height() != height || x.width() != width) {
                throw new IllegalArgumentException("grid: picture %d is [%d, %d], the first [%d, %d]"
                        .formatted(i, x.height(), x.width(), height, width));
            }
            int top = GAP + i / across * (height + GAP);
            int left = GAP + i % across * (width + GAP);
            for (int row = 0; row < height; row++) {
                System.arraycopy(
                        x.rgb(), row * width * 3, grid.rgb(), ((top + row) * grid.width() + left) * 3, width * 3);
            }
        }
        return grid;
    }
}
