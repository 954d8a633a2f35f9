package dev.fovea.image;

import java.io.ByteArrayOutputStream;
import java.io.IOException;

/** A GIF file; its first frame, on a black canvas where it does not fill the screen, as TensorFlow does. */
record GifFile(ImageHeader header, int left, int top, byte[] essence) implements ImageFile {

    static GifFile scan(byte[] file) throws IOException {
        int screenWidth = Bytes.u16le(file, 6);
        int screenHeight = Bytes.u16le(file, 8);
        int at = 13 + colourTable(Bytes.u8(file, 10));
        int tableEnd = at;
        int control = -1;
        while (true) {
            int block = Bytes.u8(file, at);
            if (block == 0x2c) {
                break;
            } else if (block == 0x3b) {
                throw new IOException("GIF has no frame");
            } else if (block != 0x21) {
                throw new IOException("damaged GIF: block 0x%02x at byte %d".formatted(block, at));
            }
            if (Bytes.u8(file, at + 1) == 0xf9) {
                control = at;
            }
            at = endOfBlocks(file, at + 2);
        }
        int left = Bytes.u16le(file, at + 1);
        int top = Bytes.u16le(file, at + 3);
        int width = Bytes.u16le(file, at + 5);
        int height = Bytes.u16le(file, at + 7);
        if (width == 0 || height == 0) {
            throw new IOException("GIF frame is %dx%d, wanted at least 1x1".formatted(width, height));
        }
        int data = at + 10 + colourTable(Bytes.u8(file, at + 9));
        int end = endOfBlocks(file, data + 1);
        var kept = new ByteArrayOutputStream(end - at + tableEnd + 16);
        kept.write(file, 0, 6);
        kept.write(file, at + 5, 4); // the frame is the whole screen of the file handed on
        kept.write(file, 10, tableEnd - 10);
        if (control >= 0) {
            kept.write(file, control, endOfBlocks(file, control + 2) - control);
        }
        kept.write(0x2c);
        kept.write(new byte[4], 0, 4);
        kept.write(file, at + 5, end - at - 5);
        kept.write(0x3b);
        var header = new ImageHeader(
                ImageFormat.GIF, Math.max(screenHeight, top + height), Math.max(screenWidth, left + width), 1);
        return new GifFile(header, left, top, kept.toByteArray());
    }

    private static int colourTable(int flags) {
        return (flags & 0x80) == 0 ? 0 : 3 << ((flags & 7) + 1);
    }

    private static int endOfBlocks(byte[] file, int from) throws IOException {
        int at = from;
        int size;
        do {
            size = Bytes.u8(file, at);
            at += 1 + size;
        } while (size != 0);
        return at;
    }

    @Override
    public Image decode(DecodeOptions options) throws IOException {
        Image frame = Rasters.toRgb(Codec.GIF.read(essence), options.background());
        return frame.onCanvas(header.height(), header.width(), top, left);
    }
}
