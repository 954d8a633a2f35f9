package dev.fovea.kernel;

import static dev.fovea.kernel.Everywhere.MEMORY;
import static dev.fovea.kernel.Loops.WORD_BYTES;
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

    /** In each whole run of two registers the first value of every word, then the second; the rest as it is. */
    @Override
    public void arrange(float[] x, float[] into) {
        int run = 0;
        for (; run + 2 * LANES <= x.length; run += 2 * LANES) {
            for (int i = 0; i < LANES; i++) {
                into[run + i] = x[run + 2 * i];
                into[run + LANES + i] = x[run + 2 * i + 1];
            }
        }
        System.arraycopy(x, run, into, run, x.length - run);
    }

    @Override
    public void keys(MemorySegment w, long at, int words, float[][] xs, float[][] ys, int to) {
        for (int lane = 0; lane < KvTiles.KEYS; lane += LANES) {
            fourScores(w.address() + at + 4L * lane, words, xs[0], xs[1], xs[2], xs[3], ys, to + lane);
        }
    }

    private static void fourScores(
            long at, int words, float[] x0, float[] x1, float[] x2, float[] x3, float[][] ys, int to) {
        FloatVector a = FloatVector.zero(F);
        FloatVector b = a;
        FloatVector c = a;
        FloatVector d = a;
        FloatVector e = a;
        FloatVector f = a;
        FloatVector g = a;
        FloatVector h = a;
        for (int i = 0; i < words; i++) {
            IntVector v = IntVector.fromMemorySegment(I, MEMORY, at + (long) i * WORD_BYTES, LITTLE_ENDIAN);
            FloatVector first = v.lanewise(LSHL, 16).reinterpretAsFloats();
            a = first.fma(broadcast(F, x0[2 * i]), a);
            b = first.fma(broadcast(F, x1[2 * i]), b);
            c = first.fma(broadcast(F, x2[2 * i]), c);
            d = first.fma(broadcast(F, x3[2 * i]), d);
            FloatVector second = v.and(HIGH_HALF).reinterpretAsFloats();
            e = second.fma(broadcast(F, x0[2 * i + 1]), e);
            f = second.fma(broadcast(F, x1[2 * i + 1]), f);
            g = second.fma(broadcast(F, x2[2 * i + 1]), g);
            h = second.fma(broadcast(F, x3[2 * i + 1]), h);
        }
        a.add(e).intoArray(ys[0], to);
        b.add(f).intoArray(ys[1], to);
        c.add(g).intoArray(ys[2], to);
        d.add(h).intoArray(ys[3], to);
    }

    @Override
    public void values(MemorySegment w, long at, int count, int column, float[][] ps, int from, float[][] ys) {
        long start = w.address() + at;
        if (LANES == KvTiles.VALUES / 4) {
            allValues(start, count, column, ps[0], ps[1], ps[2], ps[3], from, ys);
            return;
        }
        for (int c = 0; c < KvTiles.VALUES; c += 2 * LANES) {
            someValues(start + 2L * c, count, column + c, ps[0], ps[1], ps[2], ps[3], from, ys);
        }
    }

    /** All {@value KvTiles#VALUES} dimensions, where sixteen sums find room in registers. The loop is too large to be unrolled: so its two loads go through memory in steps that the processor foresees. */
    private static void allValues(
            long at, int count, int c, float[] p0, float[] p1, float[] p2, float[] p3, int from, float[][] ys) {
        FloatVector a0 = FloatVector.fromArray(F, ys[0], c);
        FloatVector b0 = FloatVector.fromArray(F, ys[0], c + LANES);
        FloatVector c0 = FloatVector.fromArray(F, ys[0], c + 2 * LANES);
        FloatVector d0 = FloatVector.fromArray(F, ys[0], c + 3 * LANES);
        FloatVector a1 = FloatVector.fromArray(F, ys[1], c);
        FloatVector b1 = FloatVector.fromArray(F, ys[1], c + LANES);
        FloatVector c1 = FloatVector.fromArray(F, ys[1], c + 2 * LANES);
        FloatVector d1 = FloatVector.fromArray(F, ys[1], c + 3 * LANES);
        FloatVector a2 = FloatVector.fromArray(F, ys[2], c);
        FloatVector b2 = FloatVector.fromArray(F, ys[2], c + LANES);
        FloatVector c2 = FloatVector.fromArray(F, ys[2], c + 2 * LANES);
        FloatVector d2 = FloatVector.fromArray(F, ys[2], c + 3 * LANES);
        FloatVector a3 = FloatVector.fromArray(F, ys[3], c);
        FloatVector b3 = FloatVector.fromArray(F, ys[3], c + LANES);
        FloatVector c3 = FloatVector.fromArray(F, ys[3], c + 2 * LANES);
        FloatVector d3 = FloatVector.fromArray(F, ys[3], c + 3 * LANES);
        for (int t = 0; t < count; t++) {
            long row = at + 2L * KvTiles.VALUES * t;
            IntVector v = IntVector.fromMemorySegment(I, MEMORY, row, LITTLE_ENDIAN);
            IntVector w = IntVector.fromMemorySegment(I, MEMORY, row + 4L * LANES, LITTLE_ENDIAN);
            FloatVector first = v.lanewise(LSHL, 16).reinterpretAsFloats();
            FloatVector second = v.and(HIGH_HALF).reinterpretAsFloats();
            FloatVector third = w.lanewise(LSHL, 16).reinterpretAsFloats();
            FloatVector fourth = w.and(HIGH_HALF).reinterpretAsFloats();
            FloatVector p = broadcast(F, p0[from + t]);
            a0 = first.fma(p, a0);
            b0 = second.fma(p, b0);
            c0 = third.fma(p, c0);
            d0 = fourth.fma(p, d0);
            p = broadcast(F, p1[from + t]);
            a1 = first.fma(p, a1);
            b1 = second.fma(p, b1);
            c1 = third.fma(p, c1);
            d1 = fourth.fma(p, d1);
            p = broadcast(F, p2[from + t]);
            a2 = first.fma(p, a2);
            b2 = second.fma(p, b2);
            c2 = third.fma(p, c2);
            d2 = fourth.fma(p, d2);
            p = broadcast(F, p3[from + t]);
            a3 = first.fma(p, a3);
            b3 = second.fma(p, b3);
            c3 = third.fma(p, c3);
            d3 = fourth.fma(p, d3);
        }
        a0.intoArray(ys[0], c);
        b0.intoArray(ys[0], c + LANES);
        c0.intoArray(ys[0], c + 2 * LANES);
        d0.intoArray(ys[0], c + 3 * LANES);
        a1.intoArray(ys[1], c);
        b1.intoArray(ys[1], c + LANES);
        c1.intoArray(ys[1], c + 2 * LANES);
        d1.intoArray(ys[1], c + 3 * LANES);
        a2.intoArray(ys[2], c);
        b2.intoArray(ys[2], c + LANES);
        c2.intoArray(ys[2], c + 2 * LANES);
        d2.intoArray(ys[2], c + 3 * LANES);
        a3.intoArray(ys[3], c);
        b3.intoArray(ys[3], c + LANES);
        c3.intoArray(ys[3], c + 2 * LANES);
        d3.intoArray(ys[3], c + 3 * LANES);
    }

    private static void someValues(
            long at, int count, int c, float[] p0, float[] p1, float[] p2, float[] p3, int from, float[][] ys) {
        FloatVector a0 = FloatVector.fromArray(F, ys[0], c);
        FloatVector a1 = FloatVector.fromArray(F, ys[1], c);
        FloatVector a2 = FloatVector.fromArray(F, ys[2], c);
        FloatVector a3 = FloatVector.fromArray(F, ys[3], c);
        FloatVector b0 = FloatVector.fromArray(F, ys[0], c + LANES);
        FloatVector b1 = FloatVector.fromArray(F, ys[1], c + LANES);
        FloatVector b2 = FloatVector.fromArray(F, ys[2], c + LANES);
        FloatVector b3 = FloatVector.fromArray(F, ys[3], c + LANES);
        for (int t = 0; t < count; t++) {
            IntVector v = IntVector.fromMemorySegment(I, MEMORY, at + 2L * KvTiles.VALUES * t, LITTLE_ENDIAN);
            FloatVector first = v.lanewise(LSHL, 16).reinterpretAsFloats();
            FloatVector second = v.and(HIGH_HALF).reinterpretAsFloats();
            FloatVector p = broadcast(F, p0[from + t]);
            a0 = first.fma(p, a0);
            b0 = second.fma(p, b0);
            p = broadcast(F, p1[from + t]);
            a1 = first.fma(p, a1);
            b1 = second.fma(p, b1);
            p = broadcast(F, p2[from + t]);
            a2 = first.fma(p, a2);
            b2 = second.fma(p, b2);
            p = broadcast(F, p3[from + t]);
            a3 = first.fma(p, a3);
            b3 = second.fma(p, b3);
        }
        a0.intoArray(ys[0], c);
        a1.intoArray(ys[1], c);
        a2.intoArray(ys[2], c);
        a3.intoArray(ys[3], c);
        b0.intoArray(ys[0], c + LANES);
        b1.intoArray(ys[1], c + LANES);
        b2.intoArray(ys[2], c + LANES);
        b3.intoArray(ys[3], c + LANES);
    }

    @Override
    public void byteValues(MemorySegment w, long at, int count, int column, float[][] ps, int from, float[][] ys) {
        long start = w.address() + at;
        if (LANES == KvTiles.VALUES / 4) {
            allByteValues(start, count, column, ps[0], ps[1], ps[2], ps[3], from, ys);
            return;
        }
        for (int c = 0; c < KvTiles.VALUES; c += LANES) { // a quarter of a register's bytes each
            long words = start + (c & -4 * LANES);
            int shift = 24 - 8 * (c / LANES & 3);
            someByteValues(words, count, shift, column + c, ps[0], ps[1], ps[2], ps[3], from, ys);
        }
    }

    private static void allByteValues(
            long at, int count, int c, float[] p0, float[] p1, float[] p2, float[] p3, int from, float[][] ys) {
        FloatVector a0 = FloatVector.fromArray(F, ys[0], c);
        FloatVector b0 = FloatVector.fromArray(F, ys[0], c + LANES);
        FloatVector c0 = FloatVector.fromArray(F, ys[0], c + 2 * LANES);
        FloatVector d0 = FloatVector.fromArray(F, ys[0], c + 3 * LANES);
        FloatVector a1 = FloatVector.fromArray(F, ys[1], c);
        FloatVector b1 = FloatVector.fromArray(F, ys[1], c + LANES);
        FloatVector c1 = FloatVector.fromArray(F, ys[1], c + 2 * LANES);
        FloatVector d1 = FloatVector.fromArray(F, ys[1], c + 3 * LANES);
        FloatVector a2 = FloatVector.fromArray(F, ys[2], c);
        FloatVector b2 = FloatVector.fromArray(F, ys[2], c + LANES);
        FloatVector c2 = FloatVector.fromArray(F, ys[2], c + 2 * LANES);
        FloatVector d2 = FloatVector.fromArray(F, ys[2], c + 3 * LANES);
        FloatVector a3 = FloatVector.fromArray(F, ys[3], c);
        FloatVector b3 = FloatVector.fromArray(F, ys[3], c + LANES);
        FloatVector c3 = FloatVector.fromArray(F, ys[3], c + 2 * LANES);
        FloatVector d3 = FloatVector.fromArray(F, ys[3], c + 3 * LANES);
        for (int t = 0; t < count; t++) {
            IntVector v = IntVector.fromMemorySegment(I, MEMORY, at + (long) KvTiles.VALUES * t, LITTLE_ENDIAN);
            FloatVector first =
                    (FloatVector) v.lanewise(LSHL, 24).lanewise(ASHR, 24).convert(I2F, 0);
            FloatVector second =
                    (FloatVector) v.lanewise(LSHL, 16).lanewise(ASHR, 24).convert(I2F, 0);
            FloatVector third =
                    (FloatVector) v.lanewise(LSHL, 8).lanewise(ASHR, 24).convert(I2F, 0);
            FloatVector fourth = (FloatVector) v.lanewise(ASHR, 24).convert(I2F, 0);
            FloatVector p = broadcast(F, p0[from + t]);
            a0 = first.fma(p, a0);
            b0 = second.fma(p, b0);
            c0 = third.fma(p, c0);
            d0 = fourth.fma(p, d0);
            p = broadcast(F, p1[from + t]);
            a1 = first.fma(p, a1);
            b1 = second.fma(p, b1);
            c1 = third.fma(p, c1);
            d1 = fourth.fma(p, d1);
            p = broadcast(F, p2[from + t]);
            a2 = first.fma(p, a2);
            b2 = second.fma(p, b2);
            c2 = third.fma(p, c2);
            d2 = fourth.fma(p, d2);
            p = broadcast(F, p3[from + t]);
            a3 = first.fma(p, a3);
            b3 = second.fma(p, b3);
            c3 = third.fma(p, c3);
            d3 = fourth.fma(p, d3);
        }
        a0.intoArray(ys[0], c);
        b0.intoArray(ys[0], c + LANES);
        c0.intoArray(ys[0], c + 2 * LANES);
        d0.intoArray(ys[0], c + 3 * LANES);
        a1.intoArray(ys[1], c);
        b1.intoArray(ys[1], c + LANES);
        c1.intoArray(ys[1], c + 2 * LANES);
        d1.intoArray(ys[1], c + 3 * LANES);
        a2.intoArray(ys[2], c);
        b2.intoArray(ys[2], c + LANES);
        c2.intoArray(ys[2], c + 2 * LANES);
        d2.intoArray(ys[2], c + 3 * LANES);
        a3.intoArray(ys[3], c);
        b3.intoArray(ys[3], c + LANES);
        c3.intoArray(ys[3], c + 2 * LANES);
        d3.intoArray(ys[3], c + 3 * LANES);
    }

    private static void someByteValues(
            long at,
            int count,
            int shift,
            int c,
            float[] p0,
            float[] p1,
            float[] p2,
            float[] p3,
            int from,
            float[][] ys) {
        FloatVector a0 = FloatVector.fromArray(F, ys[0], c);
        FloatVector a1 = FloatVector.fromArray(F, ys[1], c);
        FloatVector a2 = FloatVector.fromArray(F, ys[2], c);
        FloatVector a3 = FloatVector.fromArray(F, ys[3], c);
        for (int t = 0; t < count; t++) {
            IntVector v = IntVector.fromMemorySegment(I, MEMORY, at + (long) KvTiles.VALUES * t, LITTLE_ENDIAN)
                    .lanewise(LSHL, shift);
            FloatVector value = (FloatVector) v.lanewise(ASHR, 24).convert(I2F, 0);
            a0 = value.fma(broadcast(F, p0[from + t]), a0);
            a1 = value.fma(broadcast(F, p1[from + t]), a1);
            a2 = value.fma(broadcast(F, p2[from + t]), a2);
            a3 = value.fma(broadcast(F, p3[from + t]), a3);
        }
        a0.intoArray(ys[0], c);
        a1.intoArray(ys[1], c);
        a2.intoArray(ys[2], c);
        a3.intoArray(ys[3], c);
    }

    /** In each run of registers the loops have the first value of every word, then the second of every word, and so on. */
    @Override
    public void straighten(float[] x, int columns, int bytes, float[] into) {
        int parts = Integer.BYTES / bytes;
        for (int run = 0; run < columns; run += parts * LANES) {
            for (int i = 0; i < LANES; i++) {
                for (int part = 0; part < parts; part++) {
                    into[run + parts * i + part] = x[run + part * LANES + i];
                }
            }
        }
    }

    /** {@link Exp} stands here and in {@link #gatedGelu}: a method of its own would return a vector, and so an object. */
    @Override
    public float exponentials(float[] x, int count, float largest) {
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
