package dev.fovea.data.drawn;

import dev.fovea.image.Image;
import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.Shape;
import java.awt.geom.AffineTransform;
import java.awt.image.BufferedImage;
import java.awt.image.DataBufferByte;
import java.util.Arrays;
import java.util.SplittableRandom;

/** A picture in the making: a background, then one outline over the other, then noise. */
final class Canvas {

    private final int size;
    private final float[] values; // [H, W, 3], 0 to 255
    private final BufferedImage layer;
    private final byte[] coverage;

    Canvas(int size) {
        this.size = size;
        this.values = new float[size * size * 3];
        this.layer = new BufferedImage(size, size, BufferedImage.TYPE_BYTE_GRAY);
        this.coverage = ((DataBufferByte) layer.getRaster().getDataBuffer()).getData();
    }

    /** Every value a slope over the picture: {@code at} at its upper left, plus so much to the right and downwards. */
    void background(double[] at, double[] right, double[] down) {
        for (int y = 0, i = 0; y < size; y++) {
            for (int x = 0; x < size; x++) {
                for (int c = 0; c < 3; c++) {
                    values[i++] = (float) (at[c] + right[c] * x / size + down[c] * y / size);
                }
            }
        }
    }

    /** Fills an outline in a colour; returns how much of each pixel it covers, 0 to 255 [H, W]. */
    byte[] fill(Shape outline, double[] rgb) {
        Arrays.fill(coverage, (byte) 0);
        Graphics2D g = layer.createGraphics();
        try {
            g.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
            g.setRenderingHint(RenderingHints.KEY_STROKE_CONTROL, RenderingHints.VALUE_STROKE_PURE);
            g.setColor(Color.WHITE);
            g.fill(outline);
        } finally {
            g.dispose();
        }
        for (int i = 0; i < coverage.length; i++) {
            float a = (coverage[i] & 0xff) / 255f;
            for (int c = 0; c < 3 && a > 0; c++) {
                values[3 * i + c] += a * ((float) rgb[c] - values[3 * i + c]);
            }
        }
        return coverage.clone();
    }

    /** Strokes as outlines of so many pixels' width. */
    static Shape stroked(Shape strokes, double width) {
        return new BasicStroke((float) width, BasicStroke.CAP_ROUND, BasicStroke.JOIN_ROUND)
                .createStrokedShape(strokes);
    }

    /** An outline scaled, turned and moved; the same on every machine, which {@code Math.sin} is not bound to be. */
    static Shape placed(Shape outline, double scale, double angle, double x, double y) {
        double cos = scale * StrictMath.cos(angle);
        double sin = scale * StrictMath.sin(angle);
        return new AffineTransform(cos, sin, -sin, cos, x, y).createTransformedShape(outline);
    }

    /** The picture with noise of the given standard deviation. */
    Image image(double noise, SplittableRandom random) {
        var rgb = new byte[values.length];
        for (int i = 0; i < rgb.length; i++) {
            double v = values[i] + (noise > 0 ? 255 * noise * gaussian(random) : 0);
            rgb[i] = (byte) Math.clamp(Math.round(v), 0, 255);
        }
        return new Image(size, size, rgb);
    }

    /** Near enough to a normal variate, of four uniform ones: sums are the same everywhere, logarithms need not be. */
    private static double gaussian(SplittableRandom random) {
        double sum = random.nextDouble() + random.nextDouble() + random.nextDouble() + random.nextDouble();
        return (sum - 2) * 1.7320508075688772;
    }
}
