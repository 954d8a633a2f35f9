package dev.fovea.kernel;

import static java.nio.ByteOrder.LITTLE_ENDIAN;
import static jdk.incubator.vector.VectorOperators.ASHR;
import static jdk.incubator.vector.VectorOperators.I2F;
import static jdk.incubator.vector.VectorOperators.LSHL;
import static jdk.incubator.vector.VectorOperators.LSHR;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * The loops on vector registers of whatever width the machine prefers. Two registers of rows go through a loop together and share
 * what is read of the vector: two halves of a group or, where a register holds one, two groups. Shifts are constants and loops over
 * them unrolled by hand: where the compiler has to unroll, it sometimes does not, and every vector becomes an object. For the same
 * reason nothing but the smallest parts are methods of their own.
 */
final class VectorLoops implements Loops {

    private static final VectorSpecies<Float> F = FloatVector.SPECIES_PREFERRED;
    private static final VectorSpecies<Integer> I = VectorSpecies.of(int.class, F.vectorShape());
    private static final int LANES = F.length();
    private static final int HIGH_HALF = 0xFFFF0000;
    /** Columns of two blocks of 4 bits. */
    private static final int PAIR = 2 * BlockQ4.BLOCK;

    private final RowLoops rows = new VectorRowLoops();

    @Override
    public RowLoops rows() {
        return rows;
    }

    @Override
    public int groupsTogether() {
        return Math.max(1, 2 * LANES / GROUP);
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

    /** The first or second of two bfloat16 scales in a word. */
    private static FloatVector scale(IntVector words, int which) {
        return words.lanewise(LSHL, 16 - 16 * which).and(HIGH_HALF).reinterpretAsFloats();
    }

    @Override
    public void int8(MemorySegment w, long at, int groups, int words, float[] x, float[] y, int to) {
        if (LANES == GROUP) { // a group that has no other beside it is done twice
            int8(w, at, groups == 2 ? (long) WORD_BYTES * (words + 1) : 0, words, x, y, to, groups == 2 ? GROUP : 0);
            return;
        }
        for (int lane = 0; lane < GROUP; lane += 2 * LANES) {
            int8(w, at + 4L * lane, 4L * LANES, words, x, y, to + lane, LANES);
        }
    }

    private static void int8(
            MemorySegment w, long at, long other, int words, float[] x, float[] y, int to, int otherTo) {
        FloatVector a = FloatVector.zero(F);
        FloatVector b = a;
        FloatVector c = a;
        FloatVector d = a;
        FloatVector e = a;
        FloatVector f = a;
        FloatVector g = a;
        FloatVector h = a;
        for (int i = 0; i < words; i++) {
            IntVector v = words(w, at + (long) i * WORD_BYTES);
            IntVector u = words(w, at + other + (long) i * WORD_BYTES);
            FloatVector x0 = at(x, 4 * i);
            a = floats(v.lanewise(LSHL, 24).lanewise(ASHR, 24)).fma(x0, a);
            e = floats(u.lanewise(LSHL, 24).lanewise(ASHR, 24)).fma(x0, e);
            FloatVector x1 = at(x, 4 * i + 1);
            b = floats(v.lanewise(LSHL, 16).lanewise(ASHR, 24)).fma(x1, b);
            f = floats(u.lanewise(LSHL, 16).lanewise(ASHR, 24)).fma(x1, f);
            FloatVector x2 = at(x, 4 * i + 2);
            c = floats(v.lanewise(LSHL, 8).lanewise(ASHR, 24)).fma(x2, c);
            g = floats(u.lanewise(LSHL, 8).lanewise(ASHR, 24)).fma(x2, g);
            FloatVector x3 = at(x, 4 * i + 3);
            d = floats(v.lanewise(ASHR, 24)).fma(x3, d);
            h = floats(u.lanewise(ASHR, 24)).fma(x3, h);
        }
        long steps = at + (long) words * WORD_BYTES;
        a.add(b).add(c.add(d)).mul(words(w, steps).reinterpretAsFloats()).intoArray(y, to);
        e.add(f)
                .add(g.add(h))
                .mul(words(w, steps + other).reinterpretAsFloats())
                .intoArray(y, to + otherTo);
    }

    /**
     * Block by block, so that the registers of a group read the same cache lines shortly after one another. Sums lie in {@code y}
     * between blocks: a vector that lives across an inner loop becomes an object.
     */
    @Override
    public void int4(MemorySegment w, long at, int groups, int pairs, float[] x, float[] y, int to) {
        for (int group = 0; group < groups; group++) {
            int first = to + group * GROUP;
            Arrays.fill(y, first, first + GROUP, 0);
            for (int i = 0; i < 2 * pairs; i++) {
                long pair = at + (long) WORD_BYTES * NIBBLE_WORDS * (group * pairs + (i >> 1));
                for (int lane = 0; lane < GROUP; lane += LANES) {
                    addBlock(w, pair + 4L * lane, i & 1, x, BlockQ4.BLOCK * i, pairs * PAIR + i, y, first + lane);
                }
            }
        }
    }

    /** A nibble stays in its place, 16^j times too large, and its column of the vector is that much smaller. */
    private static void addBlock(
            MemorySegment w, long pair, int half, float[] x, int first, int tooMuch, float[] y, int to) {
        long block = pair + WORD_BYTES + 4L * WORD_BYTES * half;
        FloatVector a = FloatVector.zero(F);
        FloatVector b = a;
        for (int k = 0; k < 4; k++) {
            IntVector v = words(w, block + (long) k * WORD_BYTES);
            int j = first + 8 * k;
            a = floats(v.and(0xF)).fma(at(x, j), a);
            b = floats(v.and(0xF0)).fma(at(x, j + 1), b);
            a = floats(v.and(0xF00)).fma(at(x, j + 2), a);
            b = floats(v.and(0xF000)).fma(at(x, j + 3), b);
            a = floats(v.and(0xF0000)).fma(at(x, j + 4), a);
            b = floats(v.and(0xF00000)).fma(at(x, j + 5), b);
            a = floats(v.and(0xF000000)).fma(at(x, j + 6), a);
            b = floats(v.lanewise(LSHR, 28)).fma(at(x, j + 7), b);
        }
        FloatVector sum = FloatVector.fromArray(F, y, to);
        a.add(b).add(at(x, tooMuch)).fma(scale(words(w, pair), half), sum).intoArray(y, to);
    }

    /** After the columns, how much each block's sum is too large because nibbles begin at 0. */
    @Override
    public float[] nibbleColumns(float[] x, int pairs) {
        var columns = new float[pairs * (PAIR + 2)];
        for (int i = 0; i < x.length; i++) {
            int place = i % 8;
            columns[i] = place == 7 ? x[i] : x[i] / (1 << (4 * place));
            columns[pairs * PAIR + i / BlockQ4.BLOCK] -= 8 * x[i];
        }
        return columns;
    }

    @Override
    public void unpack8(MemorySegment w, long at, long steps, int words, MemorySegment into, long to, long stride) {
        for (int lane = 0; lane < GROUP; lane += LANES) {
            FloatVector step = words(w, steps + 4L * lane).reinterpretAsFloats();
            for (int i = 0; i < words; i++) {
                IntVector v = words(w, at + 4L * lane + (long) i * WORD_BYTES);
                long column = to + 4L * lane + 4L * i * stride;
                floats(v.lanewise(LSHL, 24).lanewise(ASHR, 24))
                        .mul(step)
                        .intoMemorySegment(into, column, LITTLE_ENDIAN);
                floats(v.lanewise(LSHL, 16).lanewise(ASHR, 24))
                        .mul(step)
                        .intoMemorySegment(into, column + stride, LITTLE_ENDIAN);
                floats(v.lanewise(LSHL, 8).lanewise(ASHR, 24))
                        .mul(step)
                        .intoMemorySegment(into, column + 2 * stride, LITTLE_ENDIAN);
                floats(v.lanewise(ASHR, 24)).mul(step).intoMemorySegment(into, column + 3 * stride, LITTLE_ENDIAN);
            }
        }
    }

    @Override
    public void unpack4(MemorySegment w, long at, MemorySegment into, long to, long stride) {
        for (int lane = 0; lane < GROUP; lane += LANES) {
            IntVector scales = words(w, at + 4L * lane);
            for (int i = 0; i < 16; i++) { // halves of words: four columns
                FloatVector step = scale(scales, i >> 3);
                IntVector v = words(w, at + 4L * lane + (long) (1 + (i >> 1)) * WORD_BYTES)
                        .lanewise(LSHR, 16 * (i & 1));
                long column = to + 4L * lane + 4L * i * stride;
                floats(v.and(0xF).sub(8)).mul(step).intoMemorySegment(into, column, LITTLE_ENDIAN);
                floats(v.lanewise(LSHR, 4).and(0xF).sub(8))
                        .mul(step)
                        .intoMemorySegment(into, column + stride, LITTLE_ENDIAN);
                floats(v.lanewise(LSHR, 8).and(0xF).sub(8))
                        .mul(step)
                        .intoMemorySegment(into, column + 2 * stride, LITTLE_ENDIAN);
                floats(v.lanewise(LSHR, 12).and(0xF).sub(8))
                        .mul(step)
                        .intoMemorySegment(into, column + 3 * stride, LITTLE_ENDIAN);
            }
        }
    }

    /** Two registers of rows share what is read of the vectors; where a group is one register it goes alone. */
    @Override
    public void addColumns(MemorySegment unpacked, int columns, float[][] xs, int from, float[][] ys, int to) {
        if (LANES == GROUP) {
            addToOne(unpacked, columns, xs[0], xs[1], xs[2], xs[3], from, ys, to);
            return;
        }
        for (int lane = 0; lane < GROUP; lane += 2 * LANES) {
            addToTwo(unpacked, 4L * lane, columns, xs[0], xs[1], xs[2], xs[3], from, ys, to + lane);
        }
    }

    private static void addToOne(
            MemorySegment unpacked,
            int columns,
            float[] x0,
            float[] x1,
            float[] x2,
            float[] x3,
            int from,
            float[][] ys,
            int to) {
        FloatVector a = FloatVector.fromArray(F, ys[0], to);
        FloatVector b = FloatVector.fromArray(F, ys[1], to);
        FloatVector c = FloatVector.fromArray(F, ys[2], to);
        FloatVector d = FloatVector.fromArray(F, ys[3], to);
        for (int i = 0; i < columns; i++) {
            FloatVector weight = words(unpacked, (long) i * WORD_BYTES).reinterpretAsFloats();
            a = weight.fma(at(x0, from + i), a);
            b = weight.fma(at(x1, from + i), b);
            c = weight.fma(at(x2, from + i), c);
            d = weight.fma(at(x3, from + i), d);
        }
        a.intoArray(ys[0], to);
        b.intoArray(ys[1], to);
        c.intoArray(ys[2], to);
        d.intoArray(ys[3], to);
    }

    private static void addToTwo(
            MemorySegment unpacked,
            long at,
            int columns,
            float[] x0,
            float[] x1,
            float[] x2,
            float[] x3,
            int from,
            float[][] ys,
            int to) {
        int other = to + LANES;
        FloatVector a = FloatVector.fromArray(F, ys[0], to);
        FloatVector b = FloatVector.fromArray(F, ys[1], to);
        FloatVector c = FloatVector.fromArray(F, ys[2], to);
        FloatVector d = FloatVector.fromArray(F, ys[3], to);
        FloatVector e = FloatVector.fromArray(F, ys[0], other);
        FloatVector f = FloatVector.fromArray(F, ys[1], other);
        FloatVector g = FloatVector.fromArray(F, ys[2], other);
        FloatVector h = FloatVector.fromArray(F, ys[3], other);
        for (int i = 0; i < columns; i++) {
            long place = at + (long) i * WORD_BYTES;
            FloatVector v = words(unpacked, place).reinterpretAsFloats();
            FloatVector u = words(unpacked, place + 4L * LANES).reinterpretAsFloats();
            FloatVector w0 = at(x0, from + i);
            a = v.fma(w0, a);
            e = u.fma(w0, e);
            FloatVector w1 = at(x1, from + i);
            b = v.fma(w1, b);
            f = u.fma(w1, f);
            FloatVector w2 = at(x2, from + i);
            c = v.fma(w2, c);
            g = u.fma(w2, g);
            FloatVector w3 = at(x3, from + i);
            d = v.fma(w3, d);
            h = u.fma(w3, h);
        }
        a.intoArray(ys[0], to);
        b.intoArray(ys[1], to);
        c.intoArray(ys[2], to);
        d.intoArray(ys[3], to);
        e.intoArray(ys[0], other);
        f.intoArray(ys[1], other);
        g.intoArray(ys[2], other);
        h.intoArray(ys[3], other);
    }
}
