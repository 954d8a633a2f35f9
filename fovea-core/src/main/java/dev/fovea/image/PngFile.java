package dev.fovea.image;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.zip.CRC32;

/**
 * A PNG file, its checksums verified. Only the chunks that hold the picture go to the decoder, so that none of the
 * compressed texts and profiles beside it is ever unpacked.
 */
record PngFile(ImageHeader header, byte[] essence) implements ImageFile {

    /** No deflate stream unpacks to more than this many times its size. */
    private static final long MAX_DEFLATE_RATIO = 1032;

    static PngFile scan(byte[] file) throws IOException {
        var kept = new ByteArrayOutputStream(file.length);
        kept.write(file, 0, 8);
        int height = 0;
        int width = 0;
        long rowBits = 0;
        int orientation = 1;
        long packed = 0;
        int at = 8;
        while (true) {
            int length = Bytes.i32be(file, at);
            if (length < 0 || length > file.length - at - 12) {
                throw new IOException("truncated: PNG chunk at byte %d has %d bytes, the file has %d left"
                        .formatted(at, length & 0xffffffffL, file.length - at));
            }
            int type = Bytes.i32be(file, at + 4);
            boolean keep =
                    switch (type) {
                        case 0x49484452, 0x504c5445, 0x74524e53, 0x49444154, 0x49454e44 ->
                            true; // IHDR PLTE tRNS IDAT IEND
                        default -> false;
                    };
            if (type == 0x65584966) { // eXIf
                orientation = Orientation.ofExif(file, at + 8, at + 8 + length);
            }
            if (keep) {
                checkCrc(file, at, length);
                kept.write(file, at, length + 12);
            }
            if (type == 0x49484452) {
                if (at != 8 || length != 13) {
                    throw new IOException(
                            "PNG header of %d bytes at byte %d, wanted 13 bytes at byte 8".formatted(length, at));
                }
                width = Bytes.i32be(file, at + 8);
                height = Bytes.i32be(file, at + 12);
                rowBits = (long) width * Bytes.u8(file, at + 16) * channels(Bytes.u8(file, at + 17));
            } else if (at == 8) {
                throw new IOException("PNG begins with chunk 0x%08x, wanted IHDR".formatted(type));
            }
            if (type == 0x49444154) {
                packed += length;
            } else if (type == 0x49454e44) {
                break;
            }
            at += length + 12;
        }
        if (height < 1 || width < 1 || packed == 0) {
            throw new IOException("PNG is %dx%d with %d bytes of data, wanted at least 1x1 with some"
                    .formatted(width, height, packed));
        }
        if ((rowBits + 7) / 8 > packed * MAX_DEFLATE_RATIO / height) {
            throw new IOException(
                    "PNG announces %dx%d pixels, too many for %d bytes of data".formatted(width, height, packed));
        }
        return new PngFile(new ImageHeader(ImageFormat.PNG, height, width, orientation), kept.toByteArray());
    }

    private static int channels(int colourType) throws IOException {
        return switch (colourType) {
            case 0, 3 -> 1;
            case 2 -> 3;
            case 4 -> 2;
            case 6 -> 4;
            default -> throw new IOException("PNG has colour type %d, wanted 0, 2, 3, 4 or 6".formatted(colourType));
        };
    }

    private static void checkCrc(byte[] file, int at, int length) throws IOException {
        var crc = new CRC32();
        crc.update(file, at + 4, length + 4);
        int found = Bytes.i32be(file, at + 8 + length);
        if ((int) crc.getValue() != found) {
            throw new IOException("damaged PNG: chunk at byte %d has checksum %08x, its bytes give %08x"
                    .formatted(at, found, (int) crc.getValue()));
        }
    }

    @Override
    public Image decode(DecodeOptions options) throws IOException {
        return Rasters.toRgb(Codec.PNG.read(essence), options.background());
    }
}
