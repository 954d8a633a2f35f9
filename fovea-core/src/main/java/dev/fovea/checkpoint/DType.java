package dev.fovea.checkpoint;

import java.util.Arrays;

/** The element types of safetensors, under the names of the format. */
public enum DType {
    BOOL(8),
    F4(4),
    F6_E2M3(6),
    F6_E3M2(6),
    U8(8),
    I8(8),
    F8_E5M2(8),
    F8_E4M3(8),
    F8_E8M0(8),
    F8_E4M3FNUZ(8),
    F8_E5M2FNUZ(8),
    I16(16),
    U16(16),
    F16(16),
    BF16(16),
    I32(32),
    U32(32),
    F32(32),
    C64(64),
    F64(64),
    I64(64),
    U64(64);

    private final int bits;

    DType(int bits) {
        this.bits = bits;
    }

    /** Bits of one element. */
    public int bits() {
        return bits;
    }

    /** Bytes that so many elements take; refused where they do not fill whole bytes or the count overflows. */
    public long bytes(long elements) {
        long all = Math.multiplyExact(elements, (long) bits);
        if (all % 8 != 0) {
            throw new ArithmeticException("%d elements of %s do not fill whole bytes".formatted(elements, this));
        }
        return all / 8;
    }

    /** Whether elements are integers (booleans too). */
    public boolean isInteger() {
        return switch (this) {
            case BOOL, U8, I8, I16, U16, I32, U32, I64, U64 -> true;
            case F4, F6_E2M3, F6_E3M2, F8_E5M2, F8_E4M3, F8_E8M0, F8_E4M3FNUZ, F8_E5M2FNUZ -> false;
            case F16, BF16, F32, C64, F64 -> false;
        };
    }

    static DType of(String name) {
        for (DType dtype : values()) {
            if (dtype.name().equals(name)) {
                return dtype;
            }
        }
        throw new IllegalArgumentException(
                "unknown dtype '%s', wanted one of %s".formatted(name, Arrays.toString(values())));
    }
}
