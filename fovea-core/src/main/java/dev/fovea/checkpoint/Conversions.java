package dev.fovea.checkpoint;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/** Stored values to Java arrays: one loop a type. */
final class Conversions {

    private static final ValueLayout.OfShort I16 = ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfInt I32 = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfLong I64 = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfFloat F32 = ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfDouble F64 =
            ValueLayout.JAVA_DOUBLE_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private Conversions() {}

    static float[] toFloats(StoredTensor x) {
        MemorySegment data = x.data();
        var y = new float[count(x)];
        switch (x.dtype()) {
            case F32 -> MemorySegment.copy(data, F32, 0, y, 0, y.length);
            case F16 -> {
                for (int i = 0; i < y.length; i++) {
                    y[i] = Float.float16ToFloat(data.get(I16, 2L * i));
                }
            }
            case BF16 -> {
                for (int i = 0; i < y.length; i++) {
                    y[i] = Float.intBitsToFloat(data.get(I16, 2L * i) << 16);
                }
            }
            case F8_E5M2, F8_E4M3, F8_E8M0, F8_E4M3FNUZ, F8_E5M2FNUZ -> {
                float[] table = Float8.table(x.dtype());
                for (int i = 0; i < y.length; i++) {
                    y[i] = table[data.get(JAVA_BYTE, i) & 0xff];
                }
            }
            case F64 -> {
                for (int i = 0; i < y.length; i++) {
                    y[i] = (float) data.get(F64, 8L * i);
                }
            }
            case BOOL, U8, I8, I16, U16, I32, U32, I64, U64 -> {
                long[] values = toLongs(x);
                for (int i = 0; i < y.length; i++) {
                    y[i] = values[i];
                }
            }
            case F4, F6_E2M3, F6_E3M2, C64 -> throw noConversion(x, "float32");
        }
        return y;
    }

    static double[] toDoubles(StoredTensor x) {
        var y = new double[count(x)];
        if (x.dtype() == DType.F64) {
            MemorySegment.copy(x.data(), F64, 0, y, 0, y.length);
        } else if (x.dtype().isInteger()) {
            long[] values = toLongs(x);
            for (int i = 0; i < y.length; i++) {
                y[i] = values[i];
            }
        } else {
            float[] values = toFloats(x);
            for (int i = 0; i < y.length; i++) {
                y[i] = values[i];
            }
        }
        return y;
    }

    static long[] toLongs(StoredTensor x) {
        MemorySegment data = x.data();
        var y = new long[count(x)];
        switch (x.dtype()) {
            case BOOL, U8 -> {
                for (int i = 0; i < y.length; i++) {
                    y[i] = data.get(JAVA_BYTE, i) & 0xff;
                }
            }
            case I8 -> {
                for (int i = 0; i < y.length; i++) {
                    y[i] = data.get(JAVA_BYTE, i);
                }
            }
            case I16 -> {
                for (int i = 0; i < y.length; i++) {
                    y[i] = data.get(I16, 2L * i);
                }
            }
            case U16 -> {
                for (int i = 0; i < y.length; i++) {
                    y[i] = data.get(I16, 2L * i) & 0xffff;
                }
            }
            case I32 -> {
                for (int i = 0; i < y.length; i++) {
                    y[i] = data.get(I32, 4L * i);
                }
            }
            case U32 -> {
                for (int i = 0; i < y.length; i++) {
                    y[i] = data.get(I32, 4L * i) & 0xffffffffL;
                }
            }
            case I64 -> MemorySegment.copy(data, I64, 0, y, 0, y.length);
            case U64 -> {
                MemorySegment.copy(data, I64, 0, y, 0, y.length);
                for (long value : y) {
                    if (value < 0) {
                        throw new IllegalArgumentException("%s: U64 value %s does not fit a long"
                                .formatted(x.name(), Long.toUnsignedString(value)));
                    }
                }
            }
            case F4, F6_E2M3, F6_E3M2, F8_E5M2, F8_E4M3, F8_E8M0, F8_E4M3FNUZ, F8_E5M2FNUZ, F16, BF16, F32, C64, F64 ->
                throw noConversion(x, "int64");
        }
        return y;
    }

    private static int count(StoredTensor x) {
        long n = x.elements();
        if (n > Integer.MAX_VALUE - 8) {
            throw new IllegalArgumentException(
                    "%s has %d values, more than a Java array holds; use Checkpoints.tensor".formatted(x.name(), n));
        }
        return (int) n;
    }

    private static IllegalArgumentException noConversion(StoredTensor x, String to) {
        return new IllegalArgumentException(
                "%s: values of dtype %s are not converted to %s".formatted(x.name(), x.dtype(), to));
    }
}
