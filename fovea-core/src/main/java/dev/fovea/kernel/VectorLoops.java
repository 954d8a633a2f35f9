package dev.fovea.kernel;

import static java.nio.ByteOrder.LITTLE_ENDIAN;
import static jdk.incubator.vector.VectorOperators.ASHR;
import static jdk.incubator.vector.VectorOperators.I2F;
import static jdk.incubator.vector.VectorOperators.LSHL;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/**
 * The loops on vector registers of whatever width the machine prefers. Shifts are constants and loops over them unrolled by
 * hand: where the compiler has to unroll, it sometimes does not, and every vector becomes an object.
 */
final class VectorLoops implements Loops {

    private static final VectorSpecies<Float> F = FloatVector.SPECIES_PREFERRED;
    private static final VectorSpecies<Integer> I = VectorSpecies.of(int.class, F.vectorShape());
    private static final int LANES = F.length();
    /** Bytes of a word of every row of a group. */
    private static final long STEP = 4L * LANES;

    private static final ValueLayout.OfShort BF16 = ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(LITTLE_ENDIAN);
    private static final int HIGH_HALF = 0xFFFF0000;

    @Override
    public int lanes() {
        return LANES;
    }

    private static IntVector words(MemorySegment w, long at) {
        return IntVector.fromMemorySegment(I, w, at, LITTLE_ENDIAN);
    }

    private static FloatVector floats(IntVector v) {
        return (FloatVector) v.convert(I2F, 0);
    }

    private static FloatVector at(float[] x, int i) {
        return FloatVector.broadcast(F, x[i]);
    }

    @Override
    public void int8(MemorySegment w, long at, int words, float[][] xs, float[][] ys, int to) {
        if (xs.length == 1) {
            int8(w, at, words, xs[0], ys[0], to);
        } else {
            int8(w, at, words, xs[0], xs[1], xs[2], xs[3], ys, to);
        }
    }

    private static void int8(MemorySegment w, long at, int words, float[] x, float[] y, int to) {
        FloatVector a = FloatVector.zero(F);
        FloatVector b = a;
        FloatVector c = a;
        FloatVector d = a;
        for (int i = 0; i < words; i++) {
            IntVector v = words(w, at + i * STEP);
            a = floats(v.lanewise(LSHL, 24).lanewise(ASHR, 24)).fma(at(x, 4 * i), a);
            b = floats(v.lanewise(LSHL, 16).lanewise(ASHR, 24)).fma(at(x, 4 * i + 1), b);
            c = floats(v.lanewise(LSHL, 8).lanewise(ASHR, 24)).fma(at(x, 4 * i + 2), c);
            d = floats(v.lanewise(ASHR, 24)).fma(at(x, 4 * i + 3), d);
        }
        a.add(b).add(c.add(d)).intoArray(y, to);
    }

    private static void int8(
            MemorySegment w, long at, int words, float[] x0, float[] x1, float[] x2, float[] x3, float[][] ys, int to) {
        FloatVector a = FloatVector.zero(F);
        FloatVector b = a;
        FloatVector c = a;
        FloatVector d = a;
        for (int i = 0; i < words; i++) {
            IntVector v = words(w, at + i * STEP);
            FloatVector w0 = floats(v.lanewise(LSHL, 24).lanewise(ASHR, 24));
            a = w0.fma(at(x0, 4 * i), a);
            b = w0.fma(at(x1, 4 * i), b);
            c = w0.fma(at(x2, 4 * i), c);
            d = w0.fma(at(x3, 4 * i), d);
            FloatVector w1 = floats(v.lanewise(LSHL, 16).lanewise(ASHR, 24));
            a = w1.fma(at(x0, 4 * i + 1), a);
            b = w1.fma(at(x1, 4 * i + 1), b);
            c = w1.fma(at(x2, 4 * i + 1), c);
            d = w1.fma(at(x3, 4 * i + 1), d);
            FloatVector w2 = floats(v.lanewise(LSHL, 8).lanewise(ASHR, 24));
            a = w2.fma(at(x0, 4 * i + 2), a);
            b = w2.fma(at(x1, 4 * i + 2), b);
            c = w2.fma(at(x2, 4 * i + 2), c);
            d = w2.fma(at(x3, 4 * i + 2), d);
            FloatVector w3 = floats(v.lanewise(ASHR, 24));
            a = w3.fma(at(x0, 4 * i + 3), a);
            b = w3.fma(at(x1, 4 * i + 3), b);
            c = w3.fma(at(x2, 4 * i + 3), c);
            d = w3.fma(at(x3, 4 * i + 3), d);
        }
        a.intoArray(ys[0], to);
        b.intoArray(ys[1], to);
        c.intoArray(ys[2], to);
        d.intoArray(ys[3], to);
    }

    @Override
    public void int4(MemorySegment w, long at, int words64, float[][] xs, float[][] ys, int to) {
        if (xs.length == 1) {
            int4(w, at, words64, xs[0], ys[0], to);
        } else {
            int4(w, at, words64, xs[0], xs[1], xs[2], xs[3], ys, to);
        }
    }

    /**
     * The loops over words stay loops, and nothing but the smallest parts are methods of their own: written out, or in methods that
     * return vectors, the whole outgrows what the compiler takes into one method, and every vector becomes an object.
     */
    private static void int4(MemorySegment w, long at, int words64, float[] x, float[] y, int to) {
        FloatVector sum = FloatVector.zero(F);
        for (int i = 0; i < 2 * words64; i++) { // blocks of 32 columns
            long start = at + 9 * STEP * (i >> 1);
            FloatVector scale = scale(words(w, start), i & 1);
            long block = start + STEP + 4 * STEP * (i & 1);
            FloatVector a = FloatVector.zero(F);
            FloatVector b = a;
            for (int k = 0; k < 4; k++) {
                IntVector v = words(w, block + k * STEP);
                int j = 32 * i + 8 * k;
                a = floats(v.lanewise(LSHL, 28).lanewise(ASHR, 28)).fma(at(x, j), a);
                b = floats(v.lanewise(LSHL, 24).lanewise(ASHR, 28)).fma(at(x, j + 1), b);
                a = floats(v.lanewise(LSHL, 20).lanewise(ASHR, 28)).fma(at(x, j + 2), a);
                b = floats(v.lanewise(LSHL, 16).lanewise(ASHR, 28)).fma(at(x, j + 3), b);
                a = floats(v.lanewise(LSHL, 12).lanewise(ASHR, 28)).fma(at(x, j + 4), a);
                b = floats(v.lanewise(LSHL, 8).lanewise(ASHR, 28)).fma(at(x, j + 5), b);
                a = floats(v.lanewise(LSHL, 4).lanewise(ASHR, 28)).fma(at(x, j + 6), a);
                b = floats(v.lanewise(ASHR, 28)).fma(at(x, j + 7), b);
            }
            sum = a.add(b).fma(scale, sum);
        }
        sum.intoArray(y, to);
    }

    private static void int4(
            MemorySegment w,
            long at,
            int words64,
            float[] x0,
            float[] x1,
            float[] x2,
            float[] x3,
            float[][] ys,
            int to) {
        FloatVector a = FloatVector.zero(F);
        FloatVector b = a;
        FloatVector c = a;
        FloatVector d = a;
        for (int h = 0; h < 16 * words64; h++) { // halves of words: four columns, read once and used four times
            int i = h >> 3; // the block of 32 columns
            long start = at + 9 * STEP * (i >> 1);
            FloatVector scale = scale(words(w, start), i & 1);
            long word = start + STEP + STEP * (4 * (i & 1) + (h >> 1 & 3));
            IntVector v = words(w, word).lanewise(LSHL, 16 - 16 * (h & 1));
            int j = 4 * h;
            FloatVector w0 = floats(v.lanewise(LSHL, 12).lanewise(ASHR, 28)).mul(scale);
            a = w0.fma(at(x0, j), a);
            b = w0.fma(at(x1, j), b);
            c = w0.fma(at(x2, j), c);
            d = w0.fma(at(x3, j), d);
            FloatVector w1 = floats(v.lanewise(LSHL, 8).lanewise(ASHR, 28)).mul(scale);
            a = w1.fma(at(x0, j + 1), a);
            b = w1.fma(at(x1, j + 1), b);
            c = w1.fma(at(x2, j + 1), c);
            d = w1.fma(at(x3, j + 1), d);
            FloatVector w2 = floats(v.lanewise(LSHL, 4).lanewise(ASHR, 28)).mul(scale);
            a = w2.fma(at(x0, j + 2), a);
            b = w2.fma(at(x1, j + 2), b);
            c = w2.fma(at(x2, j + 2), c);
            d = w2.fma(at(x3, j + 2), d);
            FloatVector w3 = floats(v.lanewise(ASHR, 28)).mul(scale);
            a = w3.fma(at(x0, j + 3), a);
            b = w3.fma(at(x1, j + 3), b);
            c = w3.fma(at(x2, j + 3), c);
            d = w3.fma(at(x3, j + 3), d);
        }
        a.intoArray(ys[0], to);
        b.intoArray(ys[1], to);
        c.intoArray(ys[2], to);
        d.intoArray(ys[3], to);
    }

    /** The first or second of two bfloat16 scales in a word. */
    private static FloatVector scale(IntVector words, int which) {
        return high(words.lanewise(LSHL, 16 - 16 * which));
    }

    private static FloatVector low(IntVector v) {
        return v.lanewise(LSHL, 16).reinterpretAsFloats();
    }

    private static FloatVector high(IntVector v) {
        return v.and(HIGH_HALF).reinterpretAsFloats();
    }

    @Override
    public void bf16(MemorySegment w, long at, long rowBytes, int columns, float[][] xs, float[][] ys, int to) {
        int whole = columns - columns % (2 * LANES);
        if (xs.length == 1) {
            fourRows(w, at, rowBytes, whole, xs[0], ys[0], to);
        } else {
            for (int r = 0; r < 4; r++) {
                fourVectors(w, at + r * rowBytes, whole, xs[0], xs[1], xs[2], xs[3], ys, to + r);
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

    private static void fourRows(MemorySegment w, long at, long rowBytes, int columns, float[] x, float[] y, int to) {
        FloatVector a = FloatVector.zero(F);
        FloatVector b = a;
        FloatVector c = a;
        FloatVector d = a;
        for (int i = 0; i < columns; i += 2 * LANES) {
            FloatVector even = FloatVector.fromArray(F, x, i);
            FloatVector odd = FloatVector.fromArray(F, x, i + LANES);
            long from = at + 2L * i;
            a = pairs(words(w, from), even, odd, a);
            b = pairs(words(w, from + rowBytes), even, odd, b);
            c = pairs(words(w, from + 2 * rowBytes), even, odd, c);
            d = pairs(words(w, from + 3 * rowBytes), even, odd, d);
        }
        y[to] = a.reduceLanes(VectorOperators.ADD);
        y[to + 1] = b.reduceLanes(VectorOperators.ADD);
        y[to + 2] = c.reduceLanes(VectorOperators.ADD);
        y[to + 3] = d.reduceLanes(VectorOperators.ADD);
    }

    private static FloatVector pairs(IntVector v, FloatVector even, FloatVector odd, FloatVector sum) {
        return high(v).fma(odd, low(v).fma(even, sum));
    }

    private static void fourVectors(
            MemorySegment w,
            long at,
            int columns,
            float[] x0,
            float[] x1,
            float[] x2,
            float[] x3,
            float[][] ys,
            int to) {
        FloatVector a = FloatVector.zero(F);
        FloatVector b = a;
        FloatVector c = a;
        FloatVector d = a;
        for (int i = 0; i < columns; i += 2 * LANES) {
            IntVector v = words(w, at + 2L * i);
            FloatVector even = low(v);
            FloatVector odd = high(v);
            a = odd.fma(FloatVector.fromArray(F, x0, i + LANES), even.fma(FloatVector.fromArray(F, x0, i), a));
            b = odd.fma(FloatVector.fromArray(F, x1, i + LANES), even.fma(FloatVector.fromArray(F, x1, i), b));
            c = odd.fma(FloatVector.fromArray(F, x2, i + LANES), even.fma(FloatVector.fromArray(F, x2, i), c));
            d = odd.fma(FloatVector.fromArray(F, x3, i + LANES), even.fma(FloatVector.fromArray(F, x3, i), d));
        }
        ys[0][to] = a.reduceLanes(VectorOperators.ADD);
        ys[1][to] = b.reduceLanes(VectorOperators.ADD);
        ys[2][to] = c.reduceLanes(VectorOperators.ADD);
        ys[3][to] = d.reduceLanes(VectorOperators.ADD);
    }

    /** In each whole run of two registers the even elements first, then the odd ones; the rest as it is. */
    @Override
    public float[] arrange(float[] x) {
        float[] arranged = Arrays.copyOf(x, x.length);
        for (int run = 0; run + 2 * LANES <= x.length; run += 2 * LANES) {
            for (int i = 0; i < LANES; i++) {
                arranged[run + i] = x[run + 2 * i];
                arranged[run + LANES + i] = x[run + 2 * i + 1];
            }
        }
        return arranged;
    }

    @Override
    public void straighten(float[] x, float[] into, int at) {
        int run = 0;
        for (; run + 2 * LANES <= x.length; run += 2 * LANES) {
            for (int i = 0; i < LANES; i++) {
                into[at + run + 2 * i] = x[run + i];
                into[at + run + 2 * i + 1] = x[run + LANES + i];
            }
        }
        System.arraycopy(x, run, into, at + run, x.length - run);
    }

    @Override
    public void weighted(
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
            IntVector v = words(w, at + r * rowBytes);
            FloatVector weight = at(p, from + r);
            even = low(v).fma(weight, even);
            odd = high(v).fma(weight, odd);
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
            IntVector v = words(w, at + r * rowBytes);
            FloatVector even = low(v);
            FloatVector odd = high(v);
            e0 = even.fma(at(p0, from + r), e0);
            o0 = odd.fma(at(p0, from + r), o0);
            e1 = even.fma(at(p1, from + r), e1);
            o1 = odd.fma(at(p1, from + r), o1);
            e2 = even.fma(at(p2, from + r), e2);
            o2 = odd.fma(at(p2, from + r), o2);
            e3 = even.fma(at(p3, from + r), e3);
            o3 = odd.fma(at(p3, from + r), o3);
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
    public float exponentials(float[] x, int count) {
        float largest = Float.NEGATIVE_INFINITY;
        for (int i = 0; i < count; i++) {
            largest = Math.max(largest, x[i]);
        }
        int whole = count - count % LANES;
        FloatVector sums = FloatVector.zero(F);
        for (int i = 0; i < whole; i += LANES) {
            FloatVector e = FloatVector.fromArray(F, x, i).sub(largest).lanewise(VectorOperators.EXP);
            e.intoArray(x, i);
            sums = sums.add(e);
        }
        float sum = sums.reduceLanes(VectorOperators.ADD);
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
            FloatVector inner = v.mul(v).mul(v).mul(Gelu.CUBE).add(v).mul(Gelu.ROOT);
            FloatVector gelu =
                    inner.lanewise(VectorOperators.TANH).add(1).mul(v).mul(0.5f);
            gelu.mul(FloatVector.fromArray(F, x, up + i)).intoArray(y, i);
        }
        for (int i = whole; i < to; i++) {
            y[i] = Gelu.tanhForm(x[i]) * x[up + i];
        }
    }
}
