package dev.fovea.image;

import java.io.IOException;

/** A Windows or OS/2 bitmap, its announced size checked against the file's. */
record BmpFile(ImageHeader header, byte[] file) implements ImageFile {

    static BmpFile scan(byte[] file) throws IOException {
        int dataAt = Bytes.i32le(file, 10);
        int infoSize = Bytes.i32le(file, 14);
        boolean core = infoSize == 12;
        int width = core ? Bytes.u16le(file, 18) : Bytes.i32le(file, 18);
        int signedHeight = core ? Bytes.u16le(file, 20) : Bytes.i32le(file, 22);
        int bits = Bytes.u16le(file, core ? 24 : 28);
        int compression = core ? 0 : Bytes.i32le(file, 30);
        long height = Math.abs((long) signedHeight);
        if (width < 1 || height < 1 || height > Integer.MAX_VALUE) {
            throw new IOException("BMP is %dx%d, wanted at least 1x1".formatted(width, signedHeight));
        }
        if (!(bits == 1 || bits == 4 || bits == 8 || bits == 16 || bits == 24 || bits == 32)) {
            throw new IOException("BMP has %d bits a pixel, wanted 1, 4, 8, 16, 24 or 32".formatted(bits));
        }
        boolean runs = (compression == 1 && bits == 8) || (compression == 2 && bits == 4);
        boolean plain = compression == 0 || (compression == 3 && bits >= 16);
        if (!runs && !plain) {
            throw new IOException(
                    "BMP has compression %d at %d bits a pixel, wanted 0 to 3".formatted(compression, bits));
        }
        long rowBytes = ((long) width * bits + 31) / 32 * 4;
        if (dataAt < 26 || dataAt > file.length || (plain && rowBytes * height > file.length - dataAt)) {
            throw new IOException(
                    "truncated: BMP of %dx%d with %d bits a pixel needs %d bytes from byte %d, the file has %d"
                            .formatted(width, height, bits, rowBytes * height, dataAt, file.length));
        }
        return new BmpFile(new ImageHeader(ImageFormat.BMP, (int) height, width, 1), file);
    }

    @Override
    public Image decode(DecodeOptions options) throws IOException {
        return Rasters.toRgb(Codec.BMP.read(file), options.background());
    }
}
