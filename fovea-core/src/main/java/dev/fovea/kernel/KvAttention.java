package dev.fovea.kernel;

import static java.nio.ByteOrder.LITTLE_ENDIAN;

import dev.fovea.kernel.KvRows.Block;
import dev.fovea.kernel.KvRows.Format;
import dev.fovea.kernel.KvRows.Run;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.List;

/**
 * One token's attention over runs of keys and values, whose order does not matter to it. A part of the runs is read by one thread, keys
 * and then values; the parts' sums are put together by their largest scores (the softmax of FlashAttention, arXiv 2205.14135). Parts
 * depend on the number of runs alone, and so does the result, to the last bit.
 */
final class KvAttention {

    private static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(LITTLE_ENDIAN);
    private static final int TOGETHER = Loops.TOGETHER;
    private static final int UNIT = KvTiles.UNIT;
    /** Below so many runs a layer is not worth a meeting of the workers. */
    private static final int SHARED = 4;
    /** Parts that are put together at most. */
    private static final int PARTS = 16;

    private final Loops loops;
    private final KvTiles tiles;
    private final boolean isInt8;
    private final int heads;
    private final int headDim;
    private final List<Run> runs;
    private final int parts;
    private final Workers workers;

    KvAttention(KvRows rows, List<Run> runs, Workers workers) {
        this.loops = rows.loops();
        this.tiles = rows.tiles();
        this.isInt8 = rows.format() == Format.INT8;
        this.heads = rows.heads();
        this.headDim = rows.headDim();
        this.runs = runs;
        this.parts = runs.size() < SHARED ? 1 : Math.min(PARTS, runs.size() / 2);
        this.workers = workers;
    }

    void attend(float[] queries, float[] out) {
        int group = queries.length / headDim / heads;
        for (int head = 0; head < heads; head++) {
            for (int first = 0; first < group; first += TOGETHER) {
                attend(queries, head * group + first, Math.min(TOGETHER, group - first), head, out);
            }
        }
    }

    /** What a part found for each of four queries: the largest score, and sums of e^(score - largest) and of values times that. */
    private record Part(float[] largest, float[] sums, float[][] values) {}

    /** Some queries of one head of keys; the loops take four, of which the last may be there again and again. */
    private void attend(float[] queries, int first, int count, int head, float[] out) {
        var q = new float[TOGETHER][];
        for (int v = 0; v < TOGETHER; v++) {
            q[v] = v < count ? query(queries, first + v, v) : q[count - 1];
        }
        var found = new Part[parts];
        for (int part = 0; part < parts; part++) {
            var values = new float[TOGETHER][];
            for (int v = 0; v < TOGETHER; v++) {
                values[v] = Scratch.own().values.get(TOGETHER * part + v, tiles.paddedDim());
            }
            found[part] = new Part(new float[count], new float[count], values);
        }
        if (parts == 1) {
            attend(q, head, 0, found[0]);
        } else {
            workers.split(parts, (from, to) -> {
                for (int part = from; part < to; part++) {
                    attend(q, head, part, found[part]);
                }
            });
        }
        for (int v = 0; v < count; v++) {
            putTogether(found, v, out, (first + v) * headDim);
        }
    }

    /** A query with zeros behind it, as many as make its last word whole. */
    private float[] query(float[] queries, int index, int v) {
        int padded = tiles.words() * Integer.BYTES / tiles.format().bytes();
        float[] q = Scratch.own().queries.get(v, padded);
        System.arraycopy(queries, index * headDim, q, 0, headDim);
        Arrays.fill(q, headDim, padded, 0);
        return q;
    }

    private void attend(float[][] q, int head, int part, Part found) {
        int from = runs.size() * part / parts;
        int to = runs.size() * (part + 1) / parts;
        int columns = (to - from) * UNIT;
        var scores = new float[TOGETHER][];
        for (int v = 0; v < TOGETHER; v++) {
            scores[v] = Scratch.own().scores.get(v, columns);
        }
        for (int i = from; i < to; i++) {
            score(runs.get(i), head, q, scores, (i - from) * UNIT);
        }
        int count = found.sums.length;
        for (int v = 0; v < count; v++) {
            found.largest[v] = largest(scores[v], columns);
            found.sums[v] = loops.rows().exponentials(scores[v], columns, found.largest[v]);
        }
        Arrays.fill(scores, count, TOGETHER, scores[count - 1]);
        for (float[] sum : found.values) {
            Arrays.fill(sum, 0, tiles.paddedDim(), 0);
        }
        for (int i = from; i < to; i++) {
            add(runs.get(i), head, scores, count, (i - from) * UNIT, found.values);
        }
    }

    private static float largest(float[] x, int count) {
        float largest = Float.NEGATIVE_INFINITY;
        for (int i = 0; i < count; i++) {
            largest = Math.max(largest, x[i]);
        }
        return largest;
    }

    /** Scores of a run, at the places of its slots within their unit; -∞ at the others. */
    private void score(Run run, int head, float[][] q, float[][] scores, int at) {
        Block block = run.block();
        int first = run.from() % UNIT;
        int end = first + run.count();
        for (int t = first - first % KvTiles.KEYS; t < end; t += KvTiles.KEYS) { // its other tokens may be nobody's
            long tile = head * tiles.keyBytes(block.slots()) + tiles.key(run.from() - first + t);
            if (isInt8) {
                loops.int8Together(block.keys(), tile, tiles.words(), q, scores, at + t);
            } else {
                loops.rows().keys(block.keys(), tile, tiles.words(), q, scores, at + t);
            }
        }
        for (float[] score : scores) {
            Arrays.fill(score, at, at + first, Float.NEGATIVE_INFINITY);
            Arrays.fill(score, at + end, at + UNIT, Float.NEGATIVE_INFINITY);
        }
    }

    private void add(Run run, int head, float[][] weights, int count, int at, float[][] sums) {
        Block block = run.block();
        int from = at + run.from() % UNIT;
        if (isInt8) {
            long step = Float.BYTES * ((long) head * block.slots() + run.from());
            for (int v = 0; v < count; v++) {
                scale(weights[v], from, block.valueSteps(), step, run.count());
            }
        }
        long start = head * tiles.valueBytes(block.slots());
        for (int column = 0; column < tiles.paddedDim(); column += KvTiles.VALUES) {
            long values = start + tiles.value(run.from(), column);
            if (isInt8) {
                loops.rows().byteValues(block.values(), values, run.count(), column, weights, from, sums);
            } else {
                loops.rows().values(block.values(), values, run.count(), column, weights, from, sums);
            }
        }
    }

    private static void scale(float[] x, int from, MemorySegment steps, long at, int count) {
        for (int i = 0; i < count; i++) {
            x[from + i] *= steps.get(FLOAT, at + (long) Float.BYTES * i);
        }
    }

    private void putTogether(Part[] found, int v, float[] out, int to) {
        float largest = Float.NEGATIVE_INFINITY;
        for (Part part : found) {
            largest = Math.max(largest, part.largest[v]);
        }
        float[] sum = Scratch.own().values.get(TOGETHER * parts, tiles.paddedDim());
        Arrays.fill(sum, 0, tiles.paddedDim(), 0);
        float total = 0;
        for (Part part : found) {
            float factor = (float) Math.exp(part.largest[v] - largest);
            total += factor * part.sums[v];
            float[] values = part.values[v];
            for (int c = 0; c < tiles.paddedDim(); c++) {
                sum[c] += factor * values[c];
            }
        }
        float[] straight = Scratch.own().lanes.get(0, tiles.paddedDim());
        loops.rows().straighten(sum, tiles.paddedDim(), tiles.format().bytes(), straight);
        for (int i = 0; i < headDim; i++) {
            out[to + i] = straight[i] / total;
        }
    }
}
