package dev.fovea.image;

import java.util.ArrayList;
import java.util.List;

/**
 * Gemma 3's crops of long pictures: none below a ratio, else two to {@code maxCrops} along the longer side.
 *
 * @param minCropSize no crops when a side of one would be shorter
 * @param minRatio no crops when the longer side is less than this many times the shorter
 */
public record PanAndScan(int minCropSize, int maxCrops, double minRatio) {

    /** The defaults of the published processor. */
    public static final PanAndScan DEFAULT = new PanAndScan(256, 4, 1.2);

    public PanAndScan {
        if (minCropSize < 1 || maxCrops < 1 || !(minRatio >= 1)) {
            throw new IllegalArgumentException(
                    "pan and scan: found crop size %d, crops %d, ratio %s; wanted at least 1 each"
                            .formatted(minCropSize, maxCrops, minRatio));
        }
    }

    /** The crops, from left to right or from top to bottom; without the picture itself. */
    public List<Image> crops(Image x) {
        boolean wide = x.width() >= x.height();
        int longer = wide ? x.width() : x.height();
        int shorter = wide ? x.height() : x.width();
        double ratio = (double) longer / shorter;
        if (ratio < minRatio) {
            return List.of();
        }
        int count = Math.min((int) Math.floor(ratio + 0.5), longer / minCropSize);
        count = Math.min(Math.max(count, 2), maxCrops);
        int length = Math.ceilDiv(longer, count);
        if (Math.min(length, shorter) < minCropSize) {
            return List.of();
        }
        var crops = new ArrayList<Image>();
        for (int at = 0; at < longer; at += length) {
            int end = Math.min(at + length, longer);
            crops.add(wide ? x.crop(0, at, shorter, end - at) : x.crop(at, 0, end - at, shorter));
        }
        return crops;
    }
}
