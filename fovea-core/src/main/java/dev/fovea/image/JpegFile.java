package dev.fovea.image;

import java.awt.image.DataBufferByte;
import java.awt.image.Raster;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * A JPEG file. Its segments are walked here and only those that hold the picture are handed to the decoder, with a
 * colour marker of ours: so colours follow libjpeg's rules and not ImageIO's guesses, a broken profile or thumbnail
 * does no harm, and a missing end is seen before a half-grey picture comes of it.
 *
 * @param halfRows components stored with half the rows and all the columns (4:4:0, a turned 4:2:2)
 */
record JpegFile(ImageHeader header, Colours colours, boolean inverted, List<Integer> halfRows, byte[] essence)
        implements ImageFile {

    /** How components become red, green and blue, and the marker that says so. */
    enum Colours {
        GREY,
        YCC,
        RGB,
        CMYK,
        YCCK
    }

    /** Scans beyond this many make a small file cost minutes; encoders write about ten. */
    private static final int MAX_SCANS = 500;

    private static final byte[] JFIF = {
        (byte) 0xff, (byte) 0xe0, 0, 16, 'J', 'F', 'I', 'F', 0, 1, 1, 0, 0, 1, 0, 1, 0, 0
    };

    static JpegFile scan(byte[] file) throws IOException {
        var kept = new ByteArrayOutputStream(file.length + 32);
        int orientation = 1;
        int adobe = -1;
        boolean jfif = false;
        int frame = -1;
        int scans = 0;
        int dataBytes = 0;
        int at = 2;
        while (true) {
            while (Bytes.u8(file, at) != 0xff) { // libjpeg, too, passes over bytes between segments
                at++;
            }
            int marker;
            do {
                marker = Bytes.u8(file, ++at);
            } while (marker == 0xff);
            at++;
            if (marker == 0xd9) {
                break;
            }
            if (marker == 0 || marker == 1 || (marker >= 0xd0 && marker <= 0xd8)) {
                continue;
            }
            int length = Bytes.u16be(file, at);
            if (length < 2 || length > file.length - at) {
                throw new IOException("truncated: JPEG segment 0x%02x at byte %d has %d bytes, the file has %d left"
                        .formatted(marker, at - 2, length, file.length - at));
            }
            int body = at + 2;
            int next = at + length;
            boolean keep = false;
            switch (marker) {
                case 0xe0 -> jfif |= ImageFormat.begins(file, body, "JFIF\0");
                case 0xe1 -> {
                    if (length >= 8 && ImageFormat.begins(file, body, "Exif\0\0")) {
                        orientation = Orientation.ofExif(file, body + 6, next);
                    }
                }
                case 0xee -> {
                    if (length >= 14 && ImageFormat.begins(file, body, "Adobe")) {
                        adobe = file[body + 11] & 0xff;
                    }
                }
                case 0xc0, 0xc1, 0xc2 -> {
                    if (frame >= 0) {
                        throw new IOException("JPEG has two frame headers, at bytes %d and %d".formatted(frame, at));
                    }
                    frame = at;
                    keep = true;
                }
                case 0xc3, 0xc5, 0xc6, 0xc7, 0xc9, 0xca, 0xcb, 0xcd, 0xce, 0xcf ->
                    throw new IOException(
                            "JPEG process 0x%02x (lossless, hierarchical or arithmetic) is not read, ".formatted(marker)
                                    + "wanted baseline or progressive Huffman");
                case 0xc4, 0xdb, 0xdd -> keep = true;
                case 0xda -> {
                    if (++scans > MAX_SCANS) {
                        throw new IOException("JPEG has more than %d scans".formatted(MAX_SCANS));
                    }
                    next = endOfScan(file, next);
                    dataBytes += next - at;
                    keep = true;
                }
                default -> {}
            }
            if (keep) {
                if (kept.size() == 0) {
                    kept.write(file, 0, 2);
                }
                kept.write(file, at - 2, next - at + 2);
            }
            at = next;
        }
        if (frame < 0 || scans == 0) {
            throw new IOException(
                    "JPEG has no %s before its end marker".formatted(frame < 0 ? "frame header" : "scan"));
        }
        int precision = Bytes.u8(file, frame + 2);
        int height = Bytes.u16be(file, frame + 3);
        int width = Bytes.u16be(file, frame + 5);
        int components = Bytes.u8(file, frame + 7);
        if (precision != 8 || height == 0 || width == 0) {
            throw new IOException("JPEG frame is %dx%d with %d bits, wanted at least 1x1 with 8 bits"
                    .formatted(width, height, precision));
        }
        // The shortest code has one bit, and every block needs one.
        if ((long) ((height + 7) / 8) * ((width + 7) / 8) > 8L * dataBytes) {
            throw new IOException(
                    "JPEG announces %dx%d pixels, too many for %d bytes".formatted(width, height, dataBytes));
        }
        Colours colours = colours(file, frame, components, jfif, adobe);
        kept.write(0xff);
        kept.write(0xd9);
        return new JpegFile(
                new ImageHeader(ImageFormat.JPEG, height, width, orientation),
                colours,
                adobe >= 0,
                halfRows(file, frame, components),
                marked(kept.toByteArray(), colours));
    }

    /** Offset of the marker that ends entropy-coded data. */
    private static int endOfScan(byte[] file, int at) throws IOException {
        for (int i = at; i < file.length - 1; i++) {
            if (file[i] == (byte) 0xff) {
                int marker = file[i + 1] & 0xff;
                if (marker != 0 && marker != 0xff && (marker < 0xd0 || marker > 0xd7)) {
                    return i;
                }
            }
        }
        throw new IOException(
                "truncated: JPEG has no end marker; it ends at byte %d in the middle of a scan".formatted(file.length));
    }

    private static Colours colours(byte[] file, int frame, int components, boolean jfif, int adobe) throws IOException {
        return switch (components) {
            case 1 -> Colours.GREY;
            case 3 -> {
                boolean named = Bytes.u8(file, frame + 8) == 'R'
                        && Bytes.u8(file, frame + 11) == 'G'
                        && Bytes.u8(file, frame + 14) == 'B';
                yield !jfif && (adobe == 0 || (adobe < 0 && named)) ? Colours.RGB : Colours.YCC;
            }
            case 4 -> adobe <= 0 ? Colours.CMYK : Colours.YCCK;
            default -> throw new IOException("JPEG has %d components, wanted 1, 3 or 4".formatted(components));
        };
    }

    private static List<Integer> halfRows(byte[] file, int frame, int components) throws IOException {
        int most = 0;
        for (int c = 0; c < components; c++) {
            int factors = Bytes.u8(file, frame + 9 + 3 * c);
            most = Math.max(most & 0xf0, factors & 0xf0) | Math.max(most & 0xf, factors & 0xf);
        }
        var found = new ArrayList<Integer>();
        for (int c = 0; c < components; c++) {
            int factors = Bytes.u8(file, frame + 9 + 3 * c);
            if ((factors & 0xf0) == (most & 0xf0) && 2 * (factors & 0xf) == (most & 0xf)) {
                found.add(c);
            }
        }
        return found;
    }

    private static byte[] marked(byte[] kept, Colours colours) {
        byte[] marker =
                switch (colours) {
                    case GREY, YCC -> JFIF;
                    case RGB, CMYK -> adobe(0);
                    case YCCK -> adobe(2);
                };
        var essence = new byte[kept.length + marker.length];
        System.arraycopy(kept, 0, essence, 0, 2);
        System.arraycopy(marker, 0, essence, 2, marker.length);
        System.arraycopy(kept, 2, essence, 2 + marker.length, kept.length - 2);
        return essence;
    }

    private static byte[] adobe(int transform) {
        return new byte[] {
            (byte) 0xff, (byte) 0xee, 0, 14, 'A', 'd', 'o', 'b', 'e', 0, 100, 0, 0, 0, 0, (byte) transform
        };
    }

    @Override
    public Image decode(DecodeOptions options) throws IOException {
        Raster raster = Codec.JPEG.readRaster(essence);
        byte[] data = ((DataBufferByte) raster.getDataBuffer()).getData();
        int wanted = header.height() * header.width() * raster.getNumBands();
        if (data.length != wanted) {
            throw new IOException("JPEG decoder gave %d bytes, wanted %d".formatted(data.length, wanted));
        }
        for (int component : halfRows) {
            Colour.smoothRows(data, header.height(), header.width(), raster.getNumBands(), component);
        }
        byte[] rgb =
                switch (colours) {
                    case GREY -> Colour.greyToRgb(data);
                    case RGB -> data;
                    case YCC -> Colour.yccToRgb(data, 3);
                    case CMYK -> Colour.cmykToRgb(data, inverted);
                    case YCCK -> Colour.cmykToRgb(Colour.ycckToCmyk(data), inverted);
                };
        return new Image(header.height(), header.width(), rgb);
    }
}
