package dev.fovea.data.drawn;

import java.awt.geom.Area;
import java.awt.geom.Ellipse2D;
import java.awt.geom.Path2D;
import java.awt.geom.Rectangle2D;
import java.util.List;
import java.util.Locale;

/** Shapes of figures, each told from the others however it is turned. */
public enum Shape {
    CIRCLE,
    SQUARE,
    TRIANGLE,
    STAR,
    CROSS,
    RING,
    HEART,
    CRESCENT,
    ARROW,
    DIAMOND;

    static final List<Shape> ALL = List.of(values());

    /** The outline in a circle of radius 1 round the origin, y downwards. */
    java.awt.Shape outline() {
        return switch (this) {
            case CIRCLE -> disc(0, 0, 0.92);
            case SQUARE -> new Rectangle2D.Double(-0.71, -0.71, 1.42, 1.42);
            case TRIANGLE -> polygon(0, -1, 0.87, 0.5, -0.87, 0.5);
            case STAR -> star();
            case CROSS ->
                polygon(
                        -0.3, -0.95, 0.3, -0.95, 0.3, -0.3, 0.95, -0.3, 0.95, 0.3, 0.3, 0.3, 0.3, 0.95, -0.3, 0.95,
                        -0.3, 0.3, -0.95, 0.3, -0.95, -0.3, -0.3, -0.3);
            case RING -> without(disc(0, 0, 0.95), disc(0, 0, 0.55));
            case HEART -> heart();
            case CRESCENT -> without(disc(0, 0, 1), disc(0.45, 0, 0.8));
            case ARROW -> polygon(0, -1, 0.75, -0.1, 0.28, -0.1, 0.28, 0.95, -0.28, 0.95, -0.28, -0.1, -0.75, -0.1);
            case DIAMOND -> polygon(0, -1, 0.5, 0, 0, 1, -0.5, 0);
        };
    }

    private static java.awt.Shape star() {
        var points = new double[20];
        for (int i = 0; i < 10; i++) {
            double r = i % 2 == 0 ? 1 : 0.42;
            points[2 * i] = r * StrictMath.sin(i * StrictMath.PI / 5);
            points[2 * i + 1] = -r * StrictMath.cos(i * StrictMath.PI / 5);
        }
        return polygon(points);
    }

    private static java.awt.Shape heart() {
        var path = new Path2D.Double();
        path.moveTo(0, 0.95);
        path.curveTo(-0.35, 0.5, -1, 0.2, -0.97, -0.3);
        path.curveTo(-0.94, -0.85, -0.25, -0.95, 0, -0.4);
        path.curveTo(0.25, -0.95, 0.94, -0.85, 0.97, -0.3);
        path.curveTo(1, 0.2, 0.35, 0.5, 0, 0.95);
        path.closePath();
        return path;
    }

    private static Ellipse2D disc(double x, double y, double r) {
        return new Ellipse2D.Double(x - r, y - r, 2 * r, 2 * r);
    }

    private static Area without(java.awt.Shape whole, java.awt.Shape hole) {
        var area = new Area(whole);
        area.subtract(new Area(hole));
        return area;
    }

    private static Path2D polygon(double... points) {
        var path = new Path2D.Double();
        path.moveTo(points[0], points[1]);
        for (int i = 2; i < points.length; i += 2) {
            path.lineTo(points[i], points[i + 1]);
        }
        path.closePath();
        return path;
    }

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
