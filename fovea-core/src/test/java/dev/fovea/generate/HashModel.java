package dev.fovea.generate;

import dev.fovea.text.Tokenizer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** A language model in which every earlier token counts: its logits are drawn from all of them. */
record HashModel(int vocabSize, long seed) {

    float[] logits(int... history) {
        var random = new SplittableRandom(31 * seed + Arrays.hashCode(history));
        var logits = new float[vocabSize];
        for (int i = 0; i < vocabSize; i++) {
            logits[i] = (float) (2 * random.nextGaussian());
        }
        return logits;
    }

    /** What a prompt gets alone. */
    Generator.Answer alone(int[] prompt, GenerationConfig c) {
        var decoding = new Single(this);
        return Generator.run(decoding, decoding.next(new int[][] {prompt}), new int[][] {prompt}, c, (_, _) -> true)
                .getFirst();
    }

    /** Letters from a on. */
    static final class Letters implements Tokenizer {

        @Override
        public int[] encode(String text) {
            return text.chars().map(c -> c - 'a').toArray();
        }

        @Override
        public String decode(int... ids) {
            return IntStream.of(ids)
                    .collect(StringBuilder::new, (s, id) -> s.append((char) ('a' + id)), (_, _) -> {})
                    .toString();
        }
    }

    /** One text, with the way back. */
    static class Single implements Decoding {

        private final HashModel model;
        private int[] history = new int[0];

        Single(HashModel model) {
            this.model = model;
        }

        @Override
        public int rows() {
            return 1;
        }

        @Override
        public int length() {
            return history.length;
        }

        @Override
        public float[][] next(int[][] tokens) {
            history = joined(history, tokens[0]);
            return new float[][] {model.logits(history)};
        }

        @Override
        public boolean canRewind(int length) {
            return length <= history.length;
        }

        @Override
        public boolean canTakeBack(int tokens) {
            return true;
        }

        @Override
        public void rewind(int length) {
            history = Arrays.copyOf(history, length);
        }

        @Override
        public Scores score(int[][] tokens) {
            throw new UnsupportedOperationException();
        }

        @Override
        public void reorder(int... rows) {
            throw new UnsupportedOperationException();
        }

        @Override
        public void close() {}
    }

    /** A text among several. */
    static final class Fed implements TextBatch.Text {

        private final Batch batch;
        private int[] history = new int[0];
        private int[] waiting;

        Fed(Batch batch, int... prompt) {
            this.batch = batch;
            this.waiting = prompt;
        }

        @Override
        public int waiting() {
            return waiting.length;
        }

        @Override
        public void add(int id) {
            waiting = joined(waiting, id);
        }

        @Override
        public void close() {
            batch.open.decrementAndGet();
        }
    }

    /** Several texts; {@code passes} permits let it go on. */
    static final class Batch implements TextBatch<int[], Fed> {

        final Semaphore passes = new Semaphore(0);
        final AtomicInteger open = new AtomicInteger();
        final List<List<Integer>> sizes = new ArrayList<>();
        volatile @Nullable RuntimeException failure;
        private final HashModel model;
        private final int contextLength;

        Batch(HashModel model, int contextLength) {
            this.model = model;
            this.contextLength = contextLength;
        }

        /** That never waits. */
        static Batch free(HashModel model) {
            var batch = new Batch(model, 1000);
            batch.passes.release(1_000_000);
            return batch;
        }

        @Override
        public int contextLength() {
            return contextLength;
        }

        @Override
        public int[] ids(int[] prompt) {
            for (int id : prompt) {
                if (id >= model.vocabSize) {
                    throw new IllegalArgumentException(
                            "token %d: the vocabulary has %d".formatted(id, model.vocabSize));
                }
            }
            return prompt;
        }

        @Override
        public Fed open(int[] prompt) {
            if (prompt[0] == 7) {
                throw new IllegalStateException("nothing begins with 7");
            }
            open.incrementAndGet();
            return new Fed(this, prompt);
        }

        private void letGo() {
            try {
                if (!passes.tryAcquire(5, TimeUnit.SECONDS)) {
                    throw new IllegalStateException("the test lets it go no further");
                }
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        }

        @Override
        public List<float @Nullable []> feed(List<Share<Fed>> shares) {
            letGo();
            RuntimeException e = failure;
            if (e != null) {
                failure = null;
                throw e;
            }
            synchronized (sizes) {
                sizes.add(shares.stream().map(Share::most).toList());
            }
            var logits = new ArrayList<float @Nullable []>();
            for (Share<Fed> share : shares) {
                Fed text = share.text();
                text.history = joined(text.history, Arrays.copyOf(text.waiting, share.most()));
                text.waiting = Arrays.copyOfRange(text.waiting, share.most(), text.waiting.length);
                logits.add(text.waiting.length == 0 ? model.logits(text.history) : null);
            }
            return logits;
        }
    }

    private static int[] joined(int[] a, int... b) {
        return IntStream.concat(IntStream.of(a), IntStream.of(b)).toArray();
    }
}
