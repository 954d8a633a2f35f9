package dev.fovea.verify;

import static java.util.Objects.requireNonNull;

import dev.fovea.image.AugmentOp;
import dev.fovea.image.DecodeOptions;
import dev.fovea.image.Filter;
import dev.fovea.image.Geometry;
import dev.fovea.image.Image;
import dev.fovea.image.ImageDecoder;
import dev.fovea.image.InceptionCrop;
import dev.fovea.image.InceptionCrop.Box;
import dev.fovea.image.Normalize;
import dev.fovea.image.Picture;
import dev.fovea.image.Pixels;
import dev.fovea.image.Resize;
import dev.fovea.image.Step;
import dev.fovea.image.Targets;
import dev.fovea.image.ValueRange;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;

/** Decoding, resizing, crops, value ranges and RandAugment; what to compute is in the name of each recorded tensor. */
final class PreprocessingChecks {

    private PreprocessingChecks() {}

    static void run(Case c) throws IOException {
        for (String name : c.expected().keySet()) {
            String[] path = name.split("/", 2);
            String argument = path.length > 1 ? path[1] : "";
            switch (path[0]) {
                case "decode", "decode_precise" ->
                    compare(c, name, decode(c.folder().resolve(argument)));
                case "decode_jpeg_and_inception_crop" -> compare(c, name, decodedCrop(c, name));
                case "uint8" -> compare(c, name, resized(image(c, "image"), argument));
                case "float" -> compare(c, name, resized(floats(c, "image_float"), argument));
                case "resize_small", "resize_long" ->
                    compare(c, name, resizedSide(image(c, "image"), argument, path[0].equals("resize_small")));
                case "inception_crop", "inception_crop_antialias", "inception_crop_no_resize" ->
                    compare(c, name, inceptionCrop(c, path[0], Integer.parseInt(argument)));
                case "central_crop" -> compare(c, name, centralCrop(image(c, "image"), argument));
                case "value_range", "vgg_value_range", "clip_value_range" ->
                    compare(c, name, values(image(c, "image"), path[0], argument));
                case "flip_lr" -> compare(c, name, image(c, "image").flipLeftRight());
                case "pad_to_shape" -> compare(c, name, padded(c, name, argument));
                case "onehot" ->
                    c.compare(name, labels(c, name), requireNonNull(c.expected().get(name)));
                case "Cutout" -> compare(c, name, cutout(c, argument));
                default -> augment(c, name, path[0], argument);
            }
        }
    }

    private static Image decode(Path file) {
        return ImageDecoder.read(file, DecodeOptions.DEFAULT.unrotated());
    }

    /** Its source is named only in prose: it is the colour JPEG whose crop is nearest. */
    private static Image decodedCrop(Case c, String name) throws IOException {
        int[] box = ints(c.config().required("crop_box"));
        double[] wanted = c.expectedValues(name);
        try (Stream<Path> files = Files.list(c.folder())) {
            return files.filter(f -> f.toString().endsWith(".jpg"))
                    .sorted()
                    .map(PreprocessingChecks::decode)
                    .filter(x -> box[0] + box[2] <= x.height() && box[1] + box[3] <= x.width())
                    .map(x -> x.crop(box[0], box[1], box[2], box[3]))
                    .min((a, b) -> Double.compare(distance(a, wanted), distance(b, wanted)))
                    .orElseThrow();
        }
    }

    private static double distance(Image x, double[] wanted) {
        return IntStream.range(0, x.size())
                .mapToDouble(i -> Math.abs((x.rgb()[i] & 0xff) - wanted[i]))
                .max()
                .orElseThrow();
    }

    /** {@code bicubic_antialias/8x11}. */
    private static Picture resized(Picture x, String argument) {
        String[] parts = argument.split("/", 2);
        int[] size = sides(parts[1]);
        return Resize.resize(x, size[0], size[1], filter(parts[0]), parts[0].endsWith("_antialias"));
    }

    private static Picture resizedSide(Picture x, String argument, boolean small) {
        String[] parts = argument.split("/", 2);
        int side = Integer.parseInt(parts[1]);
        boolean antialias = parts[0].endsWith("_antialias");
        return small
                ? Resize.resizeSmall(x, side, filter(parts[0]), antialias)
                : Resize.resizeLong(x, side, filter(parts[0]), antialias);
    }

    private static Filter filter(String method) {
        return Filter.valueOf(method.replace("_antialias", "").toUpperCase(Locale.ROOT));
    }

    private static Picture inceptionCrop(Case c, String op, int index) {
        int[] b = ints(c.config().required("boxes").required(index));
        Integer size = op.endsWith("no_resize")
                ? null
                : c.config().required("crop_size").asInt();
        var crop = new InceptionCrop(size, null, 0.05, 1, 0.75, 1.33, Filter.BILINEAR, op.endsWith("antialias"));
        return crop.crop(image(c, "image"), new Box(b[0], b[1], b[2], b[3]));
    }

    private static Picture centralCrop(Image x, String argument) {
        if (argument.equals("largest")) {
            return new Step.CentralCrop(null, null).apply(x, new Random(0));
        }
        int[] size = sides(argument);
        return new Step.CentralCrop(size[0], size[1]).apply(x, new Random(0));
    }

    /** A range is named by its ends; the arguments of the two others are in no file, these are the recording script's. */
    private static Picture values(Image x, String op, String argument) {
        return switch (op + "/" + argument) {
            case "vgg_value_range/" -> Normalize.IMAGENET.apply(x, new Random(0));
            case "clip_value_range/" -> Normalize.CLIP.apply(x, new Random(0));
            case "value_range/clipped" ->
                new ValueRange(-1, 1, List.of(50.0), List.of(200.0), true).apply(x, new Random(0));
            case "value_range/channels" ->
                new ValueRange(0, 2, List.of(0.0, 10.0, 20.0), List.of(255.0, 200.0, 100.0), false)
                        .apply(x, new Random(0));
            default -> {
                String[] ends = argument.split("_", 2);
                yield ValueRange.of(Double.parseDouble(ends[0]), Double.parseDouble(ends[1]))
                        .apply(x, new Random(0));
            }
        };
    }

    /** The border's value is in no file but the result. */
    private static Picture padded(Case c, String name, String where) {
        long[] shape = requireNonNull(c.expected().get(name));
        double[] wanted = c.expectedValues(name);
        double fill = where.equals("after") ? wanted[wanted.length - 1] : wanted[0];
        return new Step.PadTo(
                        (int) shape[0], (int) shape[1], Step.PadTo.Where.valueOf(where.toUpperCase(Locale.ROOT)), (int)
                                fill)
                .apply(image(c, "image"), new Random(0));
    }

    /** Labels and values are in no file but the result; what is tested is that one vector comes of them. */
    private static double[] labels(Case c, String name) {
        double[] wanted = c.expectedValues(name);
        double on = Arrays.stream(wanted).max().orElseThrow();
        double off = Arrays.stream(wanted).min().orElseThrow();
        int[] labels =
                IntStream.range(0, wanted.length).filter(i -> wanted[i] == on).toArray();
        float[] row = Targets.multiHot(labels, wanted.length, (float) on, (float) off);
        return IntStream.range(0, row.length).mapToDouble(i -> row[i]).toArray();
    }

    /** {@code row_column_half}. */
    private static Image cutout(Case c, String argument) {
        int[] at = Arrays.stream(argument.split("_", 3))
                .mapToInt(Integer::parseInt)
                .toArray();
        return Geometry.cutout(
                image(c, "image"), at[0], at[1], at[2], ints(c.config().required("replace")));
    }

    /** {@code ShearX/level3_negative}, or {@code Color/flat}: the nearly constant picture at the first level. */
    private static void augment(Case c, String name, String label, String argument) {
        AugmentOp op = Arrays.stream(AugmentOp.values())
                .filter(o -> o.label().equals(label))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("no operation for " + name));
        boolean flat = argument.equals("flat");
        String level = argument.replace("level", "").replace("_negative", "");
        double magnitude = flat ? c.config().required("levels").get(0).asDouble() : Double.parseDouble(level);
        double x = op.argument(magnitude) * (argument.endsWith("_negative") ? -1 : 1);
        JsonNode recorded = c.config().required("arguments").path(name).path(0);
        if (recorded.isNumber() && recorded.asDouble() != x) {
            throw new IllegalArgumentException(
                    "%s: the magnitude gives %s, recorded is %s".formatted(name, x, recorded));
        }
        compare(
                c,
                name,
                op.apply(image(c, flat ? "flat" : "image"), x, ints(c.config().required("replace"))));
    }

    private static Image image(Case c, String input) {
        var stored = c.input(input);
        long[] values = stored.toLongs();
        var rgb = new byte[values.length];
        for (int i = 0; i < rgb.length; i++) {
            rgb[i] = (byte) values[i];
        }
        return new Image((int) stored.shape()[0], (int) stored.shape()[1], rgb);
    }

    private static Pixels floats(Case c, String input) {
        var stored = c.input(input);
        long[] shape = stored.shape();
        return new Pixels((int) shape[0], (int) shape[1], (int) shape[2], stored.toFloats());
    }

    private static void compare(Case c, String name, Picture x) {
        switch (x) {
            case Image image -> {
                var values = new long[image.size()];
                for (int i = 0; i < values.length; i++) {
                    values[i] = image.rgb()[i] & 0xff;
                }
                c.compare(name, values, x.height(), x.width(), 3);
            }
            case Pixels pixels -> c.compare(name, pixels.values(), x.height(), x.width(), x.channels());
        }
    }

    private static int[] sides(String heightByWidth) {
        return Arrays.stream(heightByWidth.split("x", 2))
                .mapToInt(Integer::parseInt)
                .toArray();
    }

    private static int[] ints(JsonNode array) {
        return array.valueStream().mapToInt(JsonNode::asInt).toArray();
    }
}
