package dev.fovea.kernel;

import static java.nio.ByteOrder.LITTLE_ENDIAN;
import static jdk.incubator.vector.VectorOperators.ASHR;
import static jdk.incubator.vector.VectorOperators.I2F;
import static jdk.incubator.vector.VectorOperators.I2S;
import static jdk.incubator.vector.VectorOperators.LSHL;
import static jdk.incubator.vector.VectorOperators.LSHR;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;

/**
 * The loops on vector registers of whatever width the machine prefers: a group is one of them, two or four. Shifts are constants and loops over
 * them unrolled by hand: where the compiler has to unroll, it sometimes does not, and every vector becomes an object. For the same
 * reason nothing but the smallest parts are methods of their own.
 */
final class VectorLoops implements Loops {

    private static final VectorSpecies<Float> F = FloatVector.SPECIES_PREFERRED;
    private static final VectorSpecies<Integer> I = VectorSpecies.of(int.class, F.vectorShape());
    private static final VectorSpecies<Short> S =
            VectorSpecies.of(short.class, VectorShape.forBitSize(F.vectorBitSize() / 2)); // as many lanes
    private static final int LANES = F.length();
    private static final int HIGH_HALF = 0xFFFF0000;
    /** Columns of two blocks of 4 bits. */
    private static final int PAIR = 2 * BlockQ4.BLOCK;

    private final RowLoops rows = new VectorRowLoops();

    @Override
    public RowLoops rows() {
        return rows;
    }

    private static IntVector words(long address) {
        return IntVector.fromMemorySegment(I, Everywhere.MEMORY, address, LITTLE_ENDIAN);
    }

    private static FloatVector floats(IntVector v) {
        return (FloatVector) v.convert(I2F, 0);
    }

    private static FloatVector at(float[] x, int i) {
        return FloatVector.broadcast(F, x[i]);
    }

    /** The first or second of two bfloat16 scales in a word. */
    private static FloatVector scale(IntVector words, int which) {
        return words.lanewise(LSHL, 16 - 16 * which).and(HIGH_HALF).reinterpretAsFloats();
    }

    /** One group after the other: two side by side took a third longer from memory. */
    @Override
    public void int8(MemorySegment w, long at, int words, float[] x, float[] y, int to) {
        if (LANES == GROUP) {
            int8One(w.address() + at, words, x, y, to);
            return;
        }
        for (int lane = 0; lane < GROUP; lane += 2 * LANES) {
            int8Two(w.address() + at + 4L * lane, words, x, y, to + lane);
        }
    }

    private static void int8One(long at, int words, float[] x, float[] y, int to) {
        FloatVector a = FloatVector.zero(F);
        FloatVector b = a;
        for (int i = 0; i < words; i++) {
            IntVector v = words(at + (long) i * WORD_BYTES);
            a = floats(v.lanewise(LSHL, 24).lanewise(ASHR, 24)).fma(at(x, 4 * i), a);
            b = floats(v.lanewise(LSHL, 16).lanewise(ASHR, 24)).fma(at(x, 4 * i + 1), b);
            a = floats(v.lanewise(LSHL, 8).lanewise(ASHR, 24)).fma(at(x, 4 * i + 2), a);
            b = floats(v.lanewise(ASHR, 24)).fma(at(x, 4 * i + 3), b);
        }
        FloatVector step = words(at + (long) words * WORD_BYTES).reinterpretAsFloats();
        a.add(b).mul(step).intoArray(y, to);
    }

    private static void int8Two(long at, int words, float[] x, float[] y, int to) {
        FloatVector a = FloatVector.zero(F);
        FloatVector b = a;
        FloatVector c = a;
        FloatVector d = a;
        for (int i = 0; i < words; i++) {
            IntVector v = words(at + (long) i * WORD_BYTES);
            IntVector u = words(at + 4L * LANES + (long) i * WORD_BYTES);
            FloatVector x0 = at(x, 4 * i);
            a = floats(v.lanewise(LSHL, 24).lanewise(ASHR, 24)).fma(x0, a);
            c = floats(u.lanewise(LSHL, 24).lanewise(ASHR, 24)).fma(x0, c);
            FloatVector x1 = at(x, 4 * i + 1);
            b = floats(v.lanewise(LSHL, 16).lanewise(ASHR, 24)).fma(x1, b);
            d = floats(u.lanewise(LSHL, 16).lanewise(ASHR, 24)).fma(x1, d);
            FloatVector x2 = at(x, 4 * i + 2);
            a = floats(v.lanewise(LSHL, 8).lanewise(ASHR, 24)).fma(x2, a);
            c = floats(u.lanewise(LSHL, 8).lanewise(ASHR, 24)).fma(x2, c);
            FloatVector x3 = at(x, 4 * i + 3);
            b = floats(v.lanewise(ASHR, 24)).fma(x3, b);
            d = floats(u.lanewise(ASHR, 24)).fma(x3, d);
        }
        long steps = at + (long) words * WORD_BYTES;
        a.add(b).mul(words(steps).reinterpretAsFloats()).intoArray(y, to);
        c.add(d).mul(words(steps + 4L * LANES).reinterpretAsFloats()).intoArray(y, to + LANES);
    }

    @Override
    public void int8Together(MemorySegment w, long at, int words, float[][] xs, float[][] ys, int to) {
        for (int lane = 0; lane < GROUP; lane += LANES) {
            int8Together(w.address() + at + 4L * lane, words, xs[0], xs[1], xs[2], xs[3], ys, to + lane);
        }
    }

    private static void int8Together(
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
            IntVector v = words(at + (long) i * WORD_BYTES);
            FloatVector even = floats(v.lanewise(LSHL, 24).lanewise(ASHR, 24));
            a = even.fma(at(x0, 4 * i), a);
            b = even.fma(at(x1, 4 * i), b);
            c = even.fma(at(x2, 4 * i), c);
            d = even.fma(at(x3, 4 * i), d);
            FloatVector odd = floats(v.lanewise(LSHL, 16).lanewise(ASHR, 24));
            e = odd.fma(at(x0, 4 * i + 1), e);
            f = odd.fma(at(x1, 4 * i + 1), f);
            g = odd.fma(at(x2, 4 * i + 1), g);
            h = odd.fma(at(x3, 4 * i + 1), h);
            even = floats(v.lanewise(LSHL, 8).lanewise(ASHR, 24));
            a = even.fma(at(x0, 4 * i + 2), a);
            b = even.fma(at(x1, 4 * i + 2), b);
            c = even.fma(at(x2, 4 * i + 2), c);
            d = even.fma(at(x3, 4 * i + 2), d);
            odd = floats(v.lanewise(ASHR, 24));
            e = odd.fma(at(x0, 4 * i + 3), e);
            f = odd.fma(at(x1, 4 * i + 3), f);
            g = odd.fma(at(x2, 4 * i + 3), g);
            h = odd.fma(at(x3, 4 * i + 3), h);
        }
        FloatVector step = words(at + (long) words * WORD_BYTES).reinterpretAsFloats();
        a.add(e).mul(step).intoArray(ys[0], to);
        b.add(f).mul(step).intoArray(ys[1], to);
        c.add(g).mul(step).intoArray(ys[2], to);
        d.add(h).mul(step).intoArray(ys[3], to);
    }

    /**
     * Block by block, so that the registers of a group read the same cache lines shortly after one another. Sums lie in {@code y}
     * between blocks: a vector that lives across an inner loop becomes an object.
     */
    @Override
    public void int4(MemorySegment w, long at, int pairs, float[] x, float[] y, int to) {
        Arrays.fill(y, to, to + GROUP, 0);
        for (int i = 0; i < 2 * pairs; i++) {
            long pair = w.address() + at + (long) WORD_BYTES * NIBBLE_WORDS * (i >> 1);
            for (int lane = 0; lane < GROUP; lane += LANES) {
                addBlock(pair + 4L * lane, i & 1, x, BlockQ4.BLOCK * i, pairs * PAIR + i, y, to + lane);
            }
        }
    }

    /** A nibble stays in its place of a half word, 16^j times too large, and its column of the vector is that much smaller. */
    private static void addBlock(long pair, int half, float[] x, int first, int tooMuch, float[] y, int to) {
        long block = pair + WORD_BYTES + 4L * WORD_BYTES * half;
        FloatVector a = FloatVector.zero(F);
        FloatVector b = a;
        for (int k = 0; k < 4; k++) {
            IntVector v = words(block + (long) k * WORD_BYTES);
            int j = first + 8 * k;
            a = floats(v.and(0xF)).fma(at(x, j), a);
            b = floats(v.and(0xF0)).fma(at(x, j + 1), b);
            a = floats(v.and(0xF00)).fma(at(x, j + 2), a);
            b = floats(v.and(0xF000)).fma(at(x, j + 3), b);
            v = v.lanewise(LSHR, 16);
            a = floats(v.and(0xF)).fma(at(x, j + 4), a);
            b = floats(v.and(0xF0)).fma(at(x, j + 5), b);
            a = floats(v.and(0xF00)).fma(at(x, j + 6), a);
            b = floats(v.and(0xF000)).fma(at(x, j + 7), b);
        }
        FloatVector sum = FloatVector.fromArray(F, y, to);
        a.add(b).add(at(x, tooMuch)).fma(scale(words(pair), half), sum).intoArray(y, to);
    }

    /** Where a group is one register; narrower ones were slower together, with more loads than products. */
    @Override
    public void int4Together(MemorySegment w, long at, int pairs, float[][] xs, float[][] ys, int to) {
        if (LANES < GROUP) {
            for (int v = 0; v < TOGETHER; v++) {
                int4(w, at, pairs, xs[v], ys[v], to);
            }
            return;
        }
        for (float[] y : ys) {
            Arrays.fill(y, to, to + GROUP, 0);
        }
        var sums = new float[TOGETHER][GROUP];
        for (int i = 0; i < 2 * pairs; i++) {
            long pair = w.address() + at + (long) WORD_BYTES * NIBBLE_WORDS * (i >> 1);
            long words = pair + WORD_BYTES + 4L * WORD_BYTES * (i & 1);
            sumBlock(words, xs[0], xs[1], xs[2], xs[3], BlockQ4.BLOCK * i, sums);
            for (int v = 0; v < TOGETHER; v++) {
                FloatVector.fromArray(F, sums[v], 0)
                        .add(at(xs[v], pairs * PAIR + i))
                        .fma(scale(words(pair), i & 1), FloatVector.fromArray(F, ys[v], to))
                        .intoArray(ys[v], to);
            }
        }
    }

    /** A block's sums for four vectors, half a word at a time: a loop over whole words, or one of fewer vectors, makes objects. */
    private static void sumBlock(long at, float[] x0, float[] x1, float[] x2, float[] x3, int first, float[][] sums) {
        FloatVector a = FloatVector.zero(F);
        FloatVector b = a;
        FloatVector c = a;
        FloatVector d = a;
        FloatVector e = a;
        FloatVector f = a;
        FloatVector g = a;
        FloatVector h = a;
        for (int k = 0; k < 8; k++) { // halves of words
            IntVector v = words(at + (long) (k >> 1) * WORD_BYTES).lanewise(LSHR, 16 * (k & 1));
            int j = first + 4 * k;
            FloatVector even = floats(v.and(0xF));
            a = even.fma(at(x0, j), a);
            b = even.fma(at(x1, j), b);
            c = even.fma(at(x2, j), c);
            d = even.fma(at(x3, j), d);
            FloatVector odd = floats(v.and(0xF0));
            e = odd.fma(at(x0, j + 1), e);
            f = odd.fma(at(x1, j + 1), f);
            g = odd.fma(at(x2, j + 1), g);
            h = odd.fma(at(x3, j + 1), h);
            even = floats(v.and(0xF00));
            a = even.fma(at(x0, j + 2), a);
            b = even.fma(at(x1, j + 2), b);
            c = even.fma(at(x2, j + 2), c);
            d = even.fma(at(x3, j + 2), d);
            odd = floats(v.and(0xF000));
            e = odd.fma(at(x0, j + 3), e);
            f = odd.fma(at(x1, j + 3), f);
            g = odd.fma(at(x2, j + 3), g);
            h = odd.fma(at(x3, j + 3), h);
        }
        a.add(e).intoArray(sums[0], 0);
        b.add(f).intoArray(sums[1], 0);
        c.add(g).intoArray(sums[2], 0);
        d.add(h).intoArray(sums[3], 0);
    }

    @Override
    public int int4FilledFrom() {
        return LANES < GROUP ? TOGETHER : 3;
    }

    /** After the columns, how much each block's sum is too large because nibbles begin at 0. */
    @Override
    public float[] nibbleColumns(float[] x, int pairs) {
        var columns = new float[pairs * (PAIR + 2)];
        for (int i = 0; i < x.length; i++) {
            columns[i] = x[i] / (1 << (4 * (i % 4)));
            columns[pairs * PAIR + i / BlockQ4.BLOCK] -= 8 * x[i];
        }
        return columns;
    }

    @Override
    public void unpack8(MemorySegment w, long at, long steps, int words, MemorySegment into, long to, long stride) {
        long from = w.address() + at;
        long place = into.address() + to;
        for (int lane = 0; lane < GROUP; lane += LANES) {
            FloatVector step = words(w.address() + steps + 4L * lane).reinterpretAsFloats();
            for (int i = 0; i < words; i++) {
                IntVector v = words(from + 4L * lane + (long) i * WORD_BYTES);
                long column = place + 4L * lane + 4L * i * stride;
                floats(v.lanewise(LSHL, 24).lanewise(ASHR, 24))
                        .mul(step)
                        .intoMemorySegment(Everywhere.MEMORY, column, LITTLE_ENDIAN);
                floats(v.lanewise(LSHL, 16).lanewise(ASHR, 24))
                        .mul(step)
                        .intoMemorySegment(Everywhere.MEMORY, column + stride, LITTLE_ENDIAN);
                floats(v.lanewise(LSHL, 8).lanewise(ASHR, 24))
                        .mul(step)
                        .intoMemorySegment(Everywhere.MEMORY, column + 2 * stride, LITTLE_ENDIAN);
                floats(v.lanewise(ASHR, 24))
                        .mul(step)
                        .intoMemorySegment(Everywhere.MEMORY, column + 3 * stride, LITTLE_ENDIAN);
            }
        }
    }

    @Override
    public void unpack4(MemorySegment w, long at, MemorySegment into, long to, long stride) {
        long from = w.address() + at;
        long place = into.address() + to;
        for (int lane = 0; lane < GROUP; lane += LANES) {
            IntVector scales = words(from + 4L * lane);
            for (int i = 0; i < 16; i++) { // halves of words: four columns
                FloatVector step = scale(scales, i >> 3);
                IntVector v = words(from + 4L * lane + (long) (1 + (i >> 1)) * WORD_BYTES)
                        .lanewise(LSHR, 16 * (i & 1));
                long column = place + 4L * lane + 4L * i * stride;
                floats(v.and(0xF).sub(8)).mul(step).intoMemorySegment(Everywhere.MEMORY, column, LITTLE_ENDIAN);
                floats(v.lanewise(LSHR, 4).and(0xF).sub(8))
                        .mul(step)
                        .intoMemorySegment(Everywhere.MEMORY, column + stride, LITTLE_ENDIAN);
                floats(v.lanewise(LSHR, 8).and(0xF).sub(8))
                        .mul(step)
                        .intoMemorySegment(Everywhere.MEMORY, column + 2 * stride, LITTLE_ENDIAN);
                floats(v.lanewise(LSHR, 12).and(0xF).sub(8))
                        .mul(step)
                        .intoMemorySegment(Everywhere.MEMORY, column + 3 * stride, LITTLE_ENDIAN);
            }
        }
    }

    @Override
    public void halves(MemorySegment from, int count, MemorySegment into, long to, long stride) {
        long first = from.address();
        long place = into.address() + to;
        for (int i = 0; i < count; i++) {
            for (int lane = 0; lane < GROUP; lane += LANES) {
                IntVector bits = words(first + 4L * (GROUP * i + lane));
                bits.lanewise(LSHR, 16)
                        .and(1)
                        .add(bits)
                        .add(0x7FFF)
                        .lanewise(LSHR, 16)
                        .convertShape(I2S, S, 0)
                        .reinterpretAsShorts()
                        .intoMemorySegment(Everywhere.MEMORY, place + i * stride + 2L * lane, LITTLE_ENDIAN);
            }
        }
    }
}
