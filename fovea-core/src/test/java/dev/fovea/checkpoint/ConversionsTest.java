package dev.fovea.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fovea.tensor.Scope;
import dev.fovea.tensor.Tensors;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.EnumSource.Mode;

class ConversionsTest {

    private static StoredTensor stored(DType dtype, byte[] data) {
        long elements = 8L * data.length / dtype.bits();
        return new StoredTensor("x", dtype, new long[] {elements}, MemorySegment.ofArray(data));
    }

    /** Every code of two bytes, so that each type of 8 or 16 bits shows all its values. */
    private static byte[] codes() {
        ByteBuffer codes = ByteBuffer.allocate(2 << 16).order(ByteOrder.LITTLE_ENDIAN);
        for (int code = 0; code < 1 << 16; code++) {
            codes.putShort((short) code);
        }
        return codes.array();
    }

    @ParameterizedTest
    @EnumSource(
            value = DType.class,
            mode = Mode.INCLUDE,
            names = {
                "F16",
                "BF16",
                "F8_E5M2",
                "F8_E4M3",
                "F8_E8M0",
                "F8_E4M3FNUZ",
                "F8_E5M2FNUZ",
                "U8",
                "I8",
                "I16",
                "I32",
                "I64",
                "F64"
            })
    void everyCodeIsWhatTheEngineSaysItIs(DType dtype) {
        StoredTensor x = stored(dtype, codes());
        try (var _ = new Scope()) {
            assertThat(x.toFloats()).isEqualTo(Tensors.toFloats(Checkpoints.tensor(x)));
            assertThat(x.toDoubles()).isEqualTo(Tensors.toDoubles(Checkpoints.tensor(x)));
        }
    }

    @Test
    void unsignedValuesAreUnsigned() {
        byte[] ones = {-1, -1, -1, -1, -1, -1, -1, -1};
        assertThat(stored(DType.U16, ones).toLongs()).containsOnly(0xffffL);
        assertThat(stored(DType.U32, ones).toDoubles()).containsOnly(4294967295.0);
        assertThatThrownBy(() -> stored(DType.U64, ones).toLongs())
                .hasMessage("x: U64 value 18446744073709551615 does not fit a long");
    }

    @Test
    void typesOfLessThanAByteAreRefused() {
        assertThatThrownBy(() -> stored(DType.F4, new byte[1]).toFloats())
                .hasMessage("x: values of dtype F4 are not converted to float32");
        assertThatThrownBy(() -> Checkpoints.tensor(stored(DType.F6_E2M3, new byte[3])))
                .hasMessage("x: libtorch has no type for dtype F6_E2M3");
    }
}
