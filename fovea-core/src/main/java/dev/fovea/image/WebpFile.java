package dev.fovea.image;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Arrays;

/**
 * A WebP file; of an animation the first frame. Profiles and other metadata are left behind.
 *
 * @param alpha the frame's ALPH chunk, empty where it has none
 * @param frame its VP8 or VP8L chunk
 */
record WebpFile(ImageHeader header, int left, int top, int height, int width, byte[] alpha, byte[] frame)
        implements ImageFile {

    static WebpFile scan(byte[] file) throws IOException {
        long end = 8 + (Bytes.i32le(file, 4) & 0xffffffffL);
        if (end > file.length) {
            throw new IOException("truncated: WebP announces %d bytes, the file has %d".formatted(end, file.length));
        }
        return new Walk(file).run((int) end);
    }

    @Override
    public Image decode(DecodeOptions options) throws IOException {
        Image frame = Rasters.toRgb(Codec.WEBP.read(essence(options.background() != null)), options.background());
        return frame.onCanvas(header.height(), header.width(), top, left);
    }

    /** One pass over the chunks. */
    private static final class Walk {

        private final byte[] file;
        private int canvasWidth;
        private int canvasHeight;
        private int width;
        private int height;
        private int left;
        private int top;
        private byte[] alpha = {};
        private byte[] frame = {};
        private int orientation = 1;

        Walk(byte[] file) {
            this.file = file;
        }

        WebpFile run(int end) throws IOException {
            chunks(12, end);
            if (width == 0 || height == 0) {
                throw new IOException("WebP has no frame of at least 1x1 pixel");
            }
            if (canvasWidth == 0) {
                canvasWidth = width;
                canvasHeight = height;
            }
            if (left + width > canvasWidth || top + height > canvasHeight) {
                throw new IOException("WebP frame of %dx%d at (%d, %d) does not lie in its canvas of %dx%d"
                        .formatted(width, height, left, top, canvasWidth, canvasHeight));
            }
            return new WebpFile(
                    new ImageHeader(ImageFormat.WEBP, canvasHeight, canvasWidth, orientation),
                    left,
                    top,
                    height,
                    width,
                    alpha,
                    frame);
        }

        private void chunks(int from, int end) throws IOException {
            int at = from;
            while (at <= end - 8) {
                int length = Bytes.i32le(file, at + 4);
                if (length < 0 || length > end - at - 8) {
                    throw new IOException("truncated: WebP chunk at byte %d has %d bytes, %d are left"
                            .formatted(at, length & 0xffffffffL, end - at - 8));
                }
                int body = at + 8;
                boolean first = width == 0;
                if (ImageFormat.begins(file, at, "VP8X")) {
                    canvasWidth = Bytes.u24le(file, body + 4) + 1;
                    canvasHeight = Bytes.u24le(file, body + 7) + 1;
                } else if (ImageFormat.begins(file, at, "ANMF") && first && length >= 16) {
                    left = 2 * Bytes.u24le(file, body);
                    top = 2 * Bytes.u24le(file, body + 3);
                    chunks(body + 16, body + length);
                } else if (ImageFormat.begins(file, at, "EXIF")) {
                    int tiff = ImageFormat.begins(file, body, "Exif\0\0") ? body + 6 : body;
                    orientation = Orientation.ofExif(file, tiff, body + length);
                } else if (ImageFormat.begins(file, at, "ALPH") && first) {
                    alpha = chunk(at, length);
                } else if (ImageFormat.begins(file, at, "VP8 ") && first) {
                    if (length < 10 || !ImageFormat.begins(file, body + 3, "\u009d\u0001*")) {
                        throw new IOException("WebP frame at byte %d has no VP8 start code".formatted(at));
                    }
                    width = Bytes.u16le(file, body + 6) & 0x3fff;
                    height = Bytes.u16le(file, body + 8) & 0x3fff;
                    frame = chunk(at, length);
                } else if (ImageFormat.begins(file, at, "VP8L") && first) {
                    if (Bytes.u8(file, body) != 0x2f) {
                        throw new IOException("WebP frame at byte %d has no VP8L signature".formatted(at));
                    }
                    int bits = Bytes.i32le(file, body + 1);
                    width = (bits & 0x3fff) + 1;
                    height = ((bits >> 14) & 0x3fff) + 1;
                    frame = chunk(at, length);
                }
                at = body + length + (length & 1);
            }
        }

        private byte[] chunk(int at, int length) {
            return Arrays.copyOf(Arrays.copyOfRange(file, at, at + 8 + length), 8 + length + (length & 1));
        }
    }

    /** A file of one frame: with the header of an extended one where its alpha chunk goes with it. */
    private byte[] essence(boolean withAlpha) {
        boolean extended = withAlpha && alpha.length > 0;
        var out = new ByteArrayOutputStream();
        out.writeBytes(new byte[] {'R', 'I', 'F', 'F'});
        little(out, 4 + (extended ? 18 + alpha.length : 0) + frame.length, 4);
        out.writeBytes(new byte[] {'W', 'E', 'B', 'P'});
        if (extended) {
            out.writeBytes(new byte[] {'V', 'P', '8', 'X', 10, 0, 0, 0, 0x10, 0, 0, 0});
            little(out, width - 1, 3);
            little(out, height - 1, 3);
            out.writeBytes(alpha);
        }
        out.writeBytes(frame);
        return out.toByteArray();
    }

    private static void little(ByteArrayOutputStream out, int value, int bytes) {
        for (int i = 0; i < bytes; i++) {
            out.write(value >> (8 * i));
        }
    }
}
