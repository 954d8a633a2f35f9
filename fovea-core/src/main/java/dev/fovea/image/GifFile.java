package dev.fovea.image;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * A GIF file; its first frame, on a black canvas where it does not fill the screen, as TensorFlow does. Decoded here:
 * ImageIO gives a frame whose data ends early with its last rows black, and no sign of it.
 *
 * @param palette of the frame, 0xAARRGGBB
 * @param codes the frame's compressed data, its blocks joined
 */
record GifFile(
        ImageHeader header,
        int left,
        int top,
        int height,
        int width,
        boolean interlaced,
        int[] palette,
        int codeSize,
        byte[] codes)
        implements ImageFile {

    private static final int[][] PASSES = {{0, 8}, {4, 8}, {2, 4}, {1, 2}};

    static GifFile scan(byte[] file) throws IOException {
        int flags = Bytes.u8(file, 10);
        int at = 13 + tableBytes(flags);
        int table = 13;
        int transparent = -1;
        while (true) {
            int block = Bytes.u8(file, at);
            if (block == 0x2c) {
                break;
            } else if (block == 0x3b) {
                throw new IOException("GIF has no frame");
            } else if (block != 0x21) {
                throw new IOException("damaged GIF: block 0x%02x at byte %d".formatted(block, at));
            }
            if (Bytes.u8(file, at + 1) == 0xf9 && (Bytes.u8(file, at + 3) & 1) == 1) {
                transparent = Bytes.u8(file, at + 6);
            }
            at = endOfBlocks(file, at + 2, null);
        }
        int left = Bytes.u16le(file, at + 1);
        int top = Bytes.u16le(file, at + 3);
        int width = Bytes.u16le(file, at + 5);
        int height = Bytes.u16le(file, at + 7);
        int frameFlags = Bytes.u8(file, at + 9);
        if (width == 0 || height == 0) {
            throw new IOException("GIF frame is %dx%d, wanted at least 1x1".formatted(width, height));
        }
        if (tableBytes(frameFlags) > 0) {
            table = at + 10;
            flags = frameFlags;
        }
        int data = at + 10 + tableBytes(frameFlags);
        var codes = new ByteArrayOutputStream();
        endOfBlocks(file, data + 1, codes);
        int canvasHeight = Math.max(Bytes.u16le(file, 8), top + height);
        int canvasWidth = Math.max(Bytes.u16le(file, 6), left + width);
        return new GifFile(
                new ImageHeader(ImageFormat.GIF, canvasHeight, canvasWidth, 1),
                left,
                top,
                height,
                width,
                (frameFlags & 0x40) != 0,
                palette(file, table, tableBytes(flags) / 3, transparent),
                Bytes.u8(file, data),
                codes.toByteArray());
    }

    private static int tableBytes(int flags) {
        return (flags & 0x80) == 0 ? 0 : 3 << ((flags & 7) + 1);
    }

    private static int[] palette(byte[] file, int at, int colours, int transparent) throws IOException {
        if (colours == 0) {
            throw new IOException("GIF frame has no colour table");
        }
        var palette = new int[256];
        for (int i = 0; i < colours; i++) {
            int rgb = (Bytes.u8(file, at + 3 * i) << 16)
                    | (Bytes.u8(file, at + 3 * i + 1) << 8)
                    | Bytes.u8(file, at + 3 * i + 2);
            palette[i] = (i == transparent ? 0 : 0xff000000) | rgb;
        }
        return palette;
    }

    private static int endOfBlocks(byte[] file, int from, @Nullable ByteArrayOutputStream joined) throws IOException {
        int at = from;
        while (true) {
            int size = Bytes.u8(file, at);
            if (size == 0) {
                return at + 1;
            }
            if (joined != null) {
                Bytes.u8(file, at + size); // whole, or an error
                joined.write(file, at + 1, size);
            }
            at += 1 + size;
        }
    }

    @Override
    public Image decode(DecodeOptions options) throws IOException {
        byte[] indices = Lzw.decode(codes, codeSize, height * width);
        var rgb = new byte[height * width * 3];
        Integer background = options.background();
        int row = 0;
        for (int[] pass : interlaced ? PASSES : new int[][] {{0, 1}}) {
            for (int y = pass[0]; y < height; y += pass[1], row++) {
                for (int x = 0, k = y * width * 3; x < width; x++, k += 3) {
                    int p = palette[indices[row * width + x] & 0xff];
                    p = background == null ? p : Rasters.over(p, background);
                    rgb[k] = (byte) (p >> 16);
                    rgb[k + 1] = (byte) (p >> 8);
                    rgb[k + 2] = (byte) p;
                }
            }
        }
        return new Image(height, width, rgb).onCanvas(header.height(), header.width(), top, left);
    }
}
