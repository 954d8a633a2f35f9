package dev.fovea.kernel;

import static java.nio.ByteOrder.LITTLE_ENDIAN;
import static jdk.incubator.vector.FloatVector.broadcast;
import static jdk.incubator.vector.VectorOperators.ASHR;
import static jdk.incubator.vector.VectorOperators.I2F;
import static jdk.incubator.vector.VectorOperators.LSHL;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorSpecies;

/** The loops of {@link VectorRowLoops} over rows of bytes: a register holds four runs of columns, which are taken apart one by one. */
final class VectorByteRows {

    private static final VectorSpecies<Float> F = FloatVector.SPECIES_PREFERRED;
    private static final VectorSpecies<Integer> I = VectorSpecies.of(int.class, F.vectorShape());
    private static final int LANES = F.length();

    private VectorByteRows() {}

    /** {@link RowLoops#int8}. */
    static void multiply(
            MemorySegment w, long at, long rowBytes, int columns, float[][] xs, float[][] ys, int to, float[] lanes) {
        int whole = columns - columns % (4 * LANES);
        for (int r = 0; r < 4; r++) {
            if (xs.length == 1) {
                oneOfBytes(w, at + r * rowBytes, whole, xs[0], lanes);
            } else {
                fourOfBytes(w, at + r * rowBytes, whole, xs[0], xs[1], xs[2], xs[3], lanes);
            }
            for (int v = 0; v < xs.length; v++) {
                ys[v][to + r] = VectorRowLoops.sum(lanes, v);
            }
            for (int c = whole; c < columns; c++) {
                float weight = w.get(ValueLayout.JAVA_BYTE, at + r * rowBytes + c);
                for (int v = 0; v < xs.length; v++) {
                    ys[v][to + r] += weight * xs[v][c];
                }
            }
        }
    }

    private static void oneOfBytes(MemorySegment w, long at, int columns, float[] x, float[] lanes) {
        FloatVector a = FloatVector.zero(F);
        FloatVector b = a;
        FloatVector c = a;
        FloatVector d = a;
        for (int i = 0; i < columns; i += 4 * LANES) {
            IntVector v = IntVector.fromMemorySegment(I, w, at + i, LITTLE_ENDIAN);
            a = ((FloatVector) v.lanewise(LSHL, 24).lanewise(ASHR, 24).convert(I2F, 0))
                    .fma(FloatVector.fromArray(F, x, i), a);
            b = ((FloatVector) v.lanewise(LSHL, 16).lanewise(ASHR, 24).convert(I2F, 0))
                    .fma(FloatVector.fromArray(F, x, i + LANES), b);
            c = ((FloatVector) v.lanewise(LSHL, 8).lanewise(ASHR, 24).convert(I2F, 0))
                    .fma(FloatVector.fromArray(F, x, i + 2 * LANES), c);
            d = ((FloatVector) v.lanewise(ASHR, 24).convert(I2F, 0)).fma(FloatVector.fromArray(F, x, i + 3 * LANES), d);
        }
        a.add(b).add(c.add(d)).intoArray(lanes, 0);
    }

    private static void fourOfBytes(
            MemorySegment w, long at, int columns, float[] x0, float[] x1, float[] x2, float[] x3, float[] lanes) {
        FloatVector a = FloatVector.zero(F);
        FloatVector b = a;
        FloatVector c = a;
        FloatVector d = a;
        for (int i = 0; i < columns; i += LANES) { // a quarter of a run's bytes each
            int quarter = i / LANES & 3;
            IntVector v = IntVector.fromMemorySegment(I, w, at + (i & -4 * LANES), LITTLE_ENDIAN)
                    .lanewise(LSHL, 24 - 8 * quarter);
            FloatVector weight = (FloatVector) v.lanewise(ASHR, 24).convert(I2F, 0);
            a = weight.fma(FloatVector.fromArray(F, x0, i), a);
            b = weight.fma(FloatVector.fromArray(F, x1, i), b);
            c = weight.fma(FloatVector.fromArray(F, x2, i), c);
            d = weight.fma(FloatVector.fromArray(F, x3, i), d);
        }
        a.intoArray(lanes, 0);
        b.intoArray(lanes, LANES);
        c.intoArray(lanes, 2 * LANES);
        d.intoArray(lanes, 3 * LANES);
    }

    /** {@link RowLoops#weightedInt8}. */
    static void addWeighted(
            MemorySegment w, long at, long rowBytes, int rows, int columns, float[][] ps, int from, float[][] ys) {
        int whole = columns - columns % (4 * LANES);
        for (int c = 0; c < whole; c += LANES) { // a quarter of a run's bytes each
            long start = at + (c & -4 * LANES);
            int shift = 24 - 8 * (c / LANES & 3);
            if (ys.length == 4) {
                fourWeightedBytes(w, start, rowBytes, rows, shift, c, ps[0], ps[1], ps[2], ps[3], from, ys);
            } else {
                for (int v = 0; v < ys.length; v++) {
                    oneWeightedBytes(w, start, rowBytes, rows, shift, c, ps[v], from, ys[v]);
                }
            }
        }
        for (int c = whole; c < columns; c++) {
            for (int r = 0; r < rows; r++) {
                float x = w.get(ValueLayout.JAVA_BYTE, at + r * rowBytes + c);
                for (int v = 0; v < ys.length; v++) {
                    ys[v][c] += ps[v][from + r] * x;
                }
            }
        }
    }

    private static void oneWeightedBytes(
            MemorySegment w, long at, long rowBytes, int rows, int shift, int c, float[] p, int from, float[] y) {
        FloatVector sum = FloatVector.fromArray(F, y, c);
        for (int r = 0; r < rows; r++) {
            IntVector v = IntVector.fromMemorySegment(I, w, at + r * rowBytes, LITTLE_ENDIAN)
                    .lanewise(LSHL, shift);
            sum = ((FloatVector) v.lanewise(ASHR, 24).convert(I2F, 0)).fma(broadcast(F, p[from + r]), sum);
        }
        sum.intoArray(y, c);
    }

    private static void fourWeightedBytes(
            MemorySegment w,
            long at,
            long rowBytes,
            int rows,
            int shift,
            int c,
            float[] p0,
            float[] p1,
            float[] p2,
            float[] p3,
            int from,
            float[][] ys) {
        FloatVector a = FloatVector.fromArray(F, ys[0], c);
        FloatVector b = FloatVector.fromArray(F, ys[1], c);
        FloatVector d = FloatVector.fromArray(F, ys[2], c);
        FloatVector e = FloatVector.fromArray(F, ys[3], c);
        for (int r = 0; r < rows; r++) {
            IntVector v = IntVector.fromMemorySegment(I, w, at + r * rowBytes, LITTLE_ENDIAN)
                    .lanewise(LSHL, shift);
            FloatVector weight = (FloatVector) v.lanewise(ASHR, 24).convert(I2F, 0);
            a = weight.fma(broadcast(F, p0[from + r]), a);
            b = weight.fma(broadcast(F, p1[from + r]), b);
            d = weight.fma(broadcast(F, p2[from + r]), d);
            e = weight.fma(broadcast(F, p3[from + r]), e);
        }
        a.intoArray(ys[0], c);
        b.intoArray(ys[1], c);
        d.intoArray(ys[2], c);
        e.intoArray(ys[3], c);
    }
}
