package dev.fovea.data.drawn;

import dev.fovea.data.Seeds;
import dev.fovea.image.Image;
import java.awt.geom.AffineTransform;
import java.awt.geom.Path2D;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/** One picture: what stands where, drawn from (seed, index). */
final class Scene {

    // Distance of a figure's colour from the ground, of 441 between black and white; some colour of the eight is always
    // as far.
    private static final double LEAST_CONTRAST = 115;

    private final DrawnConfig config;
    private final int size;
    private final SplittableRandom random;
    private final Canvas canvas;
    private final double[] ground = new double[3];
    private final double[] right = new double[3];
    private final double[] down = new double[3];
    private final List<Placed> placed = new ArrayList<>();

    /** @param coverage 0 to 255 [H, W] */
    private record Placed(String name, Colour colour, double x, double y, double radius, byte[] coverage) {}

    private Scene(DrawnConfig config, long index) {
        this.config = config;
        this.size = config.size();
        this.random = Seeds.generator(config.seed(), index);
        this.canvas = new Canvas(size);
    }

    static DrawnExample draw(DrawnConfig config, long index) {
        var scene = new Scene(config, index);
        scene.background();
        int label = scene.figures();
        Image image = scene.canvas.image(config.noise(), scene.random);
        List<Figure> figures = scene.seen();
        return new DrawnExample(
                index,
                image,
                label,
                figures,
                Texts.caption(config.task(), figures),
                Texts.questions(config.task(), figures, scene.random));
    }

    private void background() {
        for (int c = 0; c < 3; c++) {
            ground[c] = between(30, 225);
            right[c] = between(-40, 40);
            down[c] = between(-40, 40);
        }
        canvas.background(ground, right, down);
        for (int i = 0; i < config.clutter(); i++) {
            var line = new Path2D.Double();
            line.moveTo(between(0, size), between(0, size));
            line.lineTo(between(0, size), between(0, size));
            double[] rgb = {between(0, 255), between(0, 255), between(0, 255)};
            canvas.fill(Canvas.stroked(line, size * between(0.012, 0.03)), rgb);
        }
    }

    /** Draws the figures of the task; gives the label. */
    private int figures() {
        return switch (config.task()) {
            case SHAPE, COLOUR, POSITION -> one();
            case COUNT -> several();
            case WORD -> word();
        };
    }

    private int one() {
        Shape shape = Shape.ALL.get(random.nextInt(Shape.ALL.size()));
        double radius = size * between(0.18, 0.36);
        double x = between(radius, size - radius);
        double y = between(radius, size - radius);
        int position = Position.of(x, y, size);
        if (config.task() == Task.POSITION) {
            // Every ninth as often as the others, and no middle so near a border of ninths that noise decides.
            position = random.nextInt(9);
            radius = size * between(0.11, 0.18);
            int column = position % 3;
            int row = position / 3;
            x = size * (column + between(0.25, 0.75)) / 3;
            y = size * (row + between(0.25, 0.75)) / 3;
        }
        Colour colour = colour(x, y);
        add(shape, colour, x, y, radius);
        return switch (config.task()) {
            case SHAPE -> Shape.ALL.indexOf(shape);
            case COLOUR -> Colour.ALL.indexOf(colour);
            default -> position;
        };
    }

    private int several() {
        int count = 1 + random.nextInt(config.most());
        double radius = size * between(0.7, 1) * Math.min(0.18, 0.36 / StrictMath.sqrt(config.most()));
        while (placed.size() < count) {
            double x = between(radius, size - radius);
            double y = between(radius, size - radius);
            boolean room = true;
            for (Placed other : placed) {
                double apart = 1.05 * (radius + other.radius);
                double dx = x - other.x;
                double dy = y - other.y;
                room &= dx * dx + dy * dy > apart * apart;
            }
            if (room) {
                add(Shape.ALL.get(random.nextInt(Shape.ALL.size())), colour(x, y), x, y, radius);
            } else {
                radius *= 0.99; // so that the search ends
            }
        }
        return count - 1;
    }

    private int word() {
        int label = random.nextInt(Task.WORDS.size());
        String word = Task.WORDS.get(label);
        int width = Glyphs.width(word);
        double scale = size * between(0.75, 0.92) / (width + 1);
        double half = scale * (width + 1) / 2;
        double angle = between(-0.12, 0.12);
        double x = between(half, size - half);
        double y = between(0.25 * size, 0.75 * size);
        var centred = new AffineTransform(1, 0, 0, 1, -width / 2.0, -Glyphs.HEIGHT / 2.0)
                .createTransformedShape(Glyphs.word(word));
        java.awt.Shape strokes = Canvas.placed(centred, scale, angle, x, y);
        Colour colour = colour(x, y);
        byte[] coverage = canvas.fill(Canvas.stroked(strokes, Math.max(1, scale * 0.9)), jittered(colour));
        placed.add(new Placed(word, colour, x, y, half, coverage));
        return label;
    }

    private void add(Shape shape, Colour colour, double x, double y, double radius) {
        java.awt.Shape outline = Canvas.placed(shape.outline(), radius, between(0, 2 * StrictMath.PI), x, y);
        placed.add(new Placed(shape.toString(), colour, x, y, radius, canvas.fill(outline, jittered(colour))));
    }

    /** A colour that stands out from the ground round a point. */
    private Colour colour(double x, double y) {
        Colour colour = Colour.ALL.get(random.nextInt(Colour.ALL.size()));
        double apart = 0;
        for (int c = 0; c < 3; c++) {
            double d = colour.channel(c) - ground[c] - right[c] * x / size - down[c] * y / size;
            apart += d * d;
        }
        return apart > LEAST_CONTRAST * LEAST_CONTRAST ? colour : colour(x, y);
    }

    private double[] jittered(Colour colour) {
        double light = between(0.88, 1.08);
        var rgb = new double[3];
        for (int c = 0; c < 3; c++) {
            rgb[c] = Math.clamp(light * colour.channel(c) + between(-14, 14), 0, 255);
        }
        return rgb;
    }

    /** The figures as they are seen, later ones lying over earlier ones. */
    private List<Figure> seen() {
        List<Figure> figures = new ArrayList<>();
        for (int f = 0; f < placed.size(); f++) {
            Placed p = placed.get(f);
            var mask = new byte[size * size];
            int top = size;
            int left = size;
            int bottom = 0;
            int right = 0;
            for (int i = 0; i < mask.length; i++) {
                if ((p.coverage[i] & 0xff) >= 128 && !covered(f, i)) {
                    mask[i] = 1;
                    top = Math.min(top, i / size);
                    left = Math.min(left, i % size);
                    bottom = Math.max(bottom, i / size + 1);
                    right = Math.max(right, i % size + 1);
                }
            }
            if (bottom > 0) {
                var box = new Box(top, left, bottom, right);
                figures.add(new Figure(p.name, p.colour, box, Position.of(p.x, p.y, size), mask));
            }
        }
        return figures;
    }

    private boolean covered(int figure, int pixel) {
        for (int over = figure + 1; over < placed.size(); over++) {
            if ((placed.get(over).coverage[pixel] & 0xff) >= 128) {
                return true;
            }
        }
        return false;
    }

    private double between(double low, double high) {
        return low + (high - low) * random.nextDouble();
    }
}
