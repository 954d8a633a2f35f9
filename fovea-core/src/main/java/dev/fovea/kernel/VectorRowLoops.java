package dev.fovea.kernel;

import static java.nio.ByteOrder.LITTLE_ENDIAN;
import static jdk.incubator.vector.FloatVector.broadcast;
import static jdk.incubator.vector.VectorOperators.LSHL;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorSpecies;

/** The loops over rows on vector registers of whatever width the machine prefers, unrolled by hand as {@link VectorLoops} are. */
final class VectorRowLoops implements RowLoops {

    private static final VectorSpecies<Float> F = FloatVector.SPECIES_PREFERRED;
    private static final VectorSpecies<Integer> I = VectorSpecies.of(int.class, F.vectorShape());
    private static final int LANES = F.length();

    private static final ValueLayout.OfShort BF16 = ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(LITTLE_ENDIAN);
    private static final int HIGH_HALF = 0xFFFF0000;

    @Override
    public int lanes() {
        return LANES;
    }

    @Override
    public void bf16(
            MemorySegment w, long at, long rowBytes, int columns, float[][] xs, float[][] ys, int to, float[] lanes) {
        int whole = columns - columns % (2 * LANES);
        if (xs.length == 1) {
            for (int r = 0; r < 4; r++) { // side by side they would be read a quarter slower
                oneVector(w, at + r * rowBytes, whole, xs[0], lanes);
                ys[0][to + r] = sum(lanes, 0);
            }
        } else {
            for (int r = 0; r < 4; r++) {
                fourVectors(w, at + r * rowBytes, whole, xs[0], xs[1], xs[2], xs[3], lanes);
                for (int v = 0; v < 4; v++) {
                    ys[v][to + r] = sum(lanes, v);
                }
            }
        }
        for (int c = whole; c < columns; c++) {
            for (int r = 0; r < 4; r++) {
                float weight = Loops.low(w.get(BF16, at + r * rowBytes + 2L * c));
                for (int v = 0; v < xs.length; v++) {
                    ys[v][to + r] += weight * xs[v][c];
                }
            }
        }
    }

    private static void oneVector(MemorySegment w, long at, int columns, float[] x, float[] lanes) {
        FloatVector a = FloatVector.zero(F);
        FloatVector b = a;
        for (int i = 0; i < columns; i += 2 * LANES) {
            IntVector v = IntVector.fromMemorySegment(I, w, at + 2L * i, LITTLE_ENDIAN);
            a = v.lanewise(LSHL, 16).reinterpretAsFloats().fma(FloatVector.fromArray(F, x, i), a);
            b = v.and(HIGH_HALF).reinterpretAsFloats().fma(FloatVector.fromArray(F, x, i + LANES), b);
        }
        a.add(b).intoArray(lanes, 0);
    }

    private static void fourVectors(
            MemorySegment w, long at, int columns, float[] x0, float[] x1, float[] x2, float[] x3, float[] lanes) {
        FloatVector a = FloatVector.zero(F);
        FloatVector b = a;
        FloatVector c = a;
        FloatVector d = a;
        FloatVector e = a;
        FloatVector f = a;
        FloatVector g = a;
        FloatVector h = a;
        for (int i = 0; i < columns; i += 2 * LANES) {
            IntVector v = IntVector.fromMemorySegment(I, w, at + 2L * i, LITTLE_ENDIAN);
            FloatVector even = v.lanewise(LSHL, 16).reinterpretAsFloats();
            a = even.fma(FloatVector.fromArray(F, x0, i), a);
            b = even.fma(FloatVector.fromArray(F, x1, i), b);
            c = even.fma(FloatVector.fromArray(F, x2, i), c);
            d = even.fma(FloatVector.fromArray(F, x3, i), d);
            FloatVector odd = v.and(HIGH_HALF).reinterpretAsFloats();
            e = odd.fma(FloatVector.fromArray(F, x0, i + LANES), e);
            f = odd.fma(FloatVector.fromArray(F, x1, i + LANES), f);
            g = odd.fma(FloatVector.fromArray(F, x2, i + LANES), g);
            h = odd.fma(FloatVector.fromArray(F, x3, i + LANES), h);
        }
        a.add(e).intoArray(lanes, 0);
        b.add(f).intoArray(lanes, LANES);
        c.add(g).intoArray(lanes, 2 * LANES);
        d.add(h).intoArray(lanes, 3 * LANES);
    }

    /**
     * The sum of one register's lanes of those that were stored, always in this order: {@code reduceLanes} adds in another before it is
     * compiled than after.
     */
    static float sum(float[] lanes, int register) {
        int at = register * LANES;
        float a = lanes[at];
        float b = lanes[at + 1];
        float c = lanes[at + 2];
        float d = lanes[at + 3];
        for (int i = at + 4; i < at + LANES; i += 4) {
            a += lanes[i];
            b += lanes[i + 1];
            c += lanes[i + 2];
            d += lanes[i + 3];
        }
        return (a + b) + (c + d);
    }

    @Override
    public void int8(
            MemorySegment w, long at, long rowBytes, int columns, float[][] xs, float[][] ys, int to, float[] lanes) {
        VectorByteRows.multiply(w, at, rowBytes, columns, xs, ys, to, lanes);
    }

    /** In each whole run of registers the first value of every word, then the second of every word, and so on; the rest as it is. */
    @Override
    public void arrange(float[] x, int from, int count, int bytes, float[] into) {
        int parts = 4 / bytes;
        int run = 0;
        for (; run + parts * LANES <= count; run += parts * LANES) {
            for (int i = 0; i < LANES; i++) {
                for (int part = 0; part < parts; part++) {
                    into[run + part * LANES + i] = x[from + run + parts * i + part];
                }
            }
        }
        System.arraycopy(x, from + run, into, run, count - run);
    }

    @Override
    public void straighten(float[] x, int count, int bytes, float[] into, int at) {
        int parts = 4 / bytes;
        int run = 0;
        for (; run + parts * LANES <= count; run += parts * LANES) {
            for (int i = 0; i < LANES; i++) {
                for (int part = 0; part < parts; part++) {
                    into[at + run + parts * i + part] = x[run + part * LANES + i];
                }
            }
        }
        System.arraycopy(x, run, into, at + run, count - run);
    }

    @Override
    public void weightedBf16(
            MemorySegment w, long at, long rowBytes, int rows, int columns, float[][] ps, int from, float[][] ys) {
        int whole = columns - columns % (2 * LANES);
        for (int c = 0; c < whole; c += 2 * LANES) {
            if (ys.length == 4) {
                fourWeighted(w, at + 2L * c, rowBytes, rows, c, ps[0], ps[1], ps[2], ps[3], from, ys);
            } else {
                for (int v = 0; v < ys.length; v++) {
                    oneWeighted(w, at + 2L * c, rowBytes, rows, c, ps[v], from, ys[v]);
                }
            }
        }
        for (int c = whole; c < columns; c++) {
            for (int r = 0; r < rows; r++) {
                float x = Loops.low(w.get(BF16, at + r * rowBytes + 2L * c));
                for (int v = 0; v < ys.length; v++) {
                    ys[v][c] += ps[v][from + r] * x;
                }
            }
        }
    }

    private static void oneWeighted(
            MemorySegment w, long at, long rowBytes, int rows, int c, float[] p, int from, float[] y) {
        FloatVector even = FloatVector.fromArray(F, y, c);
        FloatVector odd = FloatVector.fromArray(F, y, c + LANES);
        for (int r = 0; r < rows; r++) {
            IntVector v = IntVector.fromMemorySegment(I, w, at + r * rowBytes, LITTLE_ENDIAN);
            FloatVector weight = broadcast(F, p[from + r]);
            even = v.lanewise(LSHL, 16).reinterpretAsFloats().fma(weight, even);
            odd = v.and(HIGH_HALF).reinterpretAsFloats().fma(weight, odd);
        }
        even.intoArray(y, c);
        odd.intoArray(y, c + LANES);
    }

    private static void fourWeighted(
            MemorySegment w,
            long at,
            long rowBytes,
            int rows,
            int c,
            float[] p0,
            float[] p1,
            float[] p2,
            float[] p3,
            int from,
            float[][] ys) {
        FloatVector e0 = FloatVector.fromArray(F, ys[0], c);
        FloatVector e1 = FloatVector.fromArray(F, ys[1], c);
        FloatVector e2 = FloatVector.fromArray(F, ys[2], c);
        FloatVector e3 = FloatVector.fromArray(F, ys[3], c);
        FloatVector o0 = FloatVector.fromArray(F, ys[0], c + LANES);
        FloatVector o1 = FloatVector.fromArray(F, ys[1], c + LANES);
        FloatVector o2 = FloatVector.fromArray(F, ys[2], c + LANES);
        FloatVector o3 = FloatVector.fromArray(F, ys[3], c + LANES);
        for (int r = 0; r < rows; r++) {
            IntVector v = IntVector.fromMemorySegment(I, w, at + r * rowBytes, LITTLE_ENDIAN);
            FloatVector even = v.lanewise(LSHL, 16).reinterpretAsFloats();
            FloatVector odd = v.and(HIGH_HALF).reinterpretAsFloats();
            e0 = even.fma(broadcast(F, p0[from + r]), e0);
            o0 = odd.fma(broadcast(F, p0[from + r]), o0);
            e1 = even.fma(broadcast(F, p1[from + r]), e1);
            o1 = odd.fma(broadcast(F, p1[from + r]), o1);
            e2 = even.fma(broadcast(F, p2[from + r]), e2);
            o2 = odd.fma(broadcast(F, p2[from + r]), o2);
            e3 = even.fma(broadcast(F, p3[from + r]), e3);
            o3 = odd.fma(broadcast(F, p3[from + r]), o3);
        }
        e0.intoArray(ys[0], c);
        e1.intoArray(ys[1], c);
        e2.intoArray(ys[2], c);
        e3.intoArray(ys[3], c);
        o0.intoArray(ys[0], c + LANES);
        o1.intoArray(ys[1], c + LANES);
        o2.intoArray(ys[2], c + LANES);
        o3.intoArray(ys[3], c + LANES);
    }

    @Override
    public void weightedInt8(
            MemorySegment w, long at, long rowBytes, int rows, int columns, float[][] ps, int from, float[][] ys) {
        VectorByteRows.addWeighted(w, at, rowBytes, rows, columns, ps, from, ys);
    }

    /** {@link Exp} stands here and in {@link #gatedGelu}: a method of its own would return a vector, and so an object. */
    @Override
    public float exponentials(float[] x, int count) {
        float largest = Float.NEGATIVE_INFINITY;
        for (int i = 0; i < count; i++) {
            largest = Math.max(largest, x[i]);
        }
        int whole = count - count % LANES;
        FloatVector sums = FloatVector.zero(F);
        for (int i = 0; i < whole; i += LANES) {
            FloatVector v = FloatVector.fromArray(F, x, i).sub(largest);
            FloatVector z = v.max(Exp.LEAST);
            FloatVector turns = z.fma(broadcast(F, Exp.LOG2_E), broadcast(F, Exp.ROUND));
            FloatVector n = turns.sub(Exp.ROUND);
            FloatVector r = n.fma(broadcast(F, -Exp.LN2_LOW), n.fma(broadcast(F, -Exp.LN2_HIGH), z));
            FloatVector e = r.fma(broadcast(F, Exp.C6), broadcast(F, Exp.C5));
            e = e.fma(r, broadcast(F, Exp.C4));
            e = e.fma(r, broadcast(F, Exp.C3));
            e = e.fma(r, broadcast(F, 0.5f));
            e = e.fma(r, broadcast(F, 1));
            e = e.fma(r, broadcast(F, 1));
            IntVector bits = turns.reinterpretAsInts().lanewise(LSHL, 23);
            e = e.reinterpretAsInts().add(bits).reinterpretAsFloats();
            e = e.blend(0, v.lt(Exp.LEAST));
            e.intoArray(x, i);
            sums = sums.add(e);
        }
        var lanes = new float[LANES];
        sums.intoArray(lanes, 0);
        float sum = sum(lanes, 0);
        for (int i = whole; i < count; i++) {
            x[i] = (float) Math.exp(x[i] - largest);
            sum += x[i];
        }
        return sum;
    }

    @Override
    public void gatedGelu(float[] x, int up, float[] y, int from, int to) {
        int whole = to - (to - from) % LANES;
        for (int i = from; i < whole; i += LANES) {
            FloatVector v = FloatVector.fromArray(F, x, i);
            FloatVector inner = v.mul(v).mul(v).mul(Gelu.CUBE).add(v).mul(-2 * Gelu.ROOT);
            FloatVector z = inner.max(Exp.LEAST).min(-Exp.LEAST);
            FloatVector turns = z.fma(broadcast(F, Exp.LOG2_E), broadcast(F, Exp.ROUND));
            FloatVector n = turns.sub(Exp.ROUND);
            FloatVector r = n.fma(broadcast(F, -Exp.LN2_LOW), n.fma(broadcast(F, -Exp.LN2_HIGH), z));
            FloatVector e = r.fma(broadcast(F, Exp.C6), broadcast(F, Exp.C5));
            e = e.fma(r, broadcast(F, Exp.C4));
            e = e.fma(r, broadcast(F, Exp.C3));
            e = e.fma(r, broadcast(F, 0.5f));
            e = e.fma(r, broadcast(F, 1));
            e = e.fma(r, broadcast(F, 1));
            IntVector bits = turns.reinterpretAsInts().lanewise(LSHL, 23);
            e = e.reinterpretAsInts().add(bits).reinterpretAsFloats();
            v.div(e.add(1)).mul(FloatVector.fromArray(F, x, up + i)).intoArray(y, i);
        }
        for (int i = whole; i < to; i++) {
            y[i] = Gelu.tanhForm(x[i]) * x[up + i];
        }
    }
}
