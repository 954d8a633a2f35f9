package dev.fovea.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.CountDownLatch;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Timeout(20)
class PrefetchTest {

    private static final int ROWS = 37;

    /** Row r of step s is s * 1000 + r; the last place counts how often the batch was finished. */
    private static class Numbers implements Rows<long[]> {

        final Set<long[]> buffers = Collections.newSetFromMap(new IdentityHashMap<>());

        @Override
        public synchronized long[] fresh() {
            var buffer = new long[ROWS + 1];
            buffers.add(buffer);
            return buffer;
        }

        @Override
        public int count() {
            return ROWS;
        }

        @Override
        public void fill(long[] batch, long step, int row) {
            batch[row] = step * 1000 + row;
        }

        @Override
        public void finish(long[] batch, long step) {
            batch[ROWS] = step;
        }
    }

    private static long[] expected(long step) {
        return IntStream.rangeClosed(0, ROWS)
                .mapToLong(r -> r == ROWS ? step : step * 1000 + r)
                .toArray();
    }

    @ParameterizedTest
    @CsvSource({"1,1", "1,3", "4,1", "4,3", "16,2"})
    void stepsComeInOrderFromRecycledBuffers(int workers, int depth) {
        var rows = new Numbers();
        try (var batches = new Prefetch<>(rows, workers, depth, Long.MAX_VALUE)) {
            for (long step = 5; step < 300; step++) {
                assertThat(batches.at(step)).isEqualTo(expected(step));
            }
            assertThat(rows.buffers).hasSize(depth + 1);
        }
    }

    @Test
    void jumpsInAnyDirectionGiveTheSameBatches() {
        var random = new SplittableRandom(1);
        try (var batches = new Prefetch<>(new Numbers(), 3, 2, 1000)) {
            for (int i = 0; i < 500; i++) {
                long step = random.nextInt(1000);
                for (long s = step; s < Math.min(1000, step + random.nextInt(4)); s++) {
                    assertThat(batches.at(s)).isEqualTo(expected(s));
                    assertThat(batches.at(s)).isEqualTo(expected(s));
                }
            }
        }
    }

    @Test
    void errorOfTheFirstBrokenRowComesOutOfItsStep() {
        var rows = new Numbers() {
            @Override
            public void fill(long[] batch, long step, int row) {
                if (step == 2 && row % 10 == 3) {
                    throw new IllegalStateException("broken row " + row);
                }
                super.fill(batch, step, row);
            }
        };
        try (var batches = new Prefetch<>(rows, 4, 2, Long.MAX_VALUE)) {
            batches.at(0);
            batches.at(1);
            for (int again = 0; again < 3; again++) {
                assertThatThrownBy(() -> batches.at(2)).hasMessage("broken row 3");
            }
            assertThat(batches.at(3)).isEqualTo(expected(3));
            assertThat(batches.at(4)).isEqualTo(expected(4));
        }
    }

    @Test
    void closingStopsTheThreads() throws Exception {
        var running = new CountDownLatch(1);
        var rows = new Numbers() {
            @Override
            public void fill(long[] batch, long step, int row) {
                Thread.currentThread().setName("fovea-closing-test");
                running.countDown();
                super.fill(batch, step, row);
            }
        };
        var batches = new Prefetch<>(rows, 2, 1, Long.MAX_VALUE);
        batches.at(0);
        running.await();
        batches.close();
        batches.close();
        assertThat(Thread.getAllStackTraces().keySet())
                .noneMatch(t -> t.getName().equals("fovea-closing-test"));
        assertThatThrownBy(() -> batches.at(1))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("closed");
    }

    @Test
    void stepsPastTheEndAreRefused() {
        try (var batches = new Prefetch<>(new Numbers(), 1, 4, 3)) {
            assertThat(batches.at(2)).isEqualTo(expected(2));
            assertThatThrownBy(() -> batches.at(3)).hasMessage("step: wanted 0 to 2, found 3");
        }
    }

    @Test
    void waitingIsCountedWhenTheBatchIsLate() throws Exception {
        var go = new CountDownLatch(1);
        var rows = new Numbers() {
            @Override
            public void fill(long[] batch, long step, int row) {
                try {
                    go.await();
                } catch (InterruptedException e) {
                    throw new IllegalStateException(e);
                }
                super.fill(batch, step, row);
            }
        };
        try (var batches = new Prefetch<>(rows, 1, 1, Long.MAX_VALUE)) {
            var slow = Thread.ofPlatform().start(() -> batches.at(0));
            while (slow.getState() != Thread.State.WAITING) {
                Thread.onSpinWait();
            }
            go.countDown();
            slow.join();
            assertThat(batches.waiting().batches()).isEqualTo(1);
            assertThat(batches.waiting().late()).isEqualTo(1);
            assertThat(batches.waiting().nanos()).isPositive();
        }
    }
}
