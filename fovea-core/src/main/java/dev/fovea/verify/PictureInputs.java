package dev.fovea.verify;

import dev.fovea.image.Pixels;
import java.util.List;
import java.util.Locale;

/** Inputs of a case made again from the pictures that it names. */
final class PictureInputs {

    /** The references were made by torchvision, which rounds a few pixels otherwise than Pillow's arithmetic. */
    private static final double TWO_BYTE_STEPS = 2 / 127.5;

    private static final double EQUAL = 1e-6;
    private static final double MOST_UNEQUAL = 0.05;

    private PictureInputs() {}

    /**
     * Compares the pixel values of PNG pictures; decoders of JPEG differ by a step here and there.
     *
     * @param name the input, [N, 3, H, W]
     * @param files name of each of the N pictures
     */
    static void compare(Case c, String name, List<String> files, List<Pixels> pictures) {
        float[] wanted = c.input(name).toFloats();
        float[] found = planes(pictures);
        if (wanted.length != found.length) {
            c.compareRow(name + " of the pictures", wanted.length, found.length);
            return;
        }
        int size = wanted.length / files.size();
        for (int i = 0; i < files.size(); i++) {
            if (files.get(i).toLowerCase(Locale.ROOT).endsWith(".png")) {
                c.compareRow(
                        "%s of %s".formatted(name, files.get(i)), "as recorded", said(wanted, found, i * size, size));
            }
        }
    }

    /** Pictures one after the other, plane by plane. */
    static float[] planes(List<Pixels> pictures) {
        var all = new float[pictures.stream().mapToInt(x -> x.values().length).sum()];
        int at = 0;
        for (Pixels picture : pictures) {
            float[] planes = picture.planes();
            System.arraycopy(planes, 0, all, at, planes.length);
            at += planes.length;
        }
        return all;
    }

    private static String said(float[] wanted, float[] found, int from, int size) {
        double worst = 0;
        int unequal = 0;
        for (int at = from; at < from + size; at++) {
            double d = Math.abs((double) wanted[at] - found[at]);
            worst = Math.max(worst, d);
            unequal += d > EQUAL ? 1 : 0;
        }
        if (worst > TWO_BYTE_STEPS) {
            return "off by %.4f, more than two byte steps".formatted(worst);
        }
        return unequal > MOST_UNEQUAL * size ? "%d of %d values differ".formatted(unequal, size) : "as recorded";
    }
}
