package dev.fovea.generate;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.within;

import dev.fovea.generate.Answering.Ending;
import dev.fovea.generate.Answering.Outcome;
import dev.fovea.generate.Answering.Token;
import dev.fovea.generate.ContinuousBatch.Limits;
import dev.fovea.generate.ContinuousBatch.Load;
import dev.fovea.generate.ContinuousBatch.Request;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(20)
class ContinuousBatchTest {

    private static final HashModel MODEL = new HashModel(20, 1);
    private static final GenerationConfig GREEDY = GenerationConfig.of(SamplingConfig.GREEDY, 9, Set.of(3));

    /** Whatever else runs and whenever it came, greedy or drawn. */
    @Test
    void everyAnswerIsWhatItsPromptGetsAlone() throws Exception {
        var random = new SplittableRandom(5);
        try (var batch = batch(HashModel.Batch.free(MODEL), new Limits(5, 200, 100, 3));
                var callers = Executors.newVirtualThreadPerTaskExecutor()) {
            var found = new ArrayList<Future<Outcome>>();
            var expected = new ArrayList<Generator.Answer>();
            for (int i = 0; i < 60; i++) {
                int[] prompt = random.ints(1 + random.nextInt(15), 8, 20).toArray();
                GenerationConfig c = GenerationConfig.of(
                        i % 2 == 0 ? SamplingConfig.GREEDY : SamplingConfig.GEMMA3.withSeed(i),
                        1 + random.nextInt(20),
                        Set.of(3, 4));
                expected.add(MODEL.alone(prompt, c));
                Callable<Outcome> caller =
                        () -> batch.submit(Request.of(prompt, c)).await();
                found.add(callers.submit(caller));
            }
            for (int i = 0; i < found.size(); i++) {
                Outcome outcome = found.get(i).get();
                assertThat(ids(outcome.tokens())).as("request %d", i).isEqualTo(ids(expected.get(i)));
                assertThat(outcome.ending()).isEqualTo(expected.get(i).ended() ? Ending.END : Ending.LENGTH);
            }
        }
    }

    /** Beside an answer no more than a chunk of prompts is read; alone, more. */
    @Test
    void promptsAreReadInChunks() throws Exception {
        var model = new HashModel.Batch(MODEL, 1000);
        try (var batch = batch(model, new Limits(2, 1000, 4, 3))) {
            GenerationConfig c = GenerationConfig.of(SamplingConfig.GREEDY, 4, Set.of());
            Answering first = batch.submit(Request.of(new int[] {9, 9, 9, 9, 9}, c));
            model.passes.release(1);
            first.next();
            Answering second = batch.submit(Request.of(new int[] {8, 8, 8, 8, 8, 8, 8}, c));
            model.passes.release(100);
            first.await();
            second.await();
            assertThat(model.sizes.getFirst()).containsExactly(5);
            assertThat(model.sizes).contains(List.of(1, 3)).doesNotContain(List.of(1, 7));
        }
    }

    @Test
    void tokensComeOneByOne() throws Exception {
        var model = new HashModel.Batch(MODEL, 1000);
        try (var batch = batch(model, Limits.of(2, 1000))) {
            Answering answer = batch.submit(new Request<>(new int[] {9, 10}, GREEDY, List.of(), 2));
            model.passes.release(1);
            Token token = requireNonNull(answer.next());
            assertThat(answer.isDone()).isFalse();
            assertThat(token.top()).hasSize(2);
            assertThat(token.top().getFirst().id()).isEqualTo(token.id());
            assertThat(token.logprob()).isCloseTo(Logprobs.of(MODEL.logits(9, 10), token.id()), within(1e-12));
            model.passes.release(20);
            Outcome outcome = answer.await();
            var text = new StringBuilder(token.text());
            for (Token next = answer.next(); next != null; next = answer.next()) {
                text.append(next.text());
            }
            assertThat(text).hasToString(outcome.text());
        }
    }

    /** Half a stop string waits, and comes out where the answer ends without the other half. */
    @Test
    void stopStringsEndAnswers() throws Exception {
        try (var batch = batch(HashModel.Batch.free(MODEL), Limits.of(2, 1000))) {
            GenerationConfig c = GenerationConfig.of(SamplingConfig.GREEDY, 9, Set.of());
            String whole = batch.submit(Request.of(new int[] {9}, c)).await().text();
            assertThat(whole).hasSize(9);
            Outcome cut = batch.submit(new Request<>(new int[] {9}, c, List.of(whole.substring(3, 5)), 0))
                    .await();
            assertThat(cut.text()).isEqualTo(whole.substring(0, whole.indexOf(whole.substring(3, 5))));
            assertThat(cut.ending()).isEqualTo(Ending.STOP);
            Outcome near = batch.submit(new Request<>(new int[] {9}, c, List.of(whole.substring(7) + "z"), 0))
                    .await();
            assertThat(near.text()).isEqualTo(whole);
            assertThat(near.ending()).isEqualTo(Ending.LENGTH);
        }
    }

    /** The place of a cancelled answer is free for the one that waits, and what had come stays. */
    @Test
    void cancelFreesThePlace() throws Exception {
        var model = new HashModel.Batch(MODEL, 1000);
        try (var batch = batch(model, Limits.of(1, 1000))) {
            Answering first = batch.submit(Request.of(new int[] {9}, GREEDY));
            Answering second = batch.submit(Request.of(new int[] {10}, GREEDY));
            Answering third = batch.submit(Request.of(new int[] {11}, GREEDY));
            model.passes.release(1);
            assertThat(first.next()).isNotNull();
            assertThat(batch.load()).isEqualTo(new Load(2, 1, 10));
            first.cancel();
            third.cancel();
            model.passes.release(100);
            assertThat(first.await().ending()).isEqualTo(Ending.CANCELLED);
            assertThat(first.await().tokens()).isNotEmpty().hasSizeLessThan(9);
            assertThat(third.await().ending()).isEqualTo(Ending.CANCELLED);
            assertThat(third.await().tokens()).isEmpty();
            assertThat(ids(second.await().tokens())).isEqualTo(ids(MODEL.alone(new int[] {10}, GREEDY)));
            assertThat(batch.load()).isEqualTo(new Load(0, 0, 0));
            assertThat(model.open).hasValue(0);
        }
    }

    /** What is reserved for the running answers is never more than the limit, and those that wait come in order. */
    @Test
    void tokensAreReserved() throws Exception {
        var model = new HashModel.Batch(MODEL, 1000);
        try (var batch = batch(model, Limits.of(9, 25))) {
            List<Answering> answers = IntStream.range(0, 4)
                    .mapToObj(i -> batch.submit(Request.of(new int[] {9 + i}, GREEDY)))
                    .toList();
            model.passes.release(1);
            answers.getFirst().next();
            assertThat(batch.load()).isEqualTo(new Load(2, 2, 20));
            model.passes.release(100);
            for (Answering answer : answers) {
                answer.await();
            }
        }
    }

    @Test
    void whatCannotBeAnsweredIsRefusedAtOnce() {
        var model = new HashModel.Batch(MODEL, 30);
        try (var batch = batch(model, new Limits(1, 25, 2, 3))) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> batch.submit(Request.of(new int[] {20}, GREEDY)))
                    .withMessage("token 20: the vocabulary has 20");
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> batch.submit(Request.of(new int[17], GREEDY)))
                    .withMessage("a prompt of 17 tokens and an answer of up to 9: there is room for 25");
            batch.submit(Request.of(new int[] {9}, GREEDY));
            model.passes.release(1);
            while (batch.load().waiting() > 0) {
                Thread.onSpinWait();
            }
            batch.submit(Request.of(new int[] {9}, GREEDY));
            batch.submit(Request.of(new int[] {9}, GREEDY)).cancel();
            batch.submit(Request.of(new int[] {9}, GREEDY));
            assertThatExceptionOfType(RejectedExecutionException.class)
                    .isThrownBy(() -> batch.submit(Request.of(new int[] {9}, GREEDY)))
                    .withMessage("2 requests are waiting; no more are taken");
            model.passes.release(100);
        }
    }

    /** A rule that fails, a text that cannot begin, a pass that fails: the others and those after them are answered. */
    @Test
    void failuresReachTheirRequestAlone() throws Exception {
        var model = new HashModel.Batch(MODEL, 1000);
        try (var batch = batch(model, Limits.of(4, 1000))) {
            GenerationConfig failing = GREEDY.with(_ -> (_, history) -> {
                if (history.length > 3) {
                    throw new IllegalStateException("a rule of its own");
                }
            });
            Answering rule = batch.submit(Request.of(new int[] {9}, failing));
            Answering sound = batch.submit(Request.of(new int[] {9}, GREEDY));
            Answering seven = batch.submit(Request.of(new int[] {7}, GREEDY));
            model.passes.release(100);
            assertThatIllegalStateException().isThrownBy(rule::await).withMessage("a rule of its own");
            assertThatIllegalStateException().isThrownBy(seven::await).withMessage("nothing begins with 7");
            assertThat(ids(sound.await().tokens())).isEqualTo(ids(MODEL.alone(new int[] {9}, GREEDY)));
            assertThat(rule.next()).as("what had come").isNotNull();
            model.failure = new IllegalStateException("no memory");
            assertThatIllegalStateException()
                    .isThrownBy(batch.submit(Request.of(new int[] {9}, GREEDY))::await)
                    .withMessage("no memory");
            assertThat(batch.submit(Request.of(new int[] {9}, GREEDY)).await().ending())
                    .isIn(Ending.END, Ending.LENGTH);
            assertThat(batch.load()).isEqualTo(new Load(0, 0, 0));
            assertThat(model.open).hasValue(0);
        }
    }

    /** The pass under way is the last. */
    @Test
    void closingEndsEverything() throws Exception {
        var model = new HashModel.Batch(MODEL, 1000);
        var batch = batch(model, Limits.of(1, 1000));
        Answering running = batch.submit(Request.of(new int[] {9}, GREEDY));
        Answering waiting = batch.submit(Request.of(new int[] {9}, GREEDY));
        model.passes.release(1);
        running.next();
        Thread closing = Thread.ofPlatform().start(batch::close);
        while (closing.getState() != Thread.State.WAITING) {
            Thread.onSpinWait();
        }
        model.passes.release(1);
        closing.join();
        assertThat(running.await().ending()).isEqualTo(Ending.CANCELLED);
        assertThat(running.await().tokens()).hasSize(2);
        assertThat(waiting.await().ending()).isEqualTo(Ending.CANCELLED);
        assertThat(model.open).hasValue(0);
        assertThatIllegalStateException()
                .isThrownBy(() -> batch.submit(Request.of(new int[] {9}, GREEDY)))
                .withMessage("the batch is closed");
        batch.close();
    }

    private static ContinuousBatch<int[]> batch(HashModel.Batch model, Limits limits) {
        return new ContinuousBatch<>(model, new HashModel.Letters(), limits);
    }

    private static List<Integer> ids(List<Token> tokens) {
        return tokens.stream().map(Token::id).toList();
    }

    private static List<Integer> ids(Generator.Answer answer) {
        return IntStream.of(answer.ids()).boxed().toList();
    }
}
