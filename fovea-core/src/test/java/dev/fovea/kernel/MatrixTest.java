package dev.fovea.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.function.BiFunction;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class MatrixTest {

    static Stream<Loops> loops() {
        return Kernels.isVectorised() ? Stream.of(new VectorLoops(), new PlainLoops()) : Stream.of(new PlainLoops());
    }

    private static float[] random(int n, Random random) {
        var x = new float[n];
        for (int i = 0; i < n; i++) {
            x[i] = (float) random.nextGaussian();
        }
        return x;
    }

    /** Rows one by one, and groups unpacked, are what the weights stand for; halves are the same rounded. */
    private static void compareValues(Matrix matrix, float[] w, Workers workers) {
        int columns = matrix.columns();
        float worst = 0;
        var row = new float[columns];
        for (int r = 0; r < matrix.rows(); r++) {
            matrix.row(r, row);
            for (int c = 0; c < columns; c++) {
                worst = Math.max(worst, Math.abs(row[c] - w[r * columns + c]));
            }
        }
        if (matrix instanceof PackedMatrix packed) {
            int groups = (packed.groups() + 1) / 2;
            int first = packed.groups() - groups;
            try (Arena arena = Arena.ofShared()) {
                MemorySegment values = arena.allocate(4L * Loops.GROUP * groups * packed.paddedColumns(), 4);
                packed.unpack(first, groups, values, workers);
                MemorySegment halves = arena.allocate(2L * Loops.GROUP * groups * packed.paddedColumns(), 4);
                packed.unpackHalves(first, groups, halves);
                for (int r = first * Loops.GROUP; r < matrix.rows(); r++) {
                    for (int c = 0; c < columns; c++) {
                        long at = (long) c * groups * Loops.GROUP + r - (long) first * Loops.GROUP;
                        float value = values.getAtIndex(ValueLayout.JAVA_FLOAT, at);
                        worst = Math.max(worst, Math.abs(value - w[r * columns + c]));
                        short half = halves.getAtIndex(ValueLayout.JAVA_SHORT, at);
                        assertThat(half).isEqualTo((short) Matrix.bf16(value));
                    }
                }
            }
        }
        assertThat(worst).isLessThan(1e-6f);
    }

    /** Every packing against a plain loop over what its weights stand for, on sizes that fill no register and no block. */
    private static void compare(
            BiFunction<float[], Integer, Matrix> pack, BiFunction<float[], Integer, float[]> value) {
        var random = new Random(6);
        try (var alone = new Workers(1);
                var two = new Workers(2)) {
            for (int round = 0; round < 24; round++) {
                int rows = 1 + random.nextInt(70);
                int columns = 1 + random.nextInt(300);
                int count = 1 + random.nextInt(6);
                float[] weights = random(rows * columns, random);
                float[] w = value.apply(weights, columns);
                Matrix matrix = pack.apply(weights, columns);
                compareValues(matrix, w, two);
                var xs = new float[count][];
                for (int v = 0; v < count; v++) {
                    xs[v] = random(columns, random);
                }
                var ys = new float[count][rows];
                matrix.times(xs, ys, round % 2 == 0 ? alone : two);
                for (int v = 0; v < count; v++) {
                    var single = new float[rows];
                    matrix.times(xs[v], single, two);
                    assertThat(ys[v]).as("[%d, %d] vector %d", rows, columns, v).containsExactly(single);
                    for (int r = 0; r < rows; r++) {
                        double sum = 0;
                        double size = 0;
                        for (int c = 0; c < columns; c++) {
                            sum += (double) w[r * columns + c] * xs[v][c];
                            size += Math.abs((double) w[r * columns + c] * xs[v][c]);
                        }
                        assertThat(Math.abs(ys[v][r] - sum))
                                .as("[%d, %d] row %d vector %d", rows, columns, r, v)
                                .isLessThanOrEqualTo(2e-6 * size + 1e-12);
                    }
                }
            }
        }
    }

    private static float bf16(float x) {
        return Float.intBitsToFloat(Matrix.bf16(x) << 16);
    }

    @ParameterizedTest
    @MethodSource("loops")
    void halvesMultiplyAsTheyAre(Loops loops) {
        try (Arena arena = Arena.ofShared()) {
            compare((w, columns) -> Bf16Matrix.of(w, columns, arena, loops), (w, _) -> {
                float[] rounded = w.clone();
                for (int i = 0; i < w.length; i++) {
                    rounded[i] = bf16(w[i]);
                }
                return rounded;
            });
        }
    }

    @ParameterizedTest
    @MethodSource("loops")
    void bytesMultiplyAsWhatTheyStandFor(Loops loops) {
        try (Arena arena = Arena.ofShared()) {
            compare(
                    (w, columns) -> Int8Matrix.of(PerChannel.of(w, columns, 8), arena, loops),
                    (w, columns) -> PerChannel.of(w, columns, 8).toFloats());
        }
    }

    @ParameterizedTest
    @MethodSource("loops")
    void nibblesMultiplyAsWhatTheyStandFor(Loops loops) {
        try (Arena arena = Arena.ofShared()) {
            compare((w, columns) -> Int4Matrix.of(w, columns, arena, loops), MatrixTest::blocks);
        }
    }

    private static float[] blocks(float[] w, int columns) {
        var values = new float[w.length];
        var q = new byte[BlockQ4.BLOCK];
        for (int r = 0; r < w.length / columns; r++) {
            float[] row = Arrays.copyOf(
                    Arrays.copyOfRange(w, r * columns, (r + 1) * columns), Matrix.roundUp(columns, BlockQ4.BLOCK));
            for (int c = 0; c < columns; c++) {
                if (c % BlockQ4.BLOCK == 0) {
                    float d = bf16(BlockQ4.quantise(row, c, q));
                    for (int j = c; j < Math.min(columns, c + BlockQ4.BLOCK); j++) {
                        values[r * columns + j] = d * (q[j - c] - 8);
                    }
                }
            }
        }
        return values;
    }

    @Test
    void roundsToTheNearerHalfAndToEven() {
        assertThat(bf16(1 + 1 / 256f)).isEqualTo(1); // halfway, even below
        assertThat(bf16(1 + 3 / 256f)).isEqualTo(1 + 1 / 64f); // halfway, even above
        assertThat(bf16(-1 - 1.1f / 256)).isEqualTo(-1 - 1 / 128f);
    }

    @Test
    void wrongSizesAreNamed() {
        try (Arena arena = Arena.ofShared();
                var workers = new Workers(1)) {
            Matrix matrix = Int8Matrix.of(new float[6], 3, arena);
            assertThatThrownBy(() -> matrix.times(new float[4], new float[2], workers))
                    .hasMessage("a vector of 4 and place for 2, wanted 3 and 2");
            assertThatThrownBy(() -> Bf16Matrix.of(MemorySegment.ofArray(new byte[12]), 2, 3))
                    .hasMessage("12 bytes of heap memory, wanted 12 native ones for Bf16Matrix [2, 3]");
        }
    }

    /** Parts of every kind, of rows that fill no step, give what each gives alone. */
    @ParameterizedTest
    @MethodSource("loops")
    void stackedPartsAreEachOnesProducts(Loops loops) {
        var random = new Random(8);
        int columns = 83;
        try (Arena arena = Arena.ofShared();
                var workers = new Workers(2)) {
            List<Matrix> parts = List.of(
                    Int8Matrix.of(PerChannel.of(random(37 * columns, random), columns, 8), arena, loops),
                    Int8Matrix.of(PerChannel.of(random(16 * columns, random), columns, 8), arena, loops),
                    Int4Matrix.of(random(21 * columns, random), columns, arena, loops),
                    Bf16Matrix.of(random(5 * columns, random), columns, arena, loops));
            var stacked = new Stacked(parts);
            for (int count = 1; count < 7; count++) {
                var xs = new float[count][];
                Arrays.setAll(xs, _ -> random(columns, random));
                var ys = new float[count][stacked.rows()];
                stacked.times(xs, ys, workers);
                for (int v = 0; v < count; v++) {
                    var wanted = new float[0];
                    for (Matrix part : parts) {
                        var y = new float[part.rows()];
                        part.times(xs[v], y, workers);
                        wanted = Arrays.copyOf(wanted, wanted.length + y.length);
                        System.arraycopy(y, 0, wanted, wanted.length - y.length, y.length);
                    }
                    assertThat(ys[v]).containsExactly(wanted);
                }
            }
        }
    }

    @Test
    void everyPartRunsOnce() {
        try (var workers = new Workers(3)) {
            for (int count : new int[] {0, 1, 2, 3, 50}) {
                for (int round = 0; round < 200; round++) {
                    var seen = new AtomicIntegerArray(count);
                    workers.split(count, (from, to) -> {
                        for (int i = from; i < to; i++) {
                            seen.incrementAndGet(i);
                        }
                    });
                    for (int i = 0; i < count; i++) {
                        assertThat(seen.get(i)).isEqualTo(1);
                    }
                }
            }
        }
    }

    @Test
    void failureOfAPartReachesTheCallerAndTheNextProductRuns() {
        try (var workers = new Workers(2)) {
            assertThatThrownBy(() -> workers.split(10, (from, _) -> {
                        if (from > 0 || workers.size() == 1) {
                            throw new IllegalStateException("broken");
                        }
                    }))
                    .hasMessageContaining("broken");
            workers.split(10, (_, _) -> {});
        }
    }

    @Test
    void warmUpRunsEveryLoop() {
        WarmUp.startAll().await();
        assertThat(Kernels.note()).startsWith("decoding products use");
    }

    /** The loops check neither bounds nor whether memory is open. */
    @Test
    void closedWeightsAndPlacesTooSmallAreRefused() {
        Int8Matrix matrix;
        try (Arena arena = Arena.ofShared();
                var workers = new Workers(1)) {
            matrix = Int8Matrix.of(new float[40 * 3], 3, arena);
            long bytes = 2L * 48 * matrix.paddedColumns();
            matrix.unpackHalves(0, 3, arena.allocate(bytes, 4));
            assertThatThrownBy(() -> matrix.unpackHalves(0, 3, arena.allocate(bytes - 1, 4)))
                    .hasMessage(
                            "groups 0 to 3 of 3 into %d bytes, wanted %d open native ones".formatted(bytes - 1, bytes));
            assertThatThrownBy(() -> matrix.unpackHalves(1, 3, arena.allocate(bytes, 4)))
                    .hasMessageContaining("groups 1 to 4 of 3");
            assertThatThrownBy(() -> matrix.unpackHalves(0, 3, MemorySegment.ofArray(new byte[(int) bytes])))
                    .hasMessageContaining("open native ones");
            assertThatThrownBy(() -> matrix.unpack(0, 3, arena.allocate(bytes, 4), workers))
                    .hasMessageContaining("wanted %d open native ones".formatted(2 * bytes));
        }
        try (Arena arena = Arena.ofShared();
                var workers = new Workers(2)) {
            assertThatThrownBy(() -> matrix.times(new float[3], new float[40], workers))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessage("the weights of this matrix are closed");
            MemorySegment into = arena.allocate(1 << 12, 4);
            assertThatThrownBy(() -> matrix.unpackHalves(0, 1, into))
                    .hasMessage("the weights of this matrix are closed");
        }
    }
}
