package dev.fovea.report;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;

/**
 * How often each class was taken for each.
 *
 * @param classes names, C
 * @param counts examples by true class, then by predicted class // [C, C]
 */
public record Confusion(List<String> classes, long[][] counts) {

    /** Examples of one class that were taken for another. */
    record Mistake(int truth, int predicted, long count) {}

    public Confusion {
        int n = classes.size();
        if (counts.length != n || Arrays.stream(counts).anyMatch(row -> row.length != n)) {
            throw new IllegalArgumentException("confusion: %d class names, counts are [%d, %d]"
                    .formatted(n, counts.length, counts.length == 0 ? 0 : counts[0].length));
        }
    }

    long examples(int truth) {
        return Arrays.stream(counts[truth]).sum();
    }

    /** Share of the class's examples that were found. */
    double recall(int c) {
        return (double) counts[c][c] / examples(c);
    }

    /** Share of those taken for the class that are of it. */
    double precision(int c) {
        return (double) counts[c][c]
                / Arrays.stream(counts).mapToLong(row -> row[c]).sum();
    }

    /** The most frequent mistakes. */
    List<Mistake> mistakes(int most) {
        var all = new ArrayList<Mistake>();
        for (int t = 0; t < counts.length; t++) {
            for (int p = 0; p < counts.length; p++) {
                if (t != p && counts[t][p] > 0) {
                    all.add(new Mistake(t, p, counts[t][p]));
                }
            }
        }
        return all.stream()
                .sorted(Comparator.comparingLong(Mistake::count).reversed())
                .limit(most)
                .toList();
    }
}
