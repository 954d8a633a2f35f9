package dev.fovea.image;

import static java.util.Objects.requireNonNull;

import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.LinkedHashMap;
import java.util.Random;
import java.util.SequencedMap;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageWriteParam;
import javax.imageio.ImageWriter;
import javax.imageio.stream.MemoryCacheImageOutputStream;

/** Pictures drawn and encoded for tests. */
final class Samples {

    private Samples() {}

    /** Smooth colours with some noise. */
    static Image picture(int height, int width) {
        var random = new Random(31 * height + width);
        var rgb = new byte[height * width * 3];
        for (int y = 0, k = 0; y < height; y++) {
            for (int x = 0; x < width; x++) {
                rgb[k++] = (byte) Math.min(255, 250 * x / width + random.nextInt(6));
                rgb[k++] = (byte) Math.min(255, 250 * y / height + random.nextInt(6));
                rgb[k++] = (byte) Math.min(255, 120 + 120 * (x + y) / (width + height) + random.nextInt(6));
            }
        }
        return new Image(height, width, rgb);
    }

    /** One small file of every format and main variant, by name. */
    static SequencedMap<String, byte[]> files() {
        var files = new LinkedHashMap<String, byte[]>();
        Image x = picture(30, 40);
        BufferedImage rgb = ImageEncoder.toBuffered(x);
        files.put("baseline.jpg", encode("jpeg", rgb, false));
        files.put("progressive.jpg", encode("jpeg", rgb, true));
        files.put("grey.jpg", encode("jpeg", redrawn(rgb, BufferedImage.TYPE_BYTE_GRAY), false));
        files.put("cmyk.jpg", resource("cmyk.jpg"));
        files.put("rgb.png", encode("png", rgb, false));
        files.put("interlaced.png", encode("png", rgb, true));
        files.put("palette.png", encode("png", redrawn(rgb, BufferedImage.TYPE_BYTE_INDEXED), false));
        files.put("alpha.png", encode("png", redrawn(rgb, BufferedImage.TYPE_4BYTE_ABGR), false));
        files.put("grey16.png", encode("png", redrawn(rgb, BufferedImage.TYPE_USHORT_GRAY), false));
        files.put("picture.gif", encode("gif", redrawn(rgb, BufferedImage.TYPE_BYTE_INDEXED), false));
        files.put("interlaced.gif", encode("gif", redrawn(rgb, BufferedImage.TYPE_BYTE_INDEXED), true));
        files.put("rgb.bmp", encode("bmp", rgb, false));
        files.put("palette.bmp", encode("bmp", redrawn(rgb, BufferedImage.TYPE_BYTE_INDEXED), false));
        files.put("lossy.webp", resource("lossy.webp"));
        files.put("lossless.webp", resource("lossless.webp"));
        files.put("alpha.webp", resource("alpha.webp"));
        files.put("animated.webp", resource("animated.webp"));
        return files;
    }

    static byte[] file(String name) {
        return requireNonNull(files().get(name), name);
    }

    static BufferedImage redrawn(BufferedImage picture, int type) {
        var redrawn = new BufferedImage(picture.getWidth(), picture.getHeight(), type);
        Graphics2D g = redrawn.createGraphics();
        g.drawImage(picture, 0, 0, null);
        g.dispose();
        return redrawn;
    }

    /** In the JDK's own encoder; progressive also means interlaced. */
    static byte[] encode(String format, BufferedImage picture, boolean progressive) {
        ImageWriter writer = ImageIO.getImageWritersByFormatName(format).next();
        var bytes = new ByteArrayOutputStream();
        try (var out = new MemoryCacheImageOutputStream(bytes)) {
            ImageWriteParam param = writer.getDefaultWriteParam();
            if (param.canWriteProgressive()) {
                param.setProgressiveMode(progressive ? ImageWriteParam.MODE_DEFAULT : ImageWriteParam.MODE_DISABLED);
            }
            writer.setOutput(out);
            writer.write(null, new IIOImage(picture, null, null), param);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            writer.dispose();
        }
        return bytes.toByteArray();
    }

    static byte[] resource(String name) {
        try (InputStream in = Samples.class.getResourceAsStream(name)) {
            return requireNonNull(in, name).readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
