package dev.fovea.image;

import java.awt.image.BufferedImage;
import java.awt.image.Raster;
import java.io.IOException;
import java.util.Iterator;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.spi.IIORegistry;
import javax.imageio.spi.ImageReaderSpi;
import javax.imageio.stream.ImageInputStreamImpl;

/** The one ImageIO reader of each format that files are decoded with, whatever else is registered. */
final class Codec {

    static final Codec JPEG = new Codec("JPEG", "com.sun.imageio.plugins.jpeg.");
    static final Codec PNG = new Codec("PNG", "com.sun.imageio.plugins.png.");
    static final Codec BMP = new Codec("BMP", "com.sun.imageio.plugins.bmp.");
    static final Codec WEBP = new Codec("WebP", "com.twelvemonkeys.imageio.plugins.webp.");

    static {
        ImageIO.setUseCache(false);
    }

    private final String format;
    private final ImageReaderSpi spi;

    private Codec(String format, String packageName) {
        this.format = format;
        this.spi = find(packageName);
    }

    private static ImageReaderSpi find(String packageName) {
        Iterator<ImageReaderSpi> spis =
                IIORegistry.getDefaultInstance().getServiceProviders(ImageReaderSpi.class, true);
        while (spis.hasNext()) {
            ImageReaderSpi spi = spis.next();
            if (spi.getClass().getName().startsWith(packageName)) {
                return spi;
            }
        }
        throw new IllegalStateException("no image reader in " + packageName + "; is its jar on the class path?");
    }

    BufferedImage read(byte[] file) throws IOException {
        return with(file, reader -> reader.read(0));
    }

    Raster readRaster(byte[] file) throws IOException {
        return with(file, reader -> reader.readRaster(0, null));
    }

    private interface Reading<T> {
        T read(ImageReader reader) throws IOException;
    }

    private <T> T with(byte[] file, Reading<T> reading) throws IOException {
        var damage = new StringBuilder();
        ImageReader reader = spi.createReaderInstance();
        try {
            reader.addIIOReadWarningListener((_, warning) -> {
                if (!warning.contains("extraneous bytes before marker")) { // libjpeg: no pixel is lost by those
                    damage.append(damage.isEmpty() ? "" : "; ").append(warning);
                }
            });
            reader.setInput(new Input(file), true, true);
            T picture = reading.read(reader);
            if (!damage.isEmpty()) {
                throw new IOException("damaged %s: %s".formatted(format, damage));
            }
            return picture;
        } finally {
            reader.dispose();
        }
    }

    /** Bytes as ImageIO wants them, without a copy. */
    static final class Input extends ImageInputStreamImpl {

        /** A decoder that takes the end of a file for zeros (WebP's) would go on for minutes where a header claims much. */
        static final int MOST_READS_PAST_THE_END = 10_000;

        private final byte[] bytes;
        private int readsPastTheEnd;

        Input(byte[] bytes) {
            this.bytes = bytes;
        }

        @Override
        public int read() throws IOException {
            bitOffset = 0;
            return streamPos < bytes.length ? bytes[(int) streamPos++] & 0xff : end();
        }

        @Override
        public int read(byte[] into, int offset, int count) throws IOException {
            bitOffset = 0;
            if (streamPos >= bytes.length) {
                return end();
            }
            int n = Math.min(count, bytes.length - (int) streamPos);
            System.arraycopy(bytes, (int) streamPos, into, offset, n);
            streamPos += n;
            return n;
        }

        private int end() throws IOException {
            if (++readsPastTheEnd > MOST_READS_PAST_THE_END) {
                throw new IOException(
                        "truncated, or its header claims more than its %d bytes hold".formatted(bytes.length));
            }
            return -1;
        }

        @Override
        public long length() {
            return bytes.length;
        }
    }
}
