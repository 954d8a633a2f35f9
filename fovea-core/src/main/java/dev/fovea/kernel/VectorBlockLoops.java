package dev.fovea.kernel;

import static dev.fovea.kernel.Everywhere.MEMORY;
import static java.nio.ByteOrder.LITTLE_ENDIAN;
import static jdk.incubator.vector.FloatVector.broadcast;
import static jdk.incubator.vector.VectorOperators.B2F;
import static jdk.incubator.vector.VectorOperators.GE;
import static jdk.incubator.vector.VectorOperators.I2F;
import static jdk.incubator.vector.VectorOperators.I2S;
import static jdk.incubator.vector.VectorOperators.LSHL;
import static jdk.incubator.vector.VectorOperators.LSHR;
import static jdk.incubator.vector.VectorOperators.OR;
import static jdk.incubator.vector.VectorOperators.ZERO_EXTEND_B2I;
import static jdk.incubator.vector.VectorOperators.ZERO_EXTEND_S2I;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.LongVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;

/**
 * The loops over blocks on vector registers of 8 or 16 floats, unrolled by hand as {@link VectorLoops} are. Values are those of
 * {@link BlockFormat#decode} to the last bit.
 */
final class VectorBlockLoops implements BlockLoops {

    private static final VectorSpecies<Float> F = FloatVector.SPECIES_PREFERRED;
    private static final VectorSpecies<Integer> I = VectorSpecies.of(int.class, F.vectorShape());
    private static final VectorSpecies<Short> S =
            VectorSpecies.of(short.class, VectorShape.forBitSize(F.vectorBitSize() / 2)); // as many lanes
    private static final VectorSpecies<Byte> B =
            VectorSpecies.of(byte.class, VectorShape.forBitSize(F.vectorBitSize() / 4));
    private static final int LANES = F.length();
    private static final boolean IS_WIDE = LANES == 16;
    /** The exponent of what is no finite number. */
    private static final int HIGHEST = 0x7F800000;
    /** Every float16: a load and a broadcast, where the conversion is four operations of the vector units, a third of a block's. */
    private static final float[] HALVES = new float[1 << 16];

    static {
        for (int i = 0; i < HALVES.length; i++) {
            HALVES[i] = Float.float16ToFloat((short) i);
        }
    }

    /** What the integers of blocks are multiplied by a scale from. */
    private static final FloatVector FROM_0 = IS_WIDE ? fromZero() : FloatVector.zero(F);

    private static final FloatVector FROM_MINUS_8 = FROM_0.sub(8);
    private static final FloatVector FROM_MINUS_16 = FROM_0.sub(16);
    private static final FloatVector FROM_16 = FROM_0.add(16);

    private static final VectorSpecies<Long> TWO = LongVector.SPECIES_128;
    private static final VectorMask<Float> SECOND_HALF = VectorMask.fromLong(F, 0xFF00);
    /** Bits 0 to LANES - 1 of a word are brought down by these. */
    private static final IntVector EACH_BIT = IntVector.zero(I).addIndex(1);

    private static final ValueLayout.OfShort HALF = ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(LITTLE_ENDIAN);
    private static final ValueLayout.OfInt WORD = ValueLayout.JAVA_INT_UNALIGNED.withOrder(LITTLE_ENDIAN);
    private static final ValueLayout.OfLong WORDS = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(LITTLE_ENDIAN);

    private final PlainBlockLoops plain = new PlainBlockLoops();

    private static FloatVector fromZero() {
        return (FloatVector) IntVector.zero(I).addIndex(1).convert(I2F, 0);
    }

    @Override
    public void decode(BlockFormat format, long address, int count, float[] into, int to) {
        switch (format) {
            case F16 -> f16(address, count, into, to);
            case Q4_0 -> q40(address, count, into, to);
            case Q5_0 -> q50(address, count, into, to);
            case Q8_0 -> q80(address, count, into, to);
            case Q4_K -> q4k(address, count, into, to);
            case Q5_K -> q5k(address, count, into, to);
            case Q6_K -> q6k(address, count, into, to);
            default -> plain.decode(format, address, count, into, to);
        }
    }

    /** Exponents that begin elsewhere are made up for by a product, which subnormal numbers survive. */
    private static void f16(long at, int count, float[] into, int to) {
        int whole = count - count % LANES;
        for (int i = 0; i < whole; i += LANES) {
            IntVector bits = (IntVector) ShortVector.fromMemorySegment(S, MEMORY, at + 2L * i, LITTLE_ENDIAN)
                    .convertShape(ZERO_EXTEND_S2I, I, 0);
            IntVector size = bits.and(0x7FFF);
            size.lanewise(LSHL, 13)
                    .reinterpretAsFloats()
                    .mul(0x1p112f)
                    .reinterpretAsInts()
                    .lanewise(OR, HIGHEST, size.compare(GE, 0x7C00)) // infinite, or no number
                    .or(bits.and(0x8000).lanewise(LSHL, 16))
                    .reinterpretAsFloats()
                    .intoArray(into, to + i);
        }
        for (int i = whole; i < count; i++) {
            into[to + i] = half(at + 2L * i);
        }
    }

    private static float half(long at) {
        return HALVES[MEMORY.get(HALF, at) & 0xFFFF];
    }

    private static void q80(long at, int count, float[] into, int to) {
        for (int i = 0; i < count; i += 32) {
            long block = at + 34L * (i >> 5);
            FloatVector d = broadcast(F, HALVES[MEMORY.get(HALF, block) & 0xFFFF]);
            ((FloatVector) ByteVector.fromMemorySegment(B, MEMORY, block + 2, LITTLE_ENDIAN)
                            .convertShape(B2F, F, 0))
                    .mul(d)
                    .intoArray(into, to + i);
            ((FloatVector) ByteVector.fromMemorySegment(B, MEMORY, block + 2 + LANES, LITTLE_ENDIAN)
                            .convertShape(B2F, F, 0))
                    .mul(d)
                    .intoArray(into, to + i + LANES);
            if (!IS_WIDE) {
                ((FloatVector) ByteVector.fromMemorySegment(B, MEMORY, block + 2 + 2L * LANES, LITTLE_ENDIAN)
                                .convertShape(B2F, F, 0))
                        .mul(d)
                        .intoArray(into, to + i + 2 * LANES);
                ((FloatVector) ByteVector.fromMemorySegment(B, MEMORY, block + 2 + 3L * LANES, LITTLE_ENDIAN)
                                .convertShape(B2F, F, 0))
                        .mul(d)
                        .intoArray(into, to + i + 3 * LANES);
            }
        }
    }

    private static void q40(long at, int count, float[] into, int to) {
        for (int i = 0; i < count; i += 32) {
            long block = at + 18L * (i >> 5);
            FloatVector d = broadcast(F, HALVES[MEMORY.get(HALF, block) & 0xFFFF]);
            IntVector q = (IntVector) ByteVector.fromMemorySegment(B, MEMORY, block + 2, LITTLE_ENDIAN)
                    .convertShape(ZERO_EXTEND_B2I, I, 0);
            ((FloatVector) q.and(0xF).sub(8).convert(I2F, 0)).mul(d).intoArray(into, to + i);
            ((FloatVector) q.lanewise(LSHR, 4).sub(8).convert(I2F, 0)).mul(d).intoArray(into, to + i + 16);
            if (!IS_WIDE) {
                q = (IntVector) ByteVector.fromMemorySegment(B, MEMORY, block + 2 + LANES, LITTLE_ENDIAN)
                        .convertShape(ZERO_EXTEND_B2I, I, 0);
                ((FloatVector) q.and(0xF).sub(8).convert(I2F, 0)).mul(d).intoArray(into, to + i + LANES);
                ((FloatVector) q.lanewise(LSHR, 4).sub(8).convert(I2F, 0))
                        .mul(d)
                        .intoArray(into, to + i + 16 + LANES);
            }
        }
    }

    private static void q50(long at, int count, float[] into, int to) {
        for (int i = 0; i < count; i += 32) {
            long block = at + 22L * (i >> 5);
            FloatVector d = broadcast(F, HALVES[MEMORY.get(HALF, block) & 0xFFFF]);
            int high = MEMORY.get(WORD, block + 2);
            IntVector q = (IntVector) ByteVector.fromMemorySegment(B, MEMORY, block + 6, LITTLE_ENDIAN)
                    .convertShape(ZERO_EXTEND_B2I, I, 0);
            IntVector low =
                    IntVector.broadcast(I, high).lanewise(LSHR, EACH_BIT).and(1).lanewise(LSHL, 4);
            ((FloatVector) q.and(0xF).or(low).sub(16).convert(I2F, 0)).mul(d).intoArray(into, to + i);
            low = IntVector.broadcast(I, high >>> 16)
                    .lanewise(LSHR, EACH_BIT)
                    .and(1)
                    .lanewise(LSHL, 4);
            ((FloatVector) q.lanewise(LSHR, 4).or(low).sub(16).convert(I2F, 0))
                    .mul(d)
                    .intoArray(into, to + i + 16);
            if (!IS_WIDE) {
                q = (IntVector) ByteVector.fromMemorySegment(B, MEMORY, block + 6 + LANES, LITTLE_ENDIAN)
                        .convertShape(ZERO_EXTEND_B2I, I, 0);
                low = IntVector.broadcast(I, high >>> LANES)
                        .lanewise(LSHR, EACH_BIT)
                        .and(1)
                        .lanewise(LSHL, 4);
                ((FloatVector) q.and(0xF).or(low).sub(16).convert(I2F, 0))
                        .mul(d)
                        .intoArray(into, to + i + LANES);
                low = IntVector.broadcast(I, high >>> (16 + LANES))
                        .lanewise(LSHR, EACH_BIT)
                        .and(1)
                        .lanewise(LSHL, 4);
                ((FloatVector) q.lanewise(LSHR, 4).or(low).sub(16).convert(I2F, 0))
                        .mul(d)
                        .intoArray(into, to + i + 16 + LANES);
            }
        }
    }

    /** Pairs of groups of 32, whose values are the low and the high nibbles of the same bytes. */
    private static void q4k(long at, int count, float[] into, int to) {
        for (int i = 0; i < count; i += 64) {
            long block = at + 144L * (i >> 8);
            int pair = i >> 6 & 3;
            long scales = scales(block + 4) >>> (16 * pair);
            long minima = minima(block + 4) >>> (16 * pair);
            float d = HALVES[MEMORY.get(HALF, block) & 0xFFFF];
            float min = HALVES[MEMORY.get(HALF, block + 2) & 0xFFFF];
            FloatVector s = broadcast(F, d * (scales & 0xFF));
            FloatVector m = broadcast(F, min * (minima & 0xFF));
            FloatVector t = broadcast(F, d * (scales >>> 8 & 0xFF));
            FloatVector n = broadcast(F, min * (minima >>> 8 & 0xFF));
            long values = block + 16 + 32L * pair;
            IntVector q = (IntVector) ByteVector.fromMemorySegment(B, MEMORY, values, LITTLE_ENDIAN)
                    .convertShape(ZERO_EXTEND_B2I, I, 0);
            ((FloatVector) q.and(0xF).convert(I2F, 0)).mul(s).sub(m).intoArray(into, to + i);
            ((FloatVector) q.lanewise(LSHR, 4).convert(I2F, 0)).mul(t).sub(n).intoArray(into, to + i + 32);
            q = (IntVector) ByteVector.fromMemorySegment(B, MEMORY, values + LANES, LITTLE_ENDIAN)
                    .convertShape(ZERO_EXTEND_B2I, I, 0);
            ((FloatVector) q.and(0xF).convert(I2F, 0)).mul(s).sub(m).intoArray(into, to + i + LANES);
            ((FloatVector) q.lanewise(LSHR, 4).convert(I2F, 0)).mul(t).sub(n).intoArray(into, to + i + 32 + LANES);
            if (!IS_WIDE) {
                q = (IntVector) ByteVector.fromMemorySegment(B, MEMORY, values + 2L * LANES, LITTLE_ENDIAN)
                        .convertShape(ZERO_EXTEND_B2I, I, 0);
                ((FloatVector) q.and(0xF).convert(I2F, 0)).mul(s).sub(m).intoArray(into, to + i + 2 * LANES);
                ((FloatVector) q.lanewise(LSHR, 4).convert(I2F, 0))
                        .mul(t)
                        .sub(n)
                        .intoArray(into, to + i + 32 + 2 * LANES);
                q = (IntVector) ByteVector.fromMemorySegment(B, MEMORY, values + 3L * LANES, LITTLE_ENDIAN)
                        .convertShape(ZERO_EXTEND_B2I, I, 0);
                ((FloatVector) q.and(0xF).convert(I2F, 0)).mul(s).sub(m).intoArray(into, to + i + 3 * LANES);
                ((FloatVector) q.lanewise(LSHR, 4).convert(I2F, 0))
                        .mul(t)
                        .sub(n)
                        .intoArray(into, to + i + 32 + 3 * LANES);
            }
        }
    }

    /** Eight scales of 6 bits, a byte each; of the last four the high two stand above the first four's. */
    private static long scales(long at) {
        int a = MEMORY.get(WORD, at);
        int c = MEMORY.get(WORD, at + 8);
        return (a & 0x3F3F3F3FL) | ((long) ((c & 0x0F0F0F0F) | ((a >>> 2) & 0x30303030)) << 32);
    }

    /** The minima beside them. */
    private static long minima(long at) {
        int b = MEMORY.get(WORD, at + 4);
        int c = MEMORY.get(WORD, at + 8);
        return (b & 0x3F3F3F3FL) | ((long) (((c >>> 4) & 0x0F0F0F0F) | ((b >>> 2) & 0x30303030)) << 32);
    }

    private static void q5k(long at, int count, float[] into, int to) {
        for (int k = 0; k < count / 2; k += LANES) {
            long block = at + 176L * (k >> 7);
            int pair = k >> 5 & 3;
            int j = k & 31;
            long scales = scales(block + 4) >>> (16 * pair);
            long minima = minima(block + 4) >>> (16 * pair);
            float d = HALVES[MEMORY.get(HALF, block) & 0xFFFF];
            float min = HALVES[MEMORY.get(HALF, block + 2) & 0xFFFF];
            IntVector q =
                    (IntVector) ByteVector.fromMemorySegment(B, MEMORY, block + 48 + 32L * pair + j, LITTLE_ENDIAN)
                            .convertShape(ZERO_EXTEND_B2I, I, 0);
            IntVector high = ((IntVector) ByteVector.fromMemorySegment(B, MEMORY, block + 16 + j, LITTLE_ENDIAN)
                            .convertShape(ZERO_EXTEND_B2I, I, 0))
                    .lanewise(LSHR, 2 * pair);
            int i = to + 2 * (k - j) + j;
            ((FloatVector) q.and(0xF).or(high.and(1).lanewise(LSHL, 4)).convert(I2F, 0))
                    .mul(broadcast(F, d * (scales & 0xFF)))
                    .sub(broadcast(F, min * (minima & 0xFF)))
                    .intoArray(into, i);
            ((FloatVector) q.lanewise(LSHR, 4).or(high.and(2).lanewise(LSHL, 3)).convert(I2F, 0))
                    .mul(broadcast(F, d * (scales >>> 8 & 0xFF)))
                    .sub(broadcast(F, min * (minima >>> 8 & 0xFF)))
                    .intoArray(into, i + 32);
        }
    }

    /** Halves of a block, in each of which three loads are four registers of values, 32 apart. */
    private static void q6k(long at, int count, float[] into, int to) {
        for (int k = 0; k < count / 4; k += LANES) {
            long block = at + 210L * (k >> 6);
            int half = k >> 5 & 1;
            int j = k & 31;
            long scales = MEMORY.get(WORDS, block + 192 + 8L * half) >>> (j >> 4 << 3);
            float d = HALVES[MEMORY.get(HALF, block + 208) & 0xFFFF];
            long low = block + 64L * half + j;
            IntVector a = (IntVector)
                    ByteVector.fromMemorySegment(B, MEMORY, low, LITTLE_ENDIAN).convertShape(ZERO_EXTEND_B2I, I, 0);
            IntVector b = (IntVector) ByteVector.fromMemorySegment(B, MEMORY, low + 32, LITTLE_ENDIAN)
                    .convertShape(ZERO_EXTEND_B2I, I, 0);
            IntVector h =
                    (IntVector) ByteVector.fromMemorySegment(B, MEMORY, block + 128 + 32L * half + j, LITTLE_ENDIAN)
                            .convertShape(ZERO_EXTEND_B2I, I, 0);
            int i = to + 4 * (k - j) + j;
            ((FloatVector) a.and(0xF).or(h.and(3).lanewise(LSHL, 4)).sub(32).convert(I2F, 0))
                    .mul(broadcast(F, d * (byte) scales))
                    .intoArray(into, i);
            ((FloatVector) b.and(0xF).or(h.and(12).lanewise(LSHL, 2)).sub(32).convert(I2F, 0))
                    .mul(broadcast(F, d * (byte) (scales >>> 16)))
                    .intoArray(into, i + 32);
            ((FloatVector) a.lanewise(LSHR, 4).or(h.and(48)).sub(32).convert(I2F, 0))
                    .mul(broadcast(F, d * (byte) (scales >>> 32)))
                    .intoArray(into, i + 64);
            ((FloatVector) b.lanewise(LSHR, 4)
                            .or(h.and(192).lanewise(LSHR, 2))
                            .sub(32)
                            .convert(I2F, 0))
                    .mul(broadcast(F, d * (byte) (scales >>> 48)))
                    .intoArray(into, i + 96);
        }
    }

    @Override
    public void product(
            BlockFormat format, long address, long rowBytes, int rows, int columns, float[] x, float[] y, int to) {
        float[] lanes = Scratch.own().lanes.get(0, 4 * LANES);
        for (int r = 0; r < rows; r++) {
            long row = address + r * rowBytes;
            switch (IS_WIDE ? format : BlockFormat.F32) {
                case F16 -> halfRow(row, columns, x, lanes);
                case Q4_0 -> q40Row(row, columns, x, lanes);
                case Q4_1 -> q41Row(row, columns, x, lanes);
                case Q5_0 -> q50Row(row, columns, x, lanes);
                case Q5_1 -> q51Row(row, columns, x, lanes);
                case Q8_0 -> q80Row(row, columns, x, lanes);
                case Q4_K -> q4kRow(row, columns, x, lanes, Scratch.own().scales.get(0, columns / 16));
                case Q5_K -> q5kRow(row, columns, x, lanes, Scratch.own().scales.get(0, columns / 16));
                case Q6_K -> q6kRow(row, columns, x, lanes, Scratch.own().scales.get(0, columns / 16));
                default -> floatRow(format, row, columns, x, lanes);
            }
            y[to + r] = VectorRowLoops.sum(lanes, 0);
        }
    }

    /** A table of what the 16 integers stand for, made for each block, is looked up. */
    private static void q40Row(long at, int columns, float[] x, float[] lanes) {
        FloatVector a = FloatVector.zero(F);
        FloatVector b = a;
        FloatVector c = a;
        FloatVector d = a;
        int whole = columns & -UNIT;
        for (int i = 0; i < whole; i += UNIT) {
            long block = at + 18L * (i >> 5);
            IntVector t =
                    FROM_MINUS_8.mul(HALVES[MEMORY.get(HALF, block) & 0xFFFF]).reinterpretAsInts();
            IntVector q = (IntVector) ByteVector.fromMemorySegment(B, MEMORY, block + 2, LITTLE_ENDIAN)
                    .convertShape(ZERO_EXTEND_B2I, I, 0);
            a = q.selectFrom(t).reinterpretAsFloats().fma(FloatVector.fromArray(F, x, i), a);
            b = q.lanewise(LSHR, 4).selectFrom(t).reinterpretAsFloats().fma(FloatVector.fromArray(F, x, i + 16), b);
            t = FROM_MINUS_8.mul(HALVES[MEMORY.get(HALF, block + 18) & 0xFFFF]).reinterpretAsInts();
            q = (IntVector) ByteVector.fromMemorySegment(B, MEMORY, block + 20, LITTLE_ENDIAN)
                    .convertShape(ZERO_EXTEND_B2I, I, 0);
            c = q.selectFrom(t).reinterpretAsFloats().fma(FloatVector.fromArray(F, x, i + 32), c);
            d = q.lanewise(LSHR, 4).selectFrom(t).reinterpretAsFloats().fma(FloatVector.fromArray(F, x, i + 48), d);
        }
        if (whole < columns) {
            long block = at + 18L * (whole >> 5);
            IntVector t =
                    FROM_MINUS_8.mul(HALVES[MEMORY.get(HALF, block) & 0xFFFF]).reinterpretAsInts();
            IntVector q = (IntVector) ByteVector.fromMemorySegment(B, MEMORY, block + 2, LITTLE_ENDIAN)
                    .convertShape(ZERO_EXTEND_B2I, I, 0);
            a = q.selectFrom(t).reinterpretAsFloats().fma(FloatVector.fromArray(F, x, whole), a);
            b = q.lanewise(LSHR, 4).selectFrom(t).reinterpretAsFloats().fma(FloatVector.fromArray(F, x, whole + 16), b);
        }
        a.add(b).add(c.add(d)).intoArray(lanes, 0);
    }

    private static void q41Row(long at, int columns, float[] x, float[] lanes) {
        FloatVector a = FloatVector.zero(F);
        FloatVector b = a;
        FloatVector c = a;
        FloatVector d = a;
        int whole = columns & -UNIT;
        for (int i = 0; i < whole; i += UNIT) {
            long block = at + 20L * (i >> 5);
            IntVector t = FROM_0.mul(HALVES[MEMORY.get(HALF, block) & 0xFFFF])
                    .add(HALVES[MEMORY.get(HALF, block + 2) & 0xFFFF])
                    .reinterpretAsInts();
            IntVector q = (IntVector) ByteVector.fromMemorySegment(B, MEMORY, block + 4, LITTLE_ENDIAN)
                    .convertShape(ZERO_EXTEND_B2I, I, 0);
            a = q.selectFrom(t).reinterpretAsFloats().fma(FloatVector.fromArray(F, x, i), a);
            b = q.lanewise(LSHR, 4).selectFrom(t).reinterpretAsFloats().fma(FloatVector.fromArray(F, x, i + 16), b);
            t = FROM_0.mul(HALVES[MEMORY.get(HALF, block + 20) & 0xFFFF])
                    .add(HALVES[MEMORY.get(HALF, block + 22) & 0xFFFF])
                    .reinterpretAsInts();
            q = (IntVector) ByteVector.fromMemorySegment(B, MEMORY, block + 24, LITTLE_ENDIAN)
                    .convertShape(ZERO_EXTEND_B2I, I, 0);
            c = q.selectFrom(t).reinterpretAsFloats().fma(FloatVector.fromArray(F, x, i + 32), c);
            d = q.lanewise(LSHR, 4).selectFrom(t).reinterpretAsFloats().fma(FloatVector.fromArray(F, x, i + 48), d);
        }
        if (whole < columns) {
            long block = at + 20L * (whole >> 5);
            IntVector t = FROM_0.mul(HALVES[MEMORY.get(HALF, block) & 0xFFFF])
                    .add(HALVES[MEMORY.get(HALF, block + 2) & 0xFFFF])
                    .reinterpretAsInts();
            IntVector q = (IntVector) ByteVector.fromMemorySegment(B, MEMORY, block + 4, LITTLE_ENDIAN)
                    .convertShape(ZERO_EXTEND_B2I, I, 0);
            a = q.selectFrom(t).reinterpretAsFloats().fma(FloatVector.fromArray(F, x, whole), a);
            b = q.lanewise(LSHR, 4).selectFrom(t).reinterpretAsFloats().fma(FloatVector.fromArray(F, x, whole + 16), b);
        }
        a.add(b).add(c.add(d)).intoArray(lanes, 0);
    }

    /** One table for integers with their fifth bit, one for those without. */
    private static void q50Row(long at, int columns, float[] x, float[] lanes) {
        FloatVector a = FloatVector.zero(F);
        FloatVector b = a;
        FloatVector c = a;
        FloatVector d = a;
        int whole = columns & -UNIT;
        for (int i = 0; i < whole; i += UNIT) {
            long block = at + 22L * (i >> 5);
            float scale = HALVES[MEMORY.get(HALF, block) & 0xFFFF];
            int high = MEMORY.get(WORD, block + 2);
            IntVector t = FROM_MINUS_16.mul(scale).reinterpretAsInts();
            IntVector u = FROM_0.mul(scale).reinterpretAsInts();
            IntVector q = (IntVector) ByteVector.fromMemorySegment(B, MEMORY, block + 6, LITTLE_ENDIAN)
                    .convertShape(ZERO_EXTEND_B2I, I, 0);
            a = q.selectFrom(t)
                    .blend(q.selectFrom(u), VectorMask.fromLong(I, high & 0xFFFF))
                    .reinterpretAsFloats()
                    .fma(FloatVector.fromArray(F, x, i), a);
            q = q.lanewise(LSHR, 4);
            b = q.selectFrom(t)
                    .blend(q.selectFrom(u), VectorMask.fromLong(I, high >>> 16))
                    .reinterpretAsFloats()
                    .fma(FloatVector.fromArray(F, x, i + 16), b);
            scale = HALVES[MEMORY.get(HALF, block + 22) & 0xFFFF];
            high = MEMORY.get(WORD, block + 24);
            t = FROM_MINUS_16.mul(scale).reinterpretAsInts();
            u = FROM_0.mul(scale).reinterpretAsInts();
            q = (IntVector) ByteVector.fromMemorySegment(B, MEMORY, block + 28, LITTLE_ENDIAN)
                    .convertShape(ZERO_EXTEND_B2I, I, 0);
            c = q.selectFrom(t)
                    .blend(q.selectFrom(u), VectorMask.fromLong(I, high & 0xFFFF))
                    .reinterpretAsFloats()
                    .fma(FloatVector.fromArray(F, x, i + 32), c);
            q = q.lanewise(LSHR, 4);
            d = q.selectFrom(t)
                    .blend(q.selectFrom(u), VectorMask.fromLong(I, high >>> 16))
                    .reinterpretAsFloats()
                    .fma(FloatVector.fromArray(F, x, i + 48), d);
        }
        if (whole < columns) {
            long block = at + 22L * (whole >> 5);
            float scale = HALVES[MEMORY.get(HALF, block) & 0xFFFF];
            int high = MEMORY.get(WORD, block + 2);
            IntVector t = FROM_MINUS_16.mul(scale).reinterpretAsInts();
            IntVector u = FROM_0.mul(scale).reinterpretAsInts();
            IntVector q = (IntVector) ByteVector.fromMemorySegment(B, MEMORY, block + 6, LITTLE_ENDIAN)
                    .convertShape(ZERO_EXTEND_B2I, I, 0);
            a = q.selectFrom(t)
                    .blend(q.selectFrom(u), VectorMask.fromLong(I, high & 0xFFFF))
                    .reinterpretAsFloats()
                    .fma(FloatVector.fromArray(F, x, whole), a);
            q = q.lanewise(LSHR, 4);
            b = q.selectFrom(t)
                    .blend(q.selectFrom(u), VectorMask.fromLong(I, high >>> 16))
                    .reinterpretAsFloats()
                    .fma(FloatVector.fromArray(F, x, whole + 16), b);
        }
        a.add(b).add(c.add(d)).intoArray(lanes, 0);
    }

    private static void q51Row(long at, int columns, float[] x, float[] lanes) {
        FloatVector a = FloatVector.zero(F);
        FloatVector b = a;
        FloatVector c = a;
        FloatVector d = a;
        int whole = columns & -UNIT;
        for (int i = 0; i < whole; i += UNIT) {
            long block = at + 24L * (i >> 5);
            float scale = HALVES[MEMORY.get(HALF, block) & 0xFFFF];
            float min = HALVES[MEMORY.get(HALF, block + 2) & 0xFFFF];
            int high = MEMORY.get(WORD, block + 4);
            IntVector t = FROM_0.mul(scale).add(min).reinterpretAsInts();
            IntVector u = FROM_16.mul(scale).add(min).reinterpretAsInts();
            IntVector q = (IntVector) ByteVector.fromMemorySegment(B, MEMORY, block + 8, LITTLE_ENDIAN)
                    .convertShape(ZERO_EXTEND_B2I, I, 0);
            a = q.selectFrom(t)
                    .blend(q.selectFrom(u), VectorMask.fromLong(I, high & 0xFFFF))
                    .reinterpretAsFloats()
                    .fma(FloatVector.fromArray(F, x, i), a);
            q = q.lanewise(LSHR, 4);
            b = q.selectFrom(t)
                    .blend(q.selectFrom(u), VectorMask.fromLong(I, high >>> 16))
                    .reinterpretAsFloats()
                    .fma(FloatVector.fromArray(F, x, i + 16), b);
            scale = HALVES[MEMORY.get(HALF, block + 24) & 0xFFFF];
            min = HALVES[MEMORY.get(HALF, block + 26) & 0xFFFF];
            high = MEMORY.get(WORD, block + 28);
            t = FROM_0.mul(scale).add(min).reinterpretAsInts();
            u = FROM_16.mul(scale).add(min).reinterpretAsInts();
            q = (IntVector) ByteVector.fromMemorySegment(B, MEMORY, block + 32, LITTLE_ENDIAN)
                    .convertShape(ZERO_EXTEND_B2I, I, 0);
            c = q.selectFrom(t)
                    .blend(q.selectFrom(u), VectorMask.fromLong(I, high & 0xFFFF))
                    .reinterpretAsFloats()
                    .fma(FloatVector.fromArray(F, x, i + 32), c);
            q = q.lanewise(LSHR, 4);
            d = q.selectFrom(t)
                    .blend(q.selectFrom(u), VectorMask.fromLong(I, high >>> 16))
                    .reinterpretAsFloats()
                    .fma(FloatVector.fromArray(F, x, i + 48), d);
        }
        if (whole < columns) {
            long block = at + 24L * (whole >> 5);
            float scale = HALVES[MEMORY.get(HALF, block) & 0xFFFF];
            float min = HALVES[MEMORY.get(HALF, block + 2) & 0xFFFF];
            int high = MEMORY.get(WORD, block + 4);
            IntVector t = FROM_0.mul(scale).add(min).reinterpretAsInts();
            IntVector u = FROM_16.mul(scale).add(min).reinterpretAsInts();
            IntVector q = (IntVector) ByteVector.fromMemorySegment(B, MEMORY, block + 8, LITTLE_ENDIAN)
                    .convertShape(ZERO_EXTEND_B2I, I, 0);
            a = q.selectFrom(t)
                    .blend(q.selectFrom(u), VectorMask.fromLong(I, high & 0xFFFF))
                    .reinterpretAsFloats()
                    .fma(FloatVector.fromArray(F, x, whole), a);
            q = q.lanewise(LSHR, 4);
            b = q.selectFrom(t)
                    .blend(q.selectFrom(u), VectorMask.fromLong(I, high >>> 16))
                    .reinterpretAsFloats()
                    .fma(FloatVector.fromArray(F, x, whole + 16), b);
        }
        a.add(b).add(c.add(d)).intoArray(lanes, 0);
    }

    private static void q80Row(long at, int columns, float[] x, float[] lanes) {
        FloatVector a = FloatVector.zero(F);
        FloatVector b = a;
        FloatVector c = a;
        FloatVector d = a;
        int whole = columns & -UNIT;
        for (int i = 0; i < whole; i += UNIT) {
            long block = at + 34L * (i >> 5);
            FloatVector s = broadcast(F, HALVES[MEMORY.get(HALF, block) & 0xFFFF]);
            a = ((FloatVector) ByteVector.fromMemorySegment(B, MEMORY, block + 2, LITTLE_ENDIAN)
                            .convertShape(B2F, F, 0))
                    .mul(s)
                    .fma(FloatVector.fromArray(F, x, i), a);
            b = ((FloatVector) ByteVector.fromMemorySegment(B, MEMORY, block + 18, LITTLE_ENDIAN)
                            .convertShape(B2F, F, 0))
                    .mul(s)
                    .fma(FloatVector.fromArray(F, x, i + 16), b);
            s = broadcast(F, HALVES[MEMORY.get(HALF, block + 34) & 0xFFFF]);
            c = ((FloatVector) ByteVector.fromMemorySegment(B, MEMORY, block + 36, LITTLE_ENDIAN)
                            .convertShape(B2F, F, 0))
                    .mul(s)
                    .fma(FloatVector.fromArray(F, x, i + 32), c);
            d = ((FloatVector) ByteVector.fromMemorySegment(B, MEMORY, block + 52, LITTLE_ENDIAN)
                            .convertShape(B2F, F, 0))
                    .mul(s)
                    .fma(FloatVector.fromArray(F, x, i + 48), d);
        }
        if (whole < columns) {
            long block = at + 34L * (whole >> 5);
            FloatVector s = broadcast(F, HALVES[MEMORY.get(HALF, block) & 0xFFFF]);
            a = ((FloatVector) ByteVector.fromMemorySegment(B, MEMORY, block + 2, LITTLE_ENDIAN)
                            .convertShape(B2F, F, 0))
                    .mul(s)
                    .fma(FloatVector.fromArray(F, x, whole), a);
            b = ((FloatVector) ByteVector.fromMemorySegment(B, MEMORY, block + 18, LITTLE_ENDIAN)
                            .convertShape(B2F, F, 0))
                    .mul(s)
                    .fma(FloatVector.fromArray(F, x, whole + 16), b);
        }
        a.add(b).add(c.add(d)).intoArray(lanes, 0);
    }

    /** Of a row's blocks the scales of eight groups of 32, and then their minima. */
    private static void groups(long at, int blockBytes, int columns, float[] scales) {
        for (int i = 0; i < columns >> 8; i++) {
            long block = at + (long) blockBytes * i;
            ByteVector bytes = LongVector.broadcast(TWO, scales(block + 4))
                    .withLane(1, minima(block + 4))
                    .reinterpretAsBytes();
            FloatVector each = broadcast(F, HALVES[MEMORY.get(HALF, block) & 0xFFFF])
                    .blend(HALVES[MEMORY.get(HALF, block + 2) & 0xFFFF], SECOND_HALF);
            ((FloatVector) bytes.convertShape(B2F, F, 0)).mul(each).intoArray(scales, 16 * i);
        }
    }

    /** Two groups of 32 at a time, each with a table of its own. */
    private static void q4kRow(long at, int columns, float[] x, float[] lanes, float[] scales) {
        groups(at, 144, columns, scales);
        FloatVector a = FloatVector.zero(F);
        FloatVector b = a;
        FloatVector c = a;
        FloatVector d = a;
        for (int i = 0; i < columns; i += UNIT) {
            int pair = i >> 6 & 3;
            int group = (i >> 8 << 4) + 2 * pair;
            IntVector t = FROM_0.mul(scales[group]).sub(scales[group + 8]).reinterpretAsInts();
            IntVector u = FROM_0.mul(scales[group + 1]).sub(scales[group + 9]).reinterpretAsInts();
            long values = at + 144L * (i >> 8) + 16 + 32L * pair;
            IntVector q = (IntVector) ByteVector.fromMemorySegment(B, MEMORY, values, LITTLE_ENDIAN)
                    .convertShape(ZERO_EXTEND_B2I, I, 0);
            a = q.selectFrom(t).reinterpretAsFloats().fma(FloatVector.fromArray(F, x, i), a);
            c = q.lanewise(LSHR, 4).selectFrom(u).reinterpretAsFloats().fma(FloatVector.fromArray(F, x, i + 32), c);
            q = (IntVector) ByteVector.fromMemorySegment(B, MEMORY, values + 16, LITTLE_ENDIAN)
                    .convertShape(ZERO_EXTEND_B2I, I, 0);
            b = q.selectFrom(t).reinterpretAsFloats().fma(FloatVector.fromArray(F, x, i + 16), b);
            d = q.lanewise(LSHR, 4).selectFrom(u).reinterpretAsFloats().fma(FloatVector.fromArray(F, x, i + 48), d);
        }
        a.add(b).add(c.add(d)).intoArray(lanes, 0);
    }

    private static void q5kRow(long at, int columns, float[] x, float[] lanes, float[] scales) {
        groups(at, 176, columns, scales);
        FloatVector a = FloatVector.zero(F);
        FloatVector b = a;
        FloatVector c = a;
        FloatVector d = a;
        for (int i = 0; i < columns; i += UNIT) {
            int pair = i >> 6 & 3;
            int group = (i >> 8 << 4) + 2 * pair;
            long block = at + 176L * (i >> 8);
            IntVector q = (IntVector) ByteVector.fromMemorySegment(B, MEMORY, block + 48 + 32L * pair, LITTLE_ENDIAN)
                    .convertShape(ZERO_EXTEND_B2I, I, 0);
            IntVector high = ((IntVector) ByteVector.fromMemorySegment(B, MEMORY, block + 16, LITTLE_ENDIAN)
                            .convertShape(ZERO_EXTEND_B2I, I, 0))
                    .lanewise(LSHR, 2 * pair);
            a = ((FloatVector) q.and(0xF).or(high.and(1).lanewise(LSHL, 4)).convert(I2F, 0))
                    .mul(scales[group])
                    .sub(scales[group + 8])
                    .fma(FloatVector.fromArray(F, x, i), a);
            c = ((FloatVector) q.lanewise(LSHR, 4)
                            .or(high.and(2).lanewise(LSHL, 3))
                            .convert(I2F, 0))
                    .mul(scales[group + 1])
                    .sub(scales[group + 9])
                    .fma(FloatVector.fromArray(F, x, i + 32), c);
            q = (IntVector) ByteVector.fromMemorySegment(B, MEMORY, block + 48 + 32L * pair + 16, LITTLE_ENDIAN)
                    .convertShape(ZERO_EXTEND_B2I, I, 0);
            high = ((IntVector) ByteVector.fromMemorySegment(B, MEMORY, block + 32, LITTLE_ENDIAN)
                            .convertShape(ZERO_EXTEND_B2I, I, 0))
                    .lanewise(LSHR, 2 * pair);
            b = ((FloatVector) q.and(0xF).or(high.and(1).lanewise(LSHL, 4)).convert(I2F, 0))
                    .mul(scales[group])
                    .sub(scales[group + 8])
                    .fma(FloatVector.fromArray(F, x, i + 16), b);
            d = ((FloatVector) q.lanewise(LSHR, 4)
                            .or(high.and(2).lanewise(LSHL, 3))
                            .convert(I2F, 0))
                    .mul(scales[group + 1])
                    .sub(scales[group + 9])
                    .fma(FloatVector.fromArray(F, x, i + 48), d);
        }
        a.add(b).add(c.add(d)).intoArray(lanes, 0);
    }

    private static void q6kRow(long at, int columns, float[] x, float[] lanes, float[] scales) {
        for (int i = 0; i < columns >> 8; i++) {
            long block = at + 210L * i;
            ((FloatVector) ByteVector.fromMemorySegment(B, MEMORY, block + 192, LITTLE_ENDIAN)
                            .convertShape(B2F, F, 0))
                    .mul(HALVES[MEMORY.get(HALF, block + 208) & 0xFFFF])
                    .intoArray(scales, 16 * i);
        }
        FloatVector a = FloatVector.zero(F);
        FloatVector b = a;
        FloatVector c = a;
        FloatVector d = a;
        for (int i = 0; i < columns; i += 128) {
            int part = i >> 7 & 1;
            int group = i >> 4;
            long low = at + 210L * (i >> 8) + 64L * part;
            long high = at + 210L * (i >> 8) + 128 + 32L * part;
            IntVector p = (IntVector)
                    ByteVector.fromMemorySegment(B, MEMORY, low, LITTLE_ENDIAN).convertShape(ZERO_EXTEND_B2I, I, 0);
            IntVector q = (IntVector) ByteVector.fromMemorySegment(B, MEMORY, low + 32, LITTLE_ENDIAN)
                    .convertShape(ZERO_EXTEND_B2I, I, 0);
            IntVector h = (IntVector)
                    ByteVector.fromMemorySegment(B, MEMORY, high, LITTLE_ENDIAN).convertShape(ZERO_EXTEND_B2I, I, 0);
            a = ((FloatVector) p.and(0xF).or(h.and(3).lanewise(LSHL, 4)).sub(32).convert(I2F, 0))
                    .mul(scales[group])
                    .fma(FloatVector.fromArray(F, x, i), a);
            c = ((FloatVector)
                            q.and(0xF).or(h.and(12).lanewise(LSHL, 2)).sub(32).convert(I2F, 0))
                    .mul(scales[group + 2])
                    .fma(FloatVector.fromArray(F, x, i + 32), c);
            a = ((FloatVector) p.lanewise(LSHR, 4).or(h.and(48)).sub(32).convert(I2F, 0))
                    .mul(scales[group + 4])
                    .fma(FloatVector.fromArray(F, x, i + 64), a);
            c = ((FloatVector) q.lanewise(LSHR, 4)
                            .or(h.and(192).lanewise(LSHR, 2))
                            .sub(32)
                            .convert(I2F, 0))
                    .mul(scales[group + 6])
                    .fma(FloatVector.fromArray(F, x, i + 96), c);
            p = (IntVector) ByteVector.fromMemorySegment(B, MEMORY, low + 16, LITTLE_ENDIAN)
                    .convertShape(ZERO_EXTEND_B2I, I, 0);
            q = (IntVector) ByteVector.fromMemorySegment(B, MEMORY, low + 48, LITTLE_ENDIAN)
                    .convertShape(ZERO_EXTEND_B2I, I, 0);
            h = (IntVector) ByteVector.fromMemorySegment(B, MEMORY, high + 16, LITTLE_ENDIAN)
                    .convertShape(ZERO_EXTEND_B2I, I, 0);
            b = ((FloatVector) p.and(0xF).or(h.and(3).lanewise(LSHL, 4)).sub(32).convert(I2F, 0))
                    .mul(scales[group + 1])
                    .fma(FloatVector.fromArray(F, x, i + 16), b);
            d = ((FloatVector)
                            q.and(0xF).or(h.and(12).lanewise(LSHL, 2)).sub(32).convert(I2F, 0))
                    .mul(scales[group + 3])
                    .fma(FloatVector.fromArray(F, x, i + 48), d);
            b = ((FloatVector) p.lanewise(LSHR, 4).or(h.and(48)).sub(32).convert(I2F, 0))
                    .mul(scales[group + 5])
                    .fma(FloatVector.fromArray(F, x, i + 80), b);
            d = ((FloatVector) q.lanewise(LSHR, 4)
                            .or(h.and(192).lanewise(LSHR, 2))
                            .sub(32)
                            .convert(I2F, 0))
                    .mul(scales[group + 7])
                    .fma(FloatVector.fromArray(F, x, i + 112), d);
        }
        a.add(b).add(c.add(d)).intoArray(lanes, 0);
    }

    private static void halfRow(long at, int columns, float[] x, float[] lanes) {
        FloatVector a = FloatVector.zero(F);
        FloatVector b = a;
        FloatVector c = a;
        FloatVector d = a;
        int whole = columns & -UNIT;
        for (int i = 0; i < whole; i += UNIT) {
            IntVector bits = (IntVector) ShortVector.fromMemorySegment(S, MEMORY, at + 2L * i, LITTLE_ENDIAN)
                    .convertShape(ZERO_EXTEND_S2I, I, 0);
            IntVector size = bits.and(0x7FFF);
            a = size.lanewise(LSHL, 13)
                    .reinterpretAsFloats()
                    .mul(0x1p112f)
                    .reinterpretAsInts()
                    .lanewise(OR, HIGHEST, size.compare(GE, 0x7C00))
                    .or(bits.and(0x8000).lanewise(LSHL, 16))
                    .reinterpretAsFloats()
                    .fma(FloatVector.fromArray(F, x, i), a);
            bits = (IntVector) ShortVector.fromMemorySegment(S, MEMORY, at + 2L * (i + 16), LITTLE_ENDIAN)
                    .convertShape(ZERO_EXTEND_S2I, I, 0);
            size = bits.and(0x7FFF);
            b = size.lanewise(LSHL, 13)
                    .reinterpretAsFloats()
                    .mul(0x1p112f)
                    .reinterpretAsInts()
                    .lanewise(OR, HIGHEST, size.compare(GE, 0x7C00))
                    .or(bits.and(0x8000).lanewise(LSHL, 16))
                    .reinterpretAsFloats()
                    .fma(FloatVector.fromArray(F, x, i + 16), b);
            bits = (IntVector) ShortVector.fromMemorySegment(S, MEMORY, at + 2L * (i + 32), LITTLE_ENDIAN)
                    .convertShape(ZERO_EXTEND_S2I, I, 0);
            size = bits.and(0x7FFF);
            c = size.lanewise(LSHL, 13)
                    .reinterpretAsFloats()
                    .mul(0x1p112f)
                    .reinterpretAsInts()
                    .lanewise(OR, HIGHEST, size.compare(GE, 0x7C00))
                    .or(bits.and(0x8000).lanewise(LSHL, 16))
                    .reinterpretAsFloats()
                    .fma(FloatVector.fromArray(F, x, i + 32), c);
            bits = (IntVector) ShortVector.fromMemorySegment(S, MEMORY, at + 2L * (i + 48), LITTLE_ENDIAN)
                    .convertShape(ZERO_EXTEND_S2I, I, 0);
            size = bits.and(0x7FFF);
            d = size.lanewise(LSHL, 13)
                    .reinterpretAsFloats()
                    .mul(0x1p112f)
                    .reinterpretAsInts()
                    .lanewise(OR, HIGHEST, size.compare(GE, 0x7C00))
                    .or(bits.and(0x8000).lanewise(LSHL, 16))
                    .reinterpretAsFloats()
                    .fma(FloatVector.fromArray(F, x, i + 48), d);
        }
        a.intoArray(lanes, 0);
        b.intoArray(lanes, LANES);
        c.intoArray(lanes, 2 * LANES);
        d.intoArray(lanes, 3 * LANES);
        for (int i = whole; i < columns; i++) {
            lanes[i - whole] = Math.fma(HALVES[MEMORY.get(HALF, at + 2L * i) & 0xFFFF], x[i], lanes[i - whole]);
        }
        together(lanes, 0);
    }

    /** The four sums of a row that were stored, in the order of the loops. */
    private static void together(float[] lanes, int at) {
        FloatVector a = FloatVector.fromArray(F, lanes, at);
        FloatVector b = FloatVector.fromArray(F, lanes, at + LANES);
        FloatVector c = FloatVector.fromArray(F, lanes, at + 2 * LANES);
        FloatVector d = FloatVector.fromArray(F, lanes, at + 3 * LANES);
        a.add(b).add(c.add(d)).intoArray(lanes, at);
    }

    /** Rows of any format, floats at first. */
    private void floatRow(BlockFormat format, long address, int columns, float[] x, float[] lanes) {
        float[] w = Scratch.own().weights.get(0, TILE);
        Arrays.fill(lanes, 0, 4 * LANES, 0);
        for (int first = 0; first < columns; first += TILE) {
            int count = tile(format, address, first, columns, w);
            oneVector(w, count, x, first, lanes);
        }
        together(lanes, 0);
    }

    /** Some columns of a row as floats, filled up with zeros, and how many they are. */
    private int tile(BlockFormat format, long address, int first, int columns, float[] w) {
        int count = Math.min(TILE, columns - first);
        decode(format, address + format.bytes(first), count, w, 0);
        int padded = Matrix.roundUp(count, UNIT);
        Arrays.fill(w, count, padded, 0);
        return padded;
    }

    private static void oneVector(float[] w, int count, float[] x, int from, float[] sums) {
        FloatVector a = FloatVector.fromArray(F, sums, 0);
        FloatVector b = FloatVector.fromArray(F, sums, LANES);
        FloatVector c = FloatVector.fromArray(F, sums, 2 * LANES);
        FloatVector d = FloatVector.fromArray(F, sums, 3 * LANES);
        for (int i = 0; i < count; i += 4 * LANES) {
            a = FloatVector.fromArray(F, w, i).fma(FloatVector.fromArray(F, x, from + i), a);
            b = FloatVector.fromArray(F, w, i + LANES).fma(FloatVector.fromArray(F, x, from + i + LANES), b);
            c = FloatVector.fromArray(F, w, i + 2 * LANES).fma(FloatVector.fromArray(F, x, from + i + 2 * LANES), c);
            d = FloatVector.fromArray(F, w, i + 3 * LANES).fma(FloatVector.fromArray(F, x, from + i + 3 * LANES), d);
        }
        a.intoArray(sums, 0);
        b.intoArray(sums, LANES);
        c.intoArray(sums, 2 * LANES);
        d.intoArray(sums, 3 * LANES);
    }

    @Override
    public void products(BlockFormat format, long address, int columns, float[][] xs, float[][] ys, int to) {
        float[] w = Scratch.own().weights.get(0, TILE);
        float[] lanes = Scratch.own().lanes.get(0, 16 * LANES);
        Arrays.fill(lanes, 0, 16 * LANES, 0);
        for (int first = 0; first < columns; first += TILE) {
            int count = tile(format, address, first, columns, w);
            twoVectors(w, count, xs[0], xs[1], first, lanes, 0);
            twoVectors(w, count, xs[2], xs[3], first, lanes, 8 * LANES);
        }
        for (int v = 0; v < 4; v++) {
            together(lanes, 4 * LANES * v);
            ys[v][to] = VectorRowLoops.sum(lanes, 4 * v);
        }
    }

    /** The sums of {@link #oneVector}. */
    private static void twoVectors(float[] w, int count, float[] x, float[] y, int from, float[] sums, int to) {
        FloatVector a = FloatVector.fromArray(F, sums, to);
        FloatVector b = FloatVector.fromArray(F, sums, to + LANES);
        FloatVector c = FloatVector.fromArray(F, sums, to + 2 * LANES);
        FloatVector d = FloatVector.fromArray(F, sums, to + 3 * LANES);
        FloatVector e = FloatVector.fromArray(F, sums, to + 4 * LANES);
        FloatVector f = FloatVector.fromArray(F, sums, to + 5 * LANES);
        FloatVector g = FloatVector.fromArray(F, sums, to + 6 * LANES);
        FloatVector h = FloatVector.fromArray(F, sums, to + 7 * LANES);
        for (int i = 0; i < count; i += 4 * LANES) {
            FloatVector v = FloatVector.fromArray(F, w, i);
            a = v.fma(FloatVector.fromArray(F, x, from + i), a);
            e = v.fma(FloatVector.fromArray(F, y, from + i), e);
            v = FloatVector.fromArray(F, w, i + LANES);
            b = v.fma(FloatVector.fromArray(F, x, from + i + LANES), b);
            f = v.fma(FloatVector.fromArray(F, y, from + i + LANES), f);
            v = FloatVector.fromArray(F, w, i + 2 * LANES);
            c = v.fma(FloatVector.fromArray(F, x, from + i + 2 * LANES), c);
            g = v.fma(FloatVector.fromArray(F, y, from + i + 2 * LANES), g);
            v = FloatVector.fromArray(F, w, i + 3 * LANES);
            d = v.fma(FloatVector.fromArray(F, x, from + i + 3 * LANES), d);
            h = v.fma(FloatVector.fromArray(F, y, from + i + 3 * LANES), h);
        }
        a.intoArray(sums, to);
        b.intoArray(sums, to + LANES);
        c.intoArray(sums, to + 2 * LANES);
        d.intoArray(sums, to + 3 * LANES);
        e.intoArray(sums, to + 4 * LANES);
        f.intoArray(sums, to + 5 * LANES);
        g.intoArray(sums, to + 6 * LANES);
        h.intoArray(sums, to + 7 * LANES);
    }

    @Override
    public void halves(float[] from, int count, MemorySegment into, long to) {
        long place = into.address() + to;
        int whole = count - count % LANES;
        for (int i = 0; i < whole; i += LANES) {
            IntVector bits = FloatVector.fromArray(F, from, i).reinterpretAsInts();
            bits.lanewise(LSHR, 16)
                    .and(1)
                    .add(bits)
                    .add(0x7FFF)
                    .lanewise(LSHR, 16)
                    .convertShape(I2S, S, 0)
                    .reinterpretAsShorts()
                    .intoMemorySegment(MEMORY, place + 2L * i, LITTLE_ENDIAN);
        }
        for (int i = whole; i < count; i++) {
            MEMORY.set(HALF, place + 2L * i, (short) Matrix.bf16(from[i]));
        }
    }
}
