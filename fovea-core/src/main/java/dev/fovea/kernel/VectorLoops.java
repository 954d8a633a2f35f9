package dev.fovea.kernel;

import static dev.fovea.kernel.Everywhere.MEMORY;
import static java.nio.ByteOrder.LITTLE_ENDIAN;
import static jdk.incubator.vector.FloatVector.broadcast;
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
 * reason no part of a loop is a method of its own, be it of one line: past a number of nodes the compiler inlines only what the JDK marks so
 * (-XX:+PrintInlining: NodeCountInliningCutoff), and a vector that goes through a call is an object.
 */
final class VectorLoops implements Loops {

    private static final VectorSpecies<Float> F = FloatVector.SPECIES_PREFERRED;
    private static final VectorSpecies<Integer> I = VectorSpecies.of(int.class, F.vectorShape());
    private static final VectorSpecies<Short> S =
            VectorSpecies.of(short.class, VectorShape.forBitSize(F.vectorBitSize() / 2)); // as many lanes
    private static final int LANES = F.length();
    private static final int HIGH_HALF = 0xFFFF0000;
    /** The signed byte of a word that needs no shift to the right: it is converted where it is, 2^24 times too large. */
    private static final int HIGH_BYTE = 0xFF000000;

    private static final float BYTE_UNIT = 0x1p-24f;
    /** Two nibbles after the leading ones of two bfloat16. */
    private static final int NIBBLES = 0x00780078;

    private static final int ONES = 0x3F803F80;
    /** The upper of {@link #ONES} as a float32, with the lower one behind it. */
    private static final float UPPER_ONE = Float.intBitsToFloat(ONES);
    /** Columns of two blocks of 4 bits. */
    private static final int PAIR = 2 * BlockQ4.BLOCK;
    /** Pairs of blocks that narrower registers go through one after the other, so that they find them in the nearest cache: 9 kB. */
    private static final int NARROW_PAIRS = 16;

    private final RowLoops rows = new VectorRowLoops();
    private final BlockLoops blocks = LANES < 8 ? new PlainBlockLoops() : new VectorBlockLoops();

    @Override
    public RowLoops rows() {
        return rows;
    }

    @Override
    public BlockLoops blocks() {
        return blocks;
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
        FloatVector c = a;
        FloatVector d = a;
        for (int i = 0; i < words; i++) {
            IntVector v = IntVector.fromMemorySegment(I, MEMORY, at + (long) i * WORD_BYTES, LITTLE_ENDIAN);
            a = ((FloatVector) v.lanewise(LSHL, 24).convert(I2F, 0)).fma(broadcast(F, x[4 * i]), a);
            b = ((FloatVector) v.lanewise(LSHL, 16).and(HIGH_BYTE).convert(I2F, 0)).fma(broadcast(F, x[4 * i + 1]), b);
            c = ((FloatVector) v.lanewise(LSHL, 8).and(HIGH_BYTE).convert(I2F, 0)).fma(broadcast(F, x[4 * i + 2]), c);
            d = ((FloatVector) v.and(HIGH_BYTE).convert(I2F, 0)).fma(broadcast(F, x[4 * i + 3]), d);
        }
        FloatVector step = IntVector.fromMemorySegment(I, MEMORY, at + (long) words * WORD_BYTES, LITTLE_ENDIAN)
                .reinterpretAsFloats()
                .mul(BYTE_UNIT);
        a.add(b).add(c.add(d)).mul(step).intoArray(y, to);
    }

    private static void int8Two(long at, int words, float[] x, float[] y, int to) {
        FloatVector a = FloatVector.zero(F);
        FloatVector b = a;
        FloatVector c = a;
        FloatVector d = a;
        for (int i = 0; i < words; i++) {
            IntVector v = IntVector.fromMemorySegment(I, MEMORY, at + (long) i * WORD_BYTES, LITTLE_ENDIAN);
            IntVector u =
                    IntVector.fromMemorySegment(I, MEMORY, at + 4L * LANES + (long) i * WORD_BYTES, LITTLE_ENDIAN);
            FloatVector x0 = broadcast(F, x[4 * i]);
            a = ((FloatVector) v.lanewise(LSHL, 24).convert(I2F, 0)).fma(x0, a);
            c = ((FloatVector) u.lanewise(LSHL, 24).convert(I2F, 0)).fma(x0, c);
            FloatVector x1 = broadcast(F, x[4 * i + 1]);
            b = ((FloatVector) v.lanewise(LSHL, 16).and(HIGH_BYTE).convert(I2F, 0)).fma(x1, b);
            d = ((FloatVector) u.lanewise(LSHL, 16).and(HIGH_BYTE).convert(I2F, 0)).fma(x1, d);
            FloatVector x2 = broadcast(F, x[4 * i + 2]);
            a = ((FloatVector) v.lanewise(LSHL, 8).and(HIGH_BYTE).convert(I2F, 0)).fma(x2, a);
            c = ((FloatVector) u.lanewise(LSHL, 8).and(HIGH_BYTE).convert(I2F, 0)).fma(x2, c);
            FloatVector x3 = broadcast(F, x[4 * i + 3]);
            b = ((FloatVector) v.and(HIGH_BYTE).convert(I2F, 0)).fma(x3, b);
            d = ((FloatVector) u.and(HIGH_BYTE).convert(I2F, 0)).fma(x3, d);
        }
        long steps = at + (long) words * WORD_BYTES;
        a.add(b)
                .mul(IntVector.fromMemorySegment(I, MEMORY, steps, LITTLE_ENDIAN)
                        .reinterpretAsFloats()
                        .mul(BYTE_UNIT))
                .intoArray(y, to);
        c.add(d)
                .mul(IntVector.fromMemorySegment(I, MEMORY, steps + 4L * LANES, LITTLE_ENDIAN)
                        .reinterpretAsFloats()
                        .mul(BYTE_UNIT))
                .intoArray(y, to + LANES);
    }

    @Override
    public void int8Together(MemorySegment w, long at, int words, float[][] xs, float[][] ys, int to) {
        if (LANES == GROUP) {
            int8OneTogether(w.address() + at, words, xs[0], xs[1], xs[2], xs[3], ys, to);
            return;
        }
        for (int lane = 0; lane < GROUP; lane += LANES) {
            int8TwoTogether(w.address() + at + 4L * lane, words, xs[0], xs[1], xs[2], xs[3], ys, to + lane);
        }
    }

    /** The sums of {@link #int8One}. */
    private static void int8OneTogether(
            long at, int words, float[] x0, float[] x1, float[] x2, float[] x3, float[][] ys, int to) {
        FloatVector a0 = FloatVector.zero(F);
        FloatVector b0 = a0;
        FloatVector c0 = a0;
        FloatVector d0 = a0;
        FloatVector a1 = a0;
        FloatVector b1 = a0;
        FloatVector c1 = a0;
        FloatVector d1 = a0;
        FloatVector a2 = a0;
        FloatVector b2 = a0;
        FloatVector c2 = a0;
        FloatVector d2 = a0;
        FloatVector a3 = a0;
        FloatVector b3 = a0;
        FloatVector c3 = a0;
        FloatVector d3 = a0;
        for (int i = 0; i < words; i++) {
            IntVector v = IntVector.fromMemorySegment(I, MEMORY, at + (long) i * WORD_BYTES, LITTLE_ENDIAN);
            FloatVector n = ((FloatVector) v.lanewise(LSHL, 24).convert(I2F, 0));
            a0 = n.fma(broadcast(F, x0[4 * i]), a0);
            a1 = n.fma(broadcast(F, x1[4 * i]), a1);
            a2 = n.fma(broadcast(F, x2[4 * i]), a2);
            a3 = n.fma(broadcast(F, x3[4 * i]), a3);
            n = (FloatVector) v.lanewise(LSHL, 16).and(HIGH_BYTE).convert(I2F, 0);
            b0 = n.fma(broadcast(F, x0[4 * i + 1]), b0);
            b1 = n.fma(broadcast(F, x1[4 * i + 1]), b1);
            b2 = n.fma(broadcast(F, x2[4 * i + 1]), b2);
            b3 = n.fma(broadcast(F, x3[4 * i + 1]), b3);
            n = (FloatVector) v.lanewise(LSHL, 8).and(HIGH_BYTE).convert(I2F, 0);
            c0 = n.fma(broadcast(F, x0[4 * i + 2]), c0);
            c1 = n.fma(broadcast(F, x1[4 * i + 2]), c1);
            c2 = n.fma(broadcast(F, x2[4 * i + 2]), c2);
            c3 = n.fma(broadcast(F, x3[4 * i + 2]), c3);
            n = (FloatVector) v.and(HIGH_BYTE).convert(I2F, 0);
            d0 = n.fma(broadcast(F, x0[4 * i + 3]), d0);
            d1 = n.fma(broadcast(F, x1[4 * i + 3]), d1);
            d2 = n.fma(broadcast(F, x2[4 * i + 3]), d2);
            d3 = n.fma(broadcast(F, x3[4 * i + 3]), d3);
        }
        FloatVector step = IntVector.fromMemorySegment(I, MEMORY, at + (long) words * WORD_BYTES, LITTLE_ENDIAN)
                .reinterpretAsFloats()
                .mul(BYTE_UNIT);
        a0.add(b0).add(c0.add(d0)).mul(step).intoArray(ys[0], to);
        a1.add(b1).add(c1.add(d1)).mul(step).intoArray(ys[1], to);
        a2.add(b2).add(c2.add(d2)).mul(step).intoArray(ys[2], to);
        a3.add(b3).add(c3.add(d3)).mul(step).intoArray(ys[3], to);
    }

    /** The sums of {@link #int8Two}. */
    private static void int8TwoTogether(
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
            FloatVector even = ((FloatVector) v.lanewise(LSHL, 24).convert(I2F, 0));
            a = even.fma(broadcast(F, x0[4 * i]), a);
            b = even.fma(broadcast(F, x1[4 * i]), b);
            c = even.fma(broadcast(F, x2[4 * i]), c);
            d = even.fma(broadcast(F, x3[4 * i]), d);
            FloatVector odd = ((FloatVector) v.lanewise(LSHL, 16).and(HIGH_BYTE).convert(I2F, 0));
            e = odd.fma(broadcast(F, x0[4 * i + 1]), e);
            f = odd.fma(broadcast(F, x1[4 * i + 1]), f);
            g = odd.fma(broadcast(F, x2[4 * i + 1]), g);
            h = odd.fma(broadcast(F, x3[4 * i + 1]), h);
            even = (FloatVector) v.lanewise(LSHL, 8).and(HIGH_BYTE).convert(I2F, 0);
            a = even.fma(broadcast(F, x0[4 * i + 2]), a);
            b = even.fma(broadcast(F, x1[4 * i + 2]), b);
            c = even.fma(broadcast(F, x2[4 * i + 2]), c);
            d = even.fma(broadcast(F, x3[4 * i + 2]), d);
            odd = (FloatVector) v.and(HIGH_BYTE).convert(I2F, 0);
            e = odd.fma(broadcast(F, x0[4 * i + 3]), e);
            f = odd.fma(broadcast(F, x1[4 * i + 3]), f);
            g = odd.fma(broadcast(F, x2[4 * i + 3]), g);
            h = odd.fma(broadcast(F, x3[4 * i + 3]), h);
        }
        FloatVector step = IntVector.fromMemorySegment(I, MEMORY, at + (long) words * WORD_BYTES, LITTLE_ENDIAN)
                .reinterpretAsFloats()
                .mul(BYTE_UNIT);
        a.add(e).mul(step).intoArray(ys[0], to);
        b.add(f).mul(step).intoArray(ys[1], to);
        c.add(g).mul(step).intoArray(ys[2], to);
        d.add(h).mul(step).intoArray(ys[3], to);
    }

    @Override
    public void int4(MemorySegment w, long at, int pairs, float[] x, float[] y, int to) {
        if (LANES == GROUP) {
            nibbles(w.address() + at, pairs, x, y, to);
            return;
        }
        Arrays.fill(y, to, to + GROUP, 0);
        for (int pair = 0; pair < pairs; pair += NARROW_PAIRS) {
            int end = Math.min(pairs, pair + NARROW_PAIRS);
            for (int lane = 0; lane < GROUP; lane += LANES) {
                addConverted(w.address() + at + 4L * lane, 8 * pair, 8 * end, x, PAIR * pairs, y, to + lane);
            }
        }
    }

    /**
     * All words, eight to a pair of blocks, two at a time. No integer is converted: under an exponent of 0 the
     * seven bits of a bfloat16 after its leading one hold a nibble q as 1 + q/16, and one word holds two of them, the lower half's q as
     * 2^-20 of itself in the upper one. {@link #nibbleColumns} makes up for all of it.
     */
    private static void nibbles(long at, int pairs, float[] x, float[] y, int to) {
        FloatVector sum = FloatVector.zero(F);
        int ones = PAIR * pairs;
        for (int i = 0; i < 8 * pairs; i += 2) {
            long word = at + WORD_BYTES * (1L + i + (i >> 3));
            IntVector v = IntVector.fromMemorySegment(I, MEMORY, word, LITTLE_ENDIAN);
            FloatVector scale = IntVector.fromMemorySegment(
                            I, MEMORY, at + (long) WORD_BYTES * NIBBLE_WORDS * (i >> 3), LITTLE_ENDIAN)
                    .lanewise(LSHL, 16 - (4 * i & 16))
                    .and(HIGH_HALF)
                    .reinterpretAsFloats();
            IntVector q = v.lanewise(LSHL, 3).and(NIBBLES).or(ONES);
            FloatVector a = q.reinterpretAsFloats().fma(broadcast(F, x[8 * i + 4]), broadcast(F, x[ones + i]));
            FloatVector b = q.lanewise(LSHL, 16).reinterpretAsFloats().mul(broadcast(F, x[8 * i]));
            q = v.lanewise(LSHR, 1).and(NIBBLES).or(ONES);
            a = q.reinterpretAsFloats().fma(broadcast(F, x[8 * i + 5]), a);
            b = q.lanewise(LSHL, 16).reinterpretAsFloats().fma(broadcast(F, x[8 * i + 1]), b);
            q = v.lanewise(LSHR, 5).and(NIBBLES).or(ONES);
            a = q.reinterpretAsFloats().fma(broadcast(F, x[8 * i + 6]), a);
            b = q.lanewise(LSHL, 16).reinterpretAsFloats().fma(broadcast(F, x[8 * i + 2]), b);
            q = v.lanewise(LSHR, 9).and(NIBBLES).or(ONES);
            a = q.reinterpretAsFloats().fma(broadcast(F, x[8 * i + 7]), a);
            b = q.lanewise(LSHL, 16).reinterpretAsFloats().fma(broadcast(F, x[8 * i + 3]), b);
            sum = a.add(b).fma(scale, sum);
            v = IntVector.fromMemorySegment(I, MEMORY, word + WORD_BYTES, LITTLE_ENDIAN);
            q = v.lanewise(LSHL, 3).and(NIBBLES).or(ONES);
            a = q.reinterpretAsFloats().fma(broadcast(F, x[8 * i + 12]), broadcast(F, x[ones + i + 1]));
            b = q.lanewise(LSHL, 16).reinterpretAsFloats().mul(broadcast(F, x[8 * i + 8]));
            q = v.lanewise(LSHR, 1).and(NIBBLES).or(ONES);
            a = q.reinterpretAsFloats().fma(broadcast(F, x[8 * i + 13]), a);
            b = q.lanewise(LSHL, 16).reinterpretAsFloats().fma(broadcast(F, x[8 * i + 9]), b);
            q = v.lanewise(LSHR, 5).and(NIBBLES).or(ONES);
            a = q.reinterpretAsFloats().fma(broadcast(F, x[8 * i + 14]), a);
            b = q.lanewise(LSHL, 16).reinterpretAsFloats().fma(broadcast(F, x[8 * i + 10]), b);
            q = v.lanewise(LSHR, 9).and(NIBBLES).or(ONES);
            a = q.reinterpretAsFloats().fma(broadcast(F, x[8 * i + 15]), a);
            b = q.lanewise(LSHL, 16).reinterpretAsFloats().fma(broadcast(F, x[8 * i + 11]), b);
            sum = a.add(b).fma(scale, sum);
        }
        sum.intoArray(y, to);
    }

    /**
     * Words from one on, before another, for narrower registers: their machines have no and-or in one step, and {@link #nibbles} reads
     * 19 instead of 23 GB/s there. A nibble stays in its place of a half word, 16^j times too large, and its column of the vector is
     * that much smaller.
     */
    private static void addConverted(long at, int from, int end, float[] x, int tooMuch, float[] y, int to) {
        FloatVector sum = FloatVector.fromArray(F, y, to);
        for (int i = from; i < end; i++) {
            IntVector v = IntVector.fromMemorySegment(I, MEMORY, at + WORD_BYTES * (1L + i + (i >> 3)), LITTLE_ENDIAN);
            FloatVector scale = IntVector.fromMemorySegment(
                            I, MEMORY, at + (long) WORD_BYTES * NIBBLE_WORDS * (i >> 3), LITTLE_ENDIAN)
                    .lanewise(LSHL, 16 - (4 * i & 16))
                    .and(HIGH_HALF)
                    .reinterpretAsFloats();
            FloatVector a = ((FloatVector) v.and(0xF).convert(I2F, 0))
                    .fma(broadcast(F, x[8 * i]), broadcast(F, x[tooMuch + 2 * i]));
            FloatVector b = ((FloatVector) v.and(0xF0).convert(I2F, 0)).mul(broadcast(F, x[8 * i + 1]));
            a = ((FloatVector) v.and(0xF00).convert(I2F, 0)).fma(broadcast(F, x[8 * i + 2]), a);
            b = ((FloatVector) v.and(0xF000).convert(I2F, 0)).fma(broadcast(F, x[8 * i + 3]), b);
            sum = a.add(b).fma(scale, sum);
            v = v.lanewise(LSHR, 16);
            a = ((FloatVector) v.and(0xF).convert(I2F, 0))
                    .fma(broadcast(F, x[8 * i + 4]), broadcast(F, x[tooMuch + 2 * i + 1]));
            b = ((FloatVector) v.and(0xF0).convert(I2F, 0)).mul(broadcast(F, x[8 * i + 5]));
            a = ((FloatVector) v.and(0xF00).convert(I2F, 0)).fma(broadcast(F, x[8 * i + 6]), a);
            b = ((FloatVector) v.and(0xF000).convert(I2F, 0)).fma(broadcast(F, x[8 * i + 7]), b);
            sum = a.add(b).fma(scale, sum);
        }
        sum.intoArray(y, to);
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
        int4Together(w.address() + at, pairs, xs[0], xs[1], xs[2], xs[3], ys, to);
    }

    /** The sums of {@link #nibbles}, a word at a time. */
    private static void int4Together(
            long at, int pairs, float[] x0, float[] x1, float[] x2, float[] x3, float[][] ys, int to) {
        FloatVector sum0 = FloatVector.zero(F);
        FloatVector sum1 = sum0;
        FloatVector sum2 = sum0;
        FloatVector sum3 = sum0;
        int ones = PAIR * pairs;
        for (int i = 0; i < 8 * pairs; i++) {
            IntVector v = IntVector.fromMemorySegment(I, MEMORY, at + WORD_BYTES * (1L + i + (i >> 3)), LITTLE_ENDIAN);
            FloatVector scale = IntVector.fromMemorySegment(
                            I, MEMORY, at + (long) WORD_BYTES * NIBBLE_WORDS * (i >> 3), LITTLE_ENDIAN)
                    .lanewise(LSHL, 16 - (4 * i & 16))
                    .and(HIGH_HALF)
                    .reinterpretAsFloats();
            IntVector q = v.lanewise(LSHL, 3).and(NIBBLES).or(ONES);
            FloatVector n = q.reinterpretAsFloats();
            FloatVector a0 = n.fma(broadcast(F, x0[8 * i + 4]), broadcast(F, x0[ones + i]));
            FloatVector a1 = n.fma(broadcast(F, x1[8 * i + 4]), broadcast(F, x1[ones + i]));
            FloatVector a2 = n.fma(broadcast(F, x2[8 * i + 4]), broadcast(F, x2[ones + i]));
            FloatVector a3 = n.fma(broadcast(F, x3[8 * i + 4]), broadcast(F, x3[ones + i]));
            n = q.lanewise(LSHL, 16).reinterpretAsFloats();
            FloatVector b0 = n.mul(broadcast(F, x0[8 * i]));
            FloatVector b1 = n.mul(broadcast(F, x1[8 * i]));
            FloatVector b2 = n.mul(broadcast(F, x2[8 * i]));
            FloatVector b3 = n.mul(broadcast(F, x3[8 * i]));
            q = v.lanewise(LSHR, 1).and(NIBBLES).or(ONES);
            n = q.reinterpretAsFloats();
            a0 = n.fma(broadcast(F, x0[8 * i + 5]), a0);
            a1 = n.fma(broadcast(F, x1[8 * i + 5]), a1);
            a2 = n.fma(broadcast(F, x2[8 * i + 5]), a2);
            a3 = n.fma(broadcast(F, x3[8 * i + 5]), a3);
            n = q.lanewise(LSHL, 16).reinterpretAsFloats();
            b0 = n.fma(broadcast(F, x0[8 * i + 1]), b0);
            b1 = n.fma(broadcast(F, x1[8 * i + 1]), b1);
            b2 = n.fma(broadcast(F, x2[8 * i + 1]), b2);
            b3 = n.fma(broadcast(F, x3[8 * i + 1]), b3);
            q = v.lanewise(LSHR, 5).and(NIBBLES).or(ONES);
            n = q.reinterpretAsFloats();
            a0 = n.fma(broadcast(F, x0[8 * i + 6]), a0);
            a1 = n.fma(broadcast(F, x1[8 * i + 6]), a1);
            a2 = n.fma(broadcast(F, x2[8 * i + 6]), a2);
            a3 = n.fma(broadcast(F, x3[8 * i + 6]), a3);
            n = q.lanewise(LSHL, 16).reinterpretAsFloats();
            b0 = n.fma(broadcast(F, x0[8 * i + 2]), b0);
            b1 = n.fma(broadcast(F, x1[8 * i + 2]), b1);
            b2 = n.fma(broadcast(F, x2[8 * i + 2]), b2);
            b3 = n.fma(broadcast(F, x3[8 * i + 2]), b3);
            q = v.lanewise(LSHR, 9).and(NIBBLES).or(ONES);
            n = q.reinterpretAsFloats();
            a0 = n.fma(broadcast(F, x0[8 * i + 7]), a0);
            a1 = n.fma(broadcast(F, x1[8 * i + 7]), a1);
            a2 = n.fma(broadcast(F, x2[8 * i + 7]), a2);
            a3 = n.fma(broadcast(F, x3[8 * i + 7]), a3);
            n = q.lanewise(LSHL, 16).reinterpretAsFloats();
            b0 = n.fma(broadcast(F, x0[8 * i + 3]), b0);
            b1 = n.fma(broadcast(F, x1[8 * i + 3]), b1);
            b2 = n.fma(broadcast(F, x2[8 * i + 3]), b2);
            b3 = n.fma(broadcast(F, x3[8 * i + 3]), b3);
            sum0 = a0.add(b0).fma(scale, sum0);
            sum1 = a1.add(b1).fma(scale, sum1);
            sum2 = a2.add(b2).fma(scale, sum2);
            sum3 = a3.add(b3).fma(scale, sum3);
        }
        sum0.intoArray(ys[0], to);
        sum1.intoArray(ys[1], to);
        sum2.intoArray(ys[2], to);
        sum3.intoArray(ys[3], to);
    }

    @Override
    public int int4FilledFrom() {
        return LANES < GROUP ? TOGETHER : 3;
    }

    @Override
    public int nibbleColumns(int pairs) {
        return pairs * (PAIR + PAIR / (LANES == GROUP ? 8 : 4));
    }

    @Override
    public void nibbleColumns(float[] x, int pairs, float[] columns) {
        if (LANES == GROUP) {
            columnsOfWords(x, pairs, columns);
        } else {
            columnsToConvert(x, pairs, columns);
        }
    }

    /** After the columns, what the sum of each eight is to begin with, since a nibble stands for 8 less and comes with a leading one. */
    private static void columnsOfWords(float[] x, int pairs, float[] columns) {
        int ones = PAIR * pairs;
        int whole = x.length / 8;
        for (int word = 0; word < whole; word++) {
            columnsOfWord(x, 8 * word, columns, 8 * word, ones + word);
        }
        if (whole < ones / 8) {
            Arrays.fill(columns, 8 * whole, ones, 0);
            Arrays.fill(columns, ones + whole, ones + ones / 8, 0);
            columnsOfWord(Arrays.copyOfRange(x, 8 * whole, 8 * whole + 8), 0, columns, 8 * whole, ones + whole);
        }
    }

    private static void columnsOfWord(float[] x, int from, float[] columns, int to, int ones) {
        float sum = 0;
        for (int p = 0; p < 4; p++) {
            float low = x[from + p];
            float high = x[from + 4 + p];
            float lower = 16 * (low - 0x1p-16f * high);
            float upper = 16 * high;
            columns[to + p] = lower;
            columns[to + 4 + p] = upper;
            sum += (lower + upper * UPPER_ONE) + 8 * (low + high);
        }
        columns[ones] = -sum;
    }

    /** After the columns, how much the sum of each four is too large because nibbles begin at 0. */
    private static void columnsToConvert(float[] x, int pairs, float[] columns) {
        int whole = x.length - x.length % 4;
        for (int i = 0; i < whole; i += 4) {
            columns[i] = x[i];
            columns[i + 1] = x[i + 1] * 0x1p-4f;
            columns[i + 2] = x[i + 2] * 0x1p-8f;
            columns[i + 3] = x[i + 3] * 0x1p-12f;
            columns[pairs * PAIR + i / 4] = -8 * (x[i] + x[i + 1] + x[i + 2] + x[i + 3]);
        }
        Arrays.fill(columns, whole, pairs * PAIR, 0);
        Arrays.fill(columns, pairs * PAIR + whole / 4, pairs * (PAIR + PAIR / 4), 0);
        for (int i = whole; i < x.length; i++) {
            columns[i] = x[i] / (1 << (4 * (i % 4)));
            columns[pairs * PAIR + i / 4] -= 8 * x[i];
        }
    }

    @Override
    public void unpack8(MemorySegment w, long at, long steps, int words, MemorySegment into, long to, long stride) {
        long from = w.address() + at;
        long place = into.address() + to;
        for (int lane = 0; lane < GROUP; lane += LANES) {
            FloatVector step = IntVector.fromMemorySegment(I, MEMORY, w.address() + steps + 4L * lane, LITTLE_ENDIAN)
                    .reinterpretAsFloats()
                    .mul(BYTE_UNIT);
            for (int i = 0; i < words; i++) {
                IntVector v =
                        IntVector.fromMemorySegment(I, MEMORY, from + 4L * lane + (long) i * WORD_BYTES, LITTLE_ENDIAN);
                long column = place + 4L * lane + 4L * i * stride;
                ((FloatVector) v.lanewise(LSHL, 24).convert(I2F, 0))
                        .mul(step)
                        .intoMemorySegment(MEMORY, column, LITTLE_ENDIAN);
                ((FloatVector) v.lanewise(LSHL, 16).and(HIGH_BYTE).convert(I2F, 0))
                        .mul(step)
                        .intoMemorySegment(MEMORY, column + stride, LITTLE_ENDIAN);
                ((FloatVector) v.lanewise(LSHL, 8).and(HIGH_BYTE).convert(I2F, 0))
                        .mul(step)
                        .intoMemorySegment(MEMORY, column + 2 * stride, LITTLE_ENDIAN);
                ((FloatVector) v.and(HIGH_BYTE).convert(I2F, 0))
                        .mul(step)
                        .intoMemorySegment(MEMORY, column + 3 * stride, LITTLE_ENDIAN);
            }
        }
    }

    @Override
    public void unpack4(MemorySegment w, long at, MemorySegment into, long to, long stride) {
        long from = w.address() + at;
        long place = into.address() + to;
        for (int lane = 0; lane < GROUP; lane += LANES) {
            IntVector scales = IntVector.fromMemorySegment(I, MEMORY, from + 4L * lane, LITTLE_ENDIAN);
            for (int i = 0; i < 16; i++) { // halves of words: four columns
                FloatVector step =
                        scales.lanewise(LSHL, 16 - (2 * i & 16)).and(HIGH_HALF).reinterpretAsFloats();
                IntVector v = IntVector.fromMemorySegment(
                                I, MEMORY, from + 4L * lane + (long) (1 + (i >> 1)) * WORD_BYTES, LITTLE_ENDIAN)
                        .lanewise(LSHR, 16 * (i & 1));
                long column = place + 4L * lane + 4L * i * stride;
                ((FloatVector) v.and(0xF).sub(8).convert(I2F, 0))
                        .mul(step)
                        .intoMemorySegment(MEMORY, column, LITTLE_ENDIAN);
                ((FloatVector) v.lanewise(LSHR, 4).and(0xF).sub(8).convert(I2F, 0))
                        .mul(step)
                        .intoMemorySegment(MEMORY, column + stride, LITTLE_ENDIAN);
                ((FloatVector) v.lanewise(LSHR, 8).and(0xF).sub(8).convert(I2F, 0))
                        .mul(step)
                        .intoMemorySegment(MEMORY, column + 2 * stride, LITTLE_ENDIAN);
                ((FloatVector) v.lanewise(LSHR, 12).and(0xF).sub(8).convert(I2F, 0))
                        .mul(step)
                        .intoMemorySegment(MEMORY, column + 3 * stride, LITTLE_ENDIAN);
            }
        }
    }

    @Override
    public void halves(MemorySegment from, int count, MemorySegment into, long to, long stride) {
        long first = from.address();
        long place = into.address() + to;
        for (int i = 0; i < count; i++) {
            for (int lane = 0; lane < GROUP; lane += LANES) {
                IntVector bits = IntVector.fromMemorySegment(I, MEMORY, first + 4L * (GROUP * i + lane), LITTLE_ENDIAN);
                bits.lanewise(LSHR, 16)
                        .and(1)
                        .add(bits)
                        .add(0x7FFF)
                        .lanewise(LSHR, 16)
                        .convertShape(I2S, S, 0)
                        .reinterpretAsShorts()
                        .intoMemorySegment(MEMORY, place + i * stride + 2L * lane, LITTLE_ENDIAN);
            }
        }
    }
}
