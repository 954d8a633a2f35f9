package dev.fovea.image;

import java.awt.image.BufferedImage;
import java.awt.image.ColorModel;
import java.awt.image.ComponentSampleModel;
import java.awt.image.DataBufferByte;
import java.awt.image.IndexColorModel;
import java.awt.image.PackedColorModel;
import java.awt.image.Raster;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** Samples as a decoder stores them to RGB bytes, never through a colour conversion: the numbers of the file count. */
final class Rasters {

    private Rasters() {}

    static Image toRgb(BufferedImage picture, @Nullable Integer background) throws IOException {
        Raster raster = picture.getRaster();
        ColorModel model = picture.getColorModel();
        int height = picture.getHeight();
        int width = picture.getWidth();
        byte[] rgb = interleavedRgb(raster, model);
        if (rgb != null) {
            return new Image(height, width, rgb);
        }
        rgb = new byte[height * width * 3];
        Rows rows = rows(raster, model);
        var argb = new int[width];
        for (int y = 0, k = 0; y < height; y++) {
            rows.read(y, argb);
            for (int x = 0; x < width; x++, k += 3) {
                int p = background == null ? argb[x] : over(argb[x], background);
                rgb[k] = (byte) (p >> 16);
                rgb[k + 1] = (byte) (p >> 8);
                rgb[k + 2] = (byte) p;
            }
        }
        return new Image(height, width, rgb);
    }

    private interface Rows {
        /** Row y as 0xAARRGGBB, not premultiplied. */
        void read(int y, int[] argb);
    }

    private static Rows rows(Raster raster, ColorModel model) throws IOException {
        int width = raster.getWidth();
        if (model instanceof IndexColorModel indexed) {
            var palette = new int[indexed.getMapSize()];
            indexed.getRGBs(palette);
            var samples = new int[width];
            return (y, argb) -> {
                raster.getSamples(0, y, width, 1, 0, samples);
                for (int x = 0; x < width; x++) {
                    argb[x] = palette[samples[x]];
                }
            };
        }
        if (model instanceof PackedColorModel) {
            return (y, argb) -> {
                Object pixel = null;
                for (int x = 0; x < width; x++) {
                    pixel = raster.getDataElements(x, y, pixel);
                    argb[x] = model.getRGB(pixel);
                }
            };
        }
        int bands = raster.getNumBands();
        int bits = raster.getSampleModel().getSampleSize(0);
        if ((bits != 8 && bits != 16) || bands > 4) {
            throw new IOException("decoder gave %d bands of %d bits, wanted 1 to 4 of 8 or 16".formatted(bands, bits));
        }
        int shift = bits - 8;
        boolean grey = bands < 3;
        boolean alpha = bands == 2 || bands == 4;
        var samples = new int[width * bands];
        return (y, argb) -> {
            raster.getPixels(0, y, width, 1, samples);
            for (int x = 0, s = 0; x < width; x++, s += bands) {
                int r = samples[s] >> shift;
                int g = grey ? r : samples[s + 1] >> shift;
                int b = grey ? r : samples[s + 2] >> shift;
                int a = alpha ? samples[s + bands - 1] >> shift : 255;
                argb[x] = (a << 24) | (r << 16) | (g << 8) | b;
            }
        };
    }

    /** The quick way for the commonest kinds: three interleaved bytes a pixel, or one. */
    private static byte @Nullable [] interleavedRgb(Raster raster, ColorModel model) {
        if (!(raster.getSampleModel() instanceof ComponentSampleModel layout)
                || !(raster.getDataBuffer() instanceof DataBufferByte buffer)
                || model instanceof IndexColorModel
                || buffer.getNumBanks() != 1
                || buffer.getOffset() != 0) {
            return null;
        }
        byte[] data = buffer.getData();
        int bands = layout.getNumBands();
        int area = raster.getWidth() * raster.getHeight();
        boolean packed = data.length == area * bands
                && layout.getPixelStride() == bands
                && layout.getScanlineStride() == raster.getWidth() * bands;
        if (!packed || (bands != 1 && bands != 3)) {
            return null;
        }
        if (bands == 1) {
            return Colour.greyToRgb(data);
        }
        int[] at = layout.getBandOffsets();
        if (at[0] == 0 && at[1] == 1 && at[2] == 2) {
            return data;
        }
        for (int i = 0; i < data.length; i += 3) {
            byte r = data[i + at[0]];
            byte g = data[i + at[1]];
            byte b = data[i + at[2]];
            data[i] = r;
            data[i + 1] = g;
            data[i + 2] = b;
        }
        return data;
    }

    /** A colour 0xAARRGGBB laid over another. */
    static int over(int argb, int background) {
        int a = argb >>> 24;
        int p = 0;
        for (int shift = 16; shift >= 0; shift -= 8) {
            int front = (argb >> shift) & 0xff;
            int back = (background >> shift) & 0xff;
            p |= Colour.divide255(front * a + back * (255 - a)) << shift;
        }
        return p;
    }
}
