package dev.fovea.image;

import java.io.IOException;

/** The EXIF orientation: how a camera was held. */
final class Orientation {

    private static final int TAG = 0x0112;

    private Orientation() {}

    /** Orientation 1 to 8 in the TIFF structure of an EXIF block; 1 where it has none or is damaged. */
    static int ofExif(byte[] b, int from, int to) {
        try {
            boolean big = ImageFormat.begins(b, from, "MM\0*");
            if (!big && !ImageFormat.begins(b, from, "II*\0")) {
                return 1;
            }
            int directory = from + (big ? Bytes.i32be(b, from + 4) : Bytes.i32le(b, from + 4));
            if (directory < from || directory > to - 2) {
                return 1;
            }
            int entries = big ? Bytes.u16be(b, directory) : Bytes.u16le(b, directory);
            for (int i = 0; i < entries; i++) {
                int entry = directory + 2 + 12 * i;
                if (entry > to - 12) {
                    break;
                }
                if ((big ? Bytes.u16be(b, entry) : Bytes.u16le(b, entry)) == TAG) {
                    int value = big ? Bytes.u16be(b, entry + 8) : Bytes.u16le(b, entry + 8);
                    return value >= 1 && value <= 8 ? value : 1;
                }
            }
        } catch (IOException _) {
            return 1; // EXIF is not the picture: broken metadata must not lose one
        }
        return 1;
    }

    /** The picture turned upright. */
    static Image upright(Image x, int orientation) {
        if (orientation == 1) {
            return x;
        } else if (orientation == 2) {
            return x.flipLeftRight();
        }
        int h = x.height();
        int w = x.width();
        boolean swap = orientation >= 5;
        int outHeight = swap ? w : h;
        int outWidth = swap ? h : w;
        var rgb = new byte[x.rgb().length];
        for (int r = 0, k = 0; r < outHeight; r++) {
            for (int c = 0; c < outWidth; c++, k += 3) {
                int from =
                        switch (orientation) {
                            case 3 -> (h - 1 - r) * w + w - 1 - c;
                            case 4 -> (h - 1 - r) * w + c;
                            case 5 -> c * w + r;
                            case 6 -> (h - 1 - c) * w + r;
                            case 7 -> (h - 1 - c) * w + w - 1 - r;
                            case 8 -> c * w + w - 1 - r;
                            default ->
                                throw new IllegalArgumentException(
                                        "EXIF orientation must lie in 1 to 8, found " + orientation);
                        };
                rgb[k] = x.rgb()[from * 3];
                rgb[k + 1] = x.rgb()[from * 3 + 1];
                rgb[k + 2] = x.rgb()[from * 3 + 2];
            }
        }
        return new Image(outHeight, outWidth, rgb);
    }
}
