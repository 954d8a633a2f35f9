package dev.fovea.eval;

import java.util.stream.IntStream;

/**
 * The order in which NumPy's {@code argsort} puts a few numbers on machines with AVX2. It is not stable: numbers go
 * through a bitonic merging network in registers of four, padded with infinity, and equal ones keep their places in a
 * comparison but move with it where registers are turned round. Published choices by rank rest on this order among equals.
 */
final class NumpyOrder {

    /** Above this NumPy partitions first. */
    static final int MAX = 64;

    private static final int LANES = 4;

    private final double[] keys;
    private final int[] order;

    private NumpyOrder(double[] values) {
        int size = LANES;
        while (size < values.length) {
            size *= 2;
        }
        order = IntStream.range(0, size).toArray();
        keys = new double[size];
        for (int i = 0; i < size; i++) {
            keys[i] = i < values.length ? values[i] : Double.POSITIVE_INFINITY;
        }
    }

    /** Positions of the values, the smallest value's first. */
    static int[] argsort(double[] values) {
        if (values.length > MAX) {
            throw new IllegalArgumentException("%d values, the network takes %d".formatted(values.length, MAX));
        }
        var network = new NumpyOrder(values);
        network.sort();
        return IntStream.of(network.order).filter(i -> i < values.length).toArray();
    }

    private void sort() {
        int size = keys.length;
        for (int width = 2; width <= size; width *= 2) {
            for (int from = 0; from < size; from += width) {
                turned(from, width);
            }
            for (int half = width / 4; half > 0; half /= 2) {
                for (int from = 0; from < size; from += 2 * half) {
                    straight(from, half);
                }
            }
        }
    }

    /** Compares the first of a block with its last, the second with the last but one, and so on. */
    private void turned(int from, int width) {
        for (int i = 0; i < width / 2; i++) {
            exchange(from + i, from + width - 1 - i);
        }
    }

    /** Compares each of a half with its like in the other. */
    private void straight(int from, int half) {
        for (int i = from; i < from + half; i++) {
            exchange(i, i + half);
        }
    }

    private void exchange(int low, int high) {
        if (keys[low] > keys[high]) {
            double key = keys[low];
            keys[low] = keys[high];
            keys[high] = key;
            int position = order[low];
            order[low] = order[high];
            order[high] = position;
        }
    }
}
