package dev.fovea.generate;

import dev.fovea.generate.Answering.Ending;
import dev.fovea.generate.Answering.Token;
import dev.fovea.generate.ContinuousBatch.Request;
import dev.fovea.text.StopStrings;
import dev.fovea.text.TextStream;
import dev.fovea.text.Tokenizer;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One request of a {@link ContinuousBatch} on its way from logits to text. */
final class Writing<P> {

    private final Request<P> request;
    private final Answering answering;
    private final Continuation continuation;
    private final TextStream stream;
    private final StopStrings stops;

    /** Nothing written yet after a prompt of these tokens. */
    Writing(Request<P> request, int[] prompt, Tokenizer tokenizer, Runnable onCancel) {
        this.request = request;
        this.answering = new Answering(prompt.length, onCancel);
        this.continuation = new Continuation(request.config(), prompt);
        this.stream = new TextStream(tokenizer);
        this.stops = new StopStrings(request.stops());
    }

    P prompt() {
        return request.prompt();
    }

    Answering answering() {
        return answering;
    }

    /** Tokens of prompt and longest answer. */
    long reserved() {
        return (long) continuation.promptLength() + request.config().maxNewTokens();
    }

    boolean hasBegun() {
        return continuation.size() > 0;
    }

    int lastId() {
        return continuation.lastId();
    }

    /** Chooses a token, hands it over, and says why the answer ends with it; null where it goes on. */
    @Nullable
    Ending choose(float[] logits) {
        int id = continuation.choose(logits);
        String text = stops.add(continuation.ended() ? "" : stream.add(id));
        if (continuation.isDone() && !stops.found()) {
            text += stops.add(stream.finish()) + stops.finish();
        }
        List<Logprobs.Entry> top = request.topLogprobs() == 0 ? List.of() : Logprobs.top(logits, request.topLogprobs());
        answering.add(new Token(id, text, continuation.lastLogprob(), top));
        if (stops.found()) {
            return Ending.STOP;
        }
        return continuation.ended() ? Ending.END : continuation.isDone() ? Ending.LENGTH : null;
    }
}
