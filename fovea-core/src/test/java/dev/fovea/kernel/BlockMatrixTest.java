package dev.fovea.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

class BlockMatrixTest {

    static Stream<Arguments> loopsAndFormats() {
        return MatrixTest.loops()
                .flatMap(loops -> Stream.of(BlockFormat.values()).map(format -> Arguments.of(loops, format)));
    }

    /** Rows of blocks of any bits, with scales of ordinary size. */
    static byte[] blocks(BlockFormat format, int values, Random random) {
        int count = values / format.size();
        var bytes = new byte[count * format.bytes()];
        random.nextBytes(bytes);
        for (int i = 0; i < count; i++) {
            int at = i * format.bytes();
            switch (format) {
                case F32 -> word(bytes, at, Float.floatToRawIntBits((float) random.nextGaussian()));
                case MXFP4 -> bytes[at] = (byte) (120 + random.nextInt(8));
                case F16, Q4_0, Q5_0, Q8_0 -> half(bytes, at, random);
                case Q4_1, Q5_1, Q4_K, Q5_K -> {
                    half(bytes, at, random);
                    half(bytes, at + 2, random);
                }
                case Q2_K -> {
                    half(bytes, at + 80, random);
                    half(bytes, at + 82, random);
                }
                case Q3_K -> half(bytes, at + 108, random);
                case Q6_K -> half(bytes, at + 208, random);
            }
        }
        return bytes;
    }

    private static void half(byte[] bytes, int at, Random random) {
        short half = Float.floatToFloat16((float) (0.05 * random.nextGaussian()));
        bytes[at] = (byte) half;
        bytes[at + 1] = (byte) (half >> 8);
    }

    private static void word(byte[] bytes, int at, int word) {
        for (int i = 0; i < 4; i++) {
            bytes[at + i] = (byte) (word >> (8 * i));
        }
    }

    private static float[] values(BlockFormat format, byte[] bytes) {
        int count = bytes.length / format.bytes();
        var values = new float[count * format.size()];
        format.decode(bytes, 0, count, values, 0);
        return values;
    }

    private static MemorySegment in(Arena arena, byte[] bytes) {
        MemorySegment memory = arena.allocate(bytes.length + 1L, 2).asSlice(1); // nothing in a file is aligned for us
        return memory.copyFrom(MemorySegment.ofArray(bytes));
    }

    /** Sizes that fill no tile, no group and no step of rows. */
    private static int columns(BlockFormat format, Random random) {
        int blocks = 1 + random.nextInt(2500 / format.size());
        return blocks * format.size();
    }

    @ParameterizedTest
    @MethodSource("loopsAndFormats")
    void productsAreThoseOfWhatBlocksStandFor(Loops loops, BlockFormat format) {
        var random = new Random(5);
        try (Arena arena = Arena.ofShared();
                var workers = new Workers(2)) {
            for (int round = 0; round < 6; round++) {
                int columns = columns(format, random);
                int rows = 1 + random.nextInt(40);
                byte[] bytes = blocks(format, rows * columns, random);
                float[] w = values(format, bytes);
                BlockMatrix matrix = BlockMatrix.of(format, in(arena, bytes), rows, columns, loops);
                assertThat(matrix.bytes()).isEqualTo(bytes.length);
                int count = 1 + random.nextInt(6);
                var xs = new float[count][columns];
                for (float[] x : xs) {
                    for (int c = 0; c < columns; c++) {
                        x[c] = (float) random.nextGaussian();
                    }
                }
                var ys = new float[count][rows];
                matrix.times(xs, ys, workers);
                for (int v = 0; v < count; v++) {
                    var single = new float[rows];
                    matrix.times(xs[v], single, workers);
                    assertThat(ys[v]).containsExactly(single);
                    for (int r = 0; r < rows; r++) {
                        double sum = 0;
                        double size = 0;
                        for (int c = 0; c < columns; c++) {
                            double product = (double) w[r * columns + c] * xs[v][c];
                            sum += product;
                            size += Math.abs(product);
                        }
                        assertThat(Math.abs(single[r] - sum))
                                .as("%s [%d, %d] row %d", format, rows, columns, r)
                                .isLessThanOrEqualTo(2e-6 * size + 1e-12);
                    }
                }
            }
        }
    }

    /** To the last bit, whatever loops. */
    @ParameterizedTest
    @MethodSource("loopsAndFormats")
    void valuesAreThoseOfTheFormat(Loops loops, BlockFormat format) {
        var random = new Random(7);
        try (Arena arena = Arena.ofShared();
                var workers = new Workers(2)) {
            int rows = 37;
            int columns = columns(format, random);
            byte[] bytes = blocks(format, rows * columns, random);
            float[] w = values(format, bytes);
            BlockMatrix matrix = BlockMatrix.of(format, in(arena, bytes), rows, columns, loops);
            var row = new float[columns];
            int width = matrix.paddedColumns();
            MemorySegment values = arena.allocate(4L * 32 * width, 4);
            MemorySegment halves = arena.allocate(2L * 32 * width, 4);
            matrix.unpack(1, 2, values, workers);
            matrix.unpackHalves(1, 2, halves);
            for (int r = 0; r < rows; r++) {
                matrix.row(r, row);
                for (int c = 0; c < width; c++) {
                    float wanted = c < columns ? w[r * columns + c] : 0;
                    assertThat(c < columns ? row[c] : 0).isEqualTo(wanted);
                    if (r >= 16) {
                        long at = (r - 16L) * width + c;
                        assertThat(values.getAtIndex(ValueLayout.JAVA_FLOAT, at))
                                .isEqualTo(wanted);
                        assertThat(halves.getAtIndex(ValueLayout.JAVA_SHORT, at))
                                .isEqualTo((short) Matrix.bf16(wanted));
                    }
                }
            }
        }
    }

    /** Of every bit pattern: subnormal ones, infinities and what is no number. */
    @ParameterizedTest
    @MethodSource("dev.fovea.kernel.MatrixTest#loops")
    void everyHalfIsRead(Loops loops) {
        var bytes = new byte[1 << 17];
        for (int i = 0; i < 1 << 16; i++) {
            bytes[2 * i] = (byte) i;
            bytes[2 * i + 1] = (byte) (i >> 8);
        }
        try (Arena arena = Arena.ofShared()) {
            var row = new float[1 << 16];
            BlockMatrix.of(BlockFormat.F16, in(arena, bytes), 1, 1 << 16, loops).row(0, row);
            for (int i = 0; i < row.length; i++) {
                assertThat(Float.compare(row[i], Float.float16ToFloat((short) i)))
                        .as("%04x", i)
                        .isZero();
            }
        }
    }

    @Test
    void whatIsNoRowOfBlocksIsRefused() {
        try (Arena arena = Arena.ofShared()) {
            MemorySegment memory = arena.allocate(36);
            assertThatThrownBy(() -> BlockMatrix.of(BlockFormat.Q4_0, memory, 1, 48))
                    .hasMessage("48 values of Q4_0, wanted whole blocks of 32");
            assertThatThrownBy(() -> BlockMatrix.of(BlockFormat.Q4_0, memory, 1, 32))
                    .hasMessageContaining("36 bytes of native memory, wanted 18");
            BlockMatrix matrix = BlockMatrix.of(BlockFormat.Q4_0, memory, 2, 32);
            assertThatThrownBy(() -> matrix.row(2, new float[32])).isInstanceOf(IndexOutOfBoundsException.class);
            assertThatThrownBy(() -> matrix.row(-1, new float[32])).isInstanceOf(IndexOutOfBoundsException.class);
        }
    }

    @ParameterizedTest
    @EnumSource(BlockFormat.class)
    void closedWeightsAreRefused(BlockFormat format) {
        BlockMatrix matrix;
        try (Arena arena = Arena.ofShared()) {
            matrix = BlockMatrix.of(format, arena.allocate(format.bytes(256)), 1, 256);
        }
        assertThatThrownBy(() -> matrix.row(0, new float[256])).isInstanceOf(IllegalStateException.class);
    }
}
