package dev.fovea.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.fovea.kernel.KvRows.Format;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

class KvRowsTest {

    static Stream<Arguments> kinds() {
        return MatrixTest.loops().flatMap(loops -> Stream.of(Format.values())
                .flatMap(format -> Stream.of(7, 300, 5000).map(window -> Arguments.of(loops, format, window))));
    }

    private static float[] random(int n, Random random) {
        var x = new float[n];
        for (int i = 0; i < n; i++) {
            x[i] = (float) random.nextGaussian();
        }
        return x;
    }

    /** softmax(q kᵀ) v in doubles over the tokens from {@code first} on. */
    private static double[] attend(
            float[] q, List<float[]> keys, List<float[]> values, int first, int heads, int headDim) {
        var out = new double[q.length];
        int group = q.length / headDim / heads;
        for (int h = 0; h < q.length / headDim; h++) {
            int at = h / group * headDim;
            double sum = 0;
            for (int t = first; t < keys.size(); t++) {
                double score = 0;
                for (int i = 0; i < headDim; i++) {
                    score += q[h * headDim + i] * keys.get(t)[at + i];
                }
                double weight = Math.exp(score);
                sum += weight;
                for (int i = 0; i < headDim; i++) {
                    out[h * headDim + i] += weight * values.get(t)[at + i];
                }
            }
            for (int i = 0; i < headDim; i++) {
                out[h * headDim + i] /= sum;
            }
        }
        return out;
    }

    /** One token more, at random. */
    private static void put(KvRows rows, List<float[]> keys, List<float[]> values, Random random) {
        keys.add(random(rows.heads() * rows.headDim(), random));
        values.add(random(rows.heads() * rows.headDim(), random));
        rows.put(keys.size() - 1, keys.getLast(), 0, values.getLast(), 0);
    }

    /** Past the window and across blocks, for groups of query heads that fit the loops and groups that do not. */
    @ParameterizedTest
    @MethodSource("kinds")
    void attentionIsTheFormulas(Loops loops, Format format, int window) {
        var random = new Random(1);
        for (int[] shape : new int[][] {{2, 3, 40}, {1, 4, 72}}) {
            int heads = shape[0];
            int headDim = shape[2];
            int spare = window == Integer.MAX_VALUE ? 0 : heads * 3;
            try (var rows = KvRows.ring(format, heads, headDim, window, spare, loops);
                    var workers = new Workers(2)) {
                var keys = new ArrayList<float[]>();
                var values = new ArrayList<float[]>();
                for (int t = 0; t < 700; t++) {
                    put(rows, keys, values, random);
                    if (t < 12 || t % 61 == 0 || t == 699) {
                        float[] q = random(heads * shape[1] * headDim, random);
                        for (int i = 0; i < q.length; i++) {
                            q[i] *= 0.3f;
                        }
                        var out = new float[q.length];
                        rows.attend(q, t, out, workers);
                        double[] wanted = attend(q, keys, values, Math.max(0, t + 1 - window), heads, headDim);
                        for (int i = 0; i < out.length; i++) {
                            assertThat((double) out[i])
                                    .as("token %d value %d", t, i)
                                    .isCloseTo(wanted[i], within(format == Format.BF16 ? 0.04 : 0.1));
                        }
                    }
                }
                assertThat(rows.bytes()).isEqualTo(KvRows.bytes(format, heads, headDim, window + spare, 700));
            }
        }
    }

    /** Around the ring's end and across blocks, for heads that fill their words and dimensions and heads that do not. */
    @ParameterizedTest
    @EnumSource(Format.class)
    void whatIsKeptIsCopiedInOrder(Format format) {
        var random = new Random(3);
        for (int headDim : new int[] {3, 64, 72, 130}) {
            int heads = 2;
            try (var rows = KvRows.ring(format, heads, headDim, 300, 0);
                    Arena arena = Arena.ofConfined()) {
                var keys = new ArrayList<float[]>();
                var values = new ArrayList<float[]>();
                for (int t = 0; t < 700; t++) {
                    put(rows, keys, values, random);
                }
                int count = 290;
                MemorySegment k = arena.allocate(4L * heads * count * headDim, 4);
                MemorySegment v = arena.allocate(k.byteSize(), 4);
                rows.copy(405, count, k, v);
                for (int i = 0; i < heads * count * headDim; i++) {
                    int t = 405 + i / headDim % count;
                    int at = i / headDim / count * headDim + i % headDim;
                    assertThat(k.getAtIndex(ValueLayout.JAVA_FLOAT, i))
                            .as("key %d of %d", at, t)
                            .isCloseTo(keys.get(t)[at], within(0.02f));
                    assertThat(v.getAtIndex(ValueLayout.JAVA_FLOAT, i))
                            .as("value %d of %d", at, t)
                            .isCloseTo(values.get(t)[at], within(0.02f));
                }
            }
        }
    }

    @Test
    void closedRowsAreNotRead() {
        var rows = KvRows.full(Format.BF16, 1, 8);
        rows.put(0, new float[8], 0, new float[8], 0);
        rows.close();
        try (var workers = new Workers(1)) {
            assertThatThrownBy(() -> rows.attend(new float[8], 0, new float[8], workers))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("closed");
        }
    }

    /** One thread or two: parts are the same, and so is their sum. */
    @ParameterizedTest
    @EnumSource(Format.class)
    void threadsChangeNothing(Format format) {
        var random = new Random(5);
        try (var rows = KvRows.full(format, 1, 64);
                var one = new Workers(1);
                var two = new Workers(2)) {
            for (int t = 0; t < 3000; t++) {
                rows.put(t, random(64, random), 0, random(64, random), 0);
            }
            float[] q = random(6 * 64, random);
            var alone = new float[q.length];
            var shared = new float[q.length];
            rows.attend(q, 2999, alone, one);
            rows.attend(q, 2999, shared, two);
            assertThat(shared).containsExactly(alone);
        }
    }

    /** To the last bit, so that a text which may go back is the one that may not. */
    @ParameterizedTest
    @MethodSource("kinds")
    void spareTokensChangeNothing(Loops loops, Format format, int window) {
        var random = new Random(2);
        int headDim = 72;
        try (var exact = KvRows.ring(format, 1, headDim, window, 0, loops);
                var roomy = KvRows.ring(format, 1, headDim, window, 70, loops);
                var workers = new Workers(2)) {
            for (int t = 0; t < 700; t++) {
                float[] key = random(headDim, random);
                float[] query = random(4 * headDim, random);
                exact.put(t, key, 0, key, 0);
                roomy.put(t, key, 0, key, 0);
                var wanted = new float[query.length];
                var found = new float[query.length];
                exact.attend(query, t, wanted, workers);
                roomy.attend(query, t, found, workers);
                assertThat(found).as("token " + t).containsExactly(wanted);
            }
        }
    }

    /** Among 20,000 tokens one key is like the query, at a random place: its value comes out, unless it has left the window. */
    @ParameterizedTest
    @EnumSource(Format.class)
    void needlesAreFoundWhereTheyLie(Format format) {
        int headDim = 64;
        var random = new Random(4);
        float[] query = random(headDim, random);
        float[] needle = random(headDim, random);
        int length = 20_000;
        for (int window : new int[] {Integer.MAX_VALUE, 512}) {
            for (int round = 0; round < 3; round++) {
                int place = round == 0 ? length - 512 : random.nextInt(length);
                try (var rows = KvRows.ring(format, 1, headDim, window, 0);
                        var workers = new Workers(2)) {
                    for (int t = 0; t < length; t++) {
                        boolean isHere = t == place;
                        rows.put(t, isHere ? query : new float[headDim], 0, isHere ? needle : new float[headDim], 0);
                    }
                    var out = new float[headDim];
                    rows.attend(query, length - 1, out, workers);
                    boolean isSeen = place > length - 1 - (long) window;
                    for (int i = 0; i < headDim; i++) {
                        assertThat(out[i]).as("place " + place).isCloseTo(isSeen ? needle[i] : 0, within(0.03f));
                    }
                }
            }
        }
    }

    /** Bytes are half of halves, but for a scale a head. */
    @Test
    void memoryIsThatOfTheFormat() {
        assertThat(KvRows.bytes(Format.BF16, 1, 256, 512, 100_000)).isEqualTo(2L * 256 * 512 * 2);
        assertThat(KvRows.bytes(Format.INT8, 1, 256, 512, 100_000)).isEqualTo(2L * (256 + 4) * 512);
        assertThat(KvRows.bytes(Format.BF16, 1, 256, Integer.MAX_VALUE, 257)).isEqualTo(2L * 256 * 512 * 2);
    }

    /** A scale of zero, and values at both ends. */
    @Test
    void zerosAndExtremesAreKept() {
        try (var rows = KvRows.full(Format.INT8, 1, 8);
                var workers = new Workers(1)) {
            rows.put(0, new float[8], 0, new float[] {-1e30f, 1e30f, 0, 5e29f, 0, 0, 0, 0}, 0);
            var out = new float[8];
            rows.attend(new float[] {1, 2, 3, 4, 5, 6, 7, 8}, 0, out, workers);
            assertThat(out[0]).isCloseTo(-1e30f, within(1e24f));
            assertThat(out[1]).isCloseTo(1e30f, within(1e24f));
            assertThat(out[2]).isZero();
        }
    }
}
