package dev.fovea.image;

import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageWriteParam;
import javax.imageio.ImageWriter;
import javax.imageio.stream.MemoryCacheImageOutputStream;

/** Pictures to the bytes of a file. */
public final class ImageEncoder {

    private ImageEncoder() {}

    /** A PNG file, without loss. */
    public static byte[] png(Image image) {
        return write("png", image, -1);
    }

    /** A JPEG file; {@code quality} from 0 (smallest) to 1 (best). */
    public static byte[] jpeg(Image image, float quality) {
        return write("jpeg", image, quality);
    }

    /** The picture made smaller, when it is larger, so that it fits a square of the given side. */
    public static Image thumbnail(Image image, int side) {
        int longer = Math.max(image.height(), image.width());
        if (longer <= side) {
            return image;
        }
        int height = Math.max(1, Math.round((float) image.height() * side / longer));
        int width = Math.max(1, Math.round((float) image.width() * side / longer));
        return PillowResize.resize(image, height, width, Filter.BICUBIC);
    }

    /** The picture as Java2D draws on and with. */
    public static BufferedImage toBuffered(Image image) {
        var buffered = new BufferedImage(image.width(), image.height(), BufferedImage.TYPE_INT_RGB);
        var row = new int[image.width()];
        for (int y = 0, k = 0; y < image.height(); y++) {
            for (int x = 0; x < row.length; x++, k += 3) {
                byte[] rgb = image.rgb();
                row[x] = ((rgb[k] & 0xff) << 16) | ((rgb[k + 1] & 0xff) << 8) | (rgb[k + 2] & 0xff);
            }
            buffered.setRGB(0, y, row.length, 1, row, 0, row.length);
        }
        return buffered;
    }

    /** What Java2D has drawn, without its alpha channel. */
    public static Image of(BufferedImage buffered) {
        int height = buffered.getHeight();
        int width = buffered.getWidth();
        var rgb = new byte[height * width * 3];
        var row = new int[width];
        for (int y = 0, k = 0; y < height; y++) {
            buffered.getRGB(0, y, width, 1, row, 0, width);
            for (int x = 0; x < width; x++, k += 3) {
                rgb[k] = (byte) (row[x] >> 16);
                rgb[k + 1] = (byte) (row[x] >> 8);
                rgb[k + 2] = (byte) row[x];
            }
        }
        return new Image(height, width, rgb);
    }

    private static byte[] write(String format, Image image, float quality) {
        ImageIO.setUseCache(false);
        ImageWriter writer = ImageIO.getImageWritersByFormatName(format).next();
        var bytes = new ByteArrayOutputStream();
        try (var out = new MemoryCacheImageOutputStream(bytes)) {
            ImageWriteParam param = writer.getDefaultWriteParam();
            if (quality >= 0) {
                param.setCompressionMode(ImageWriteParam.MODE_EXPLICIT);
                param.setCompressionQuality(quality);
            }
            writer.setOutput(out);
            writer.write(null, new IIOImage(toBuffered(image), null, null), param);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            writer.dispose();
        }
        return bytes.toByteArray();
    }
}
