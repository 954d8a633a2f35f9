package dev.fovea.eval;

import dev.fovea.image.Filter;
import dev.fovea.image.Pixels;
import dev.fovea.image.Resize;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;

/**
 * Segmentation as PaliGemma is scored (arXiv 2407.07726): boxes come as four locations of 1024, masks as sixteen codes that
 * a decoder turns into 64 x 64 values, positive inside. An invalid prediction has mask IoU 0, and its box is empty.
 */
public final class MaskMetrics {

    /** Largest location. */
    public static final int MAX_LOCATION = 1023;
    /** Largest mask code. */
    public static final int MAX_CODE = 127;

    private static final int CORNERS = 4;
    private static final int CODES = 16;
    private static final int SIDE = 64;

    private final double[] boxThresholds;
    private final long[] boxesRight;
    private final List<Double> ious = new ArrayList<>();
    private int invalid;

    /** The metrics so far are over no prediction; a box is right at each threshold that its IoU reaches. */
    public MaskMetrics(double... boxThresholds) {
        this.boxThresholds = boxThresholds.clone();
        this.boxesRight = new long[boxThresholds.length];
    }

    /** The location of each coordinate in 0..1: 1023 times it, halves to even, cut to what there is. */
    public static int[] locations(float... coordinates) {
        var locations = new int[coordinates.length];
        for (int i = 0; i < locations.length; i++) {
            locations[i] = Math.clamp((long) Math.rint(coordinates[i] * MAX_LOCATION), 0, MAX_LOCATION);
        }
        return locations;
    }

    /**
     * What was recorded of one object.
     *
     * @param box y1, x1, y2, x2 in 0..1
     * @param mask [height, width], row-major, true inside
     */
    public record Truth(double[] box, int height, int width, boolean[] mask) {}

    /**
     * Adds one prediction.
     *
     * @param tokens four locations and sixteen codes, each counted from its first token; what follows is ignored
     * @param mask what the decoder makes of the codes, [64, 64]
     */
    public void add(int[] tokens, float[] mask, Truth truth) {
        boolean valid = isValid(tokens);
        var box = new double[CORNERS];
        for (int i = 0; valid && i < CORNERS; i++) {
            box[i] = (double) tokens[i] / MAX_LOCATION;
        }
        double boxIou = boxIou(box, truth.box);
        for (int i = 0; i < boxThresholds.length; i++) {
            boxesRight[i] += boxIou >= boxThresholds[i] ? 1 : 0;
        }
        int top = (int) (box[0] * truth.height);
        int left = (int) (box[1] * truth.width);
        int bottom = (int) (box[2] * truth.height);
        int right = (int) (box[3] * truth.width);
        if (!valid || bottom <= top || right <= left) {
            invalid++;
            ious.add(0.0);
        } else {
            ious.add(maskIou(mask, top, left, bottom, right, truth));
        }
    }

    private static boolean isValid(int[] tokens) {
        if (tokens.length < CORNERS + CODES) {
            return false;
        }
        return inRange(tokens, 0, CORNERS, MAX_LOCATION)
                && inRange(tokens, CORNERS, CORNERS + CODES, MAX_CODE)
                && tokens[2] > tokens[0]
                && tokens[3] > tokens[1];
    }

    private static boolean inRange(int[] tokens, int from, int to, int max) {
        return Arrays.stream(tokens, from, to).allMatch(t -> t >= 0 && t <= max);
    }

    private static double boxIou(double[] a, double[] b) {
        double common = area(Math.max(a[0], b[0]), Math.max(a[1], b[1]), Math.min(a[2], b[2]), Math.min(a[3], b[3]));
        return common / (area(a[0], a[1], a[2], a[3]) + area(b[0], b[1], b[2], b[3]) - common);
    }

    private static double area(double y1, double x1, double y2, double x2) {
        return Math.max(x2 - x1, 0) * Math.max(y2 - y1, 0);
    }

    private static double maskIou(float[] mask, int top, int left, int bottom, int right, Truth truth) {
        Pixels inBox =
                Resize.resize(new Pixels(SIDE, SIDE, 1, mask), bottom - top, right - left, Filter.BILINEAR, true);
        long common = 0;
        long predicted = 0;
        for (int y = top; y < bottom; y++) {
            for (int x = left; x < right; x++) {
                boolean inside = inBox.values()[(y - top) * (right - left) + x - left] > 0;
                predicted += inside ? 1 : 0;
                common += inside && truth.mask[y * truth.width + x] ? 1 : 0;
            }
        }
        long wanted = 0;
        for (boolean inside : truth.mask) {
            wanted += inside ? 1 : 0;
        }
        return (double) common / (wanted + predicted - common);
    }

    /** Mask IoU of each prediction. */
    public double[] ious() {
        return ious.stream().mapToDouble(Double::doubleValue).toArray();
    }

    /** Predictions that had no valid box or codes. */
    public int invalid() {
        return invalid;
    }

    /** {@code miou}, and {@code boxacc_T} for each threshold T. */
    public SequencedMap<String, Double> toMap() {
        var map = new LinkedHashMap<String, Double>();
        map.put("miou", Arrays.stream(ious()).sum() / ious.size());
        for (int i = 0; i < boxThresholds.length; i++) {
            map.put("boxacc_" + boxThresholds[i], (double) boxesRight[i] / ious.size());
        }
        return map;
    }
}
