package dev.fovea.kernel;

import static java.nio.ByteOrder.LITTLE_ENDIAN;

import dev.fovea.kernel.KvRows.Format;
import dev.fovea.kernel.KvRows.Run;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.List;

/** One token's attention over runs of keys and values, whose order does not matter to it. */
final class KvAttention {

    /** Longest run: values are added before the next columns, as many as stay in the nearest cache. */
    static final int UNIT = 64;

    private static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(LITTLE_ENDIAN);
    /** Keys that are multiplied in one call of a loop. */
    private static final int ROWS = 4;
    /** Below so many runs a layer is not worth a meeting of the workers. */
    private static final int SHARED = 4;

    private final RowLoops loops;
    private final boolean isInt8;
    private final int valueBytes;
    private final int heads;
    private final int headDim;
    private final List<Run> runs;
    private final Workers workers;

    KvAttention(KvRows rows, List<Run> runs, Workers workers) {
        this.loops = rows.loops().rows();
        this.isInt8 = rows.format() == Format.INT8;
        this.valueBytes = isInt8 ? 1 : 2;
        this.heads = rows.heads();
        this.headDim = rows.headDim();
        this.runs = runs;
        this.workers = workers;
    }

    void attend(float[] queries, float[] out) {
        int group = queries.length / headDim / heads;
        int together = group % Loops.TOGETHER == 0 ? Loops.TOGETHER : 1;
        for (int first = 0; first < group * heads; first += together) {
            attend(queries, first, together, first / group, out);
        }
    }

    private void attend(float[] queries, int first, int together, int head, float[] out) {
        var q = new float[together][];
        for (int v = 0; v < together; v++) {
            int at = (first + v) * headDim;
            q[v] = Scratch.own().queries.get(v, headDim);
            loops.arrange(queries, at, headDim, valueBytes, q[v]);
        }
        int columns = runs.size() * UNIT;
        var scores = new float[together][];
        for (int v = 0; v < together; v++) {
            scores[v] = Scratch.own().scores.get(v, columns);
        }
        share(runs.size(), (from, to) -> {
            for (int i = from; i < to; i++) {
                score(runs.get(i), head, q, scores, i * UNIT);
            }
        });
        var sums = new float[together];
        share(together, (from, to) -> {
            for (int v = from; v < to; v++) {
                sums[v] = loops.exponentials(scores[v], columns);
            }
        });
        int parts = isShared() ? workers.size() : 1;
        var partial = new float[parts][together][];
        for (int i = 0; i < parts * together; i++) {
            float[] sum = Scratch.own().values.get(i, headDim);
            Arrays.fill(sum, 0, headDim, 0);
            partial[i / together][i % together] = sum;
        }
        share(parts, (from, to) -> {
            for (int part = from; part < to; part++) {
                for (int i = runs.size() * part / parts; i < runs.size() * (part + 1) / parts; i++) {
                    add(runs.get(i), head, scores, i * UNIT, partial[part]);
                }
            }
        });
        for (int v = 0; v < together; v++) {
            float[] sum = partial[0][v];
            for (int i = 0; i < headDim; i++) {
                for (int part = 1; part < parts; part++) {
                    sum[i] += partial[part][v][i];
                }
                sum[i] /= sums[v];
            }
            loops.straighten(sum, headDim, valueBytes, out, (first + v) * headDim);
        }
    }

    private void score(Run run, int head, float[][] q, float[][] scores, int at) {
        long row = (long) head * run.block().slots() + run.from();
        long rowBytes = (long) headDim * valueBytes;
        float[] lanes = Scratch.own().lanes.get(0, ROWS * loops.lanes());
        for (int r = 0; r < run.count(); r += ROWS) { // the last rows may be others' or nobody's
            if (isInt8) {
                loops.int8(run.block().keys(), (row + r) * rowBytes, rowBytes, headDim, q, scores, at + r, lanes);
            } else {
                loops.bf16(run.block().keys(), (row + r) * rowBytes, rowBytes, headDim, q, scores, at + r, lanes);
            }
        }
        for (float[] score : scores) {
            if (isInt8) {
                scale(score, at, run.block().keyScales(), row, run.count());
            }
            Arrays.fill(score, at + run.count(), at + UNIT, Float.NEGATIVE_INFINITY);
        }
    }

    private void add(Run run, int head, float[][] weights, int at, float[][] sums) {
        long row = (long) head * run.block().slots() + run.from();
        long rowBytes = (long) headDim * valueBytes;
        if (isInt8) {
            for (float[] weight : weights) {
                scale(weight, at, run.block().valueScales(), row, run.count());
            }
            loops.weightedInt8(run.block().values(), row * rowBytes, rowBytes, run.count(), headDim, weights, at, sums);
        } else {
            loops.weightedBf16(run.block().values(), row * rowBytes, rowBytes, run.count(), headDim, weights, at, sums);
        }
    }

    private static void scale(float[] x, int at, MemorySegment scales, long row, int count) {
        for (int i = 0; i < count; i++) {
            x[at + i] *= scales.get(FLOAT, 4 * (row + i));
        }
    }

    private boolean isShared() {
        return runs.size() >= SHARED;
    }

    private void share(int count, Workers.Range range) {
        if (isShared()) {
            workers.split(count, range);
        } else {
            range.run(0, count);
        }
    }
}
