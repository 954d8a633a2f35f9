package dev.fovea.models.gemma;

import dev.fovea.generate.GenerationConfig;
import dev.fovea.generate.Generator;
import dev.fovea.generate.Generator.Answer;
import dev.fovea.generate.Speculation;
import dev.fovea.image.Image;
import dev.fovea.image.Pixels;
import dev.fovea.models.gemma.GemmaProcessor.Prompt;
import dev.fovea.tensor.Scope;
import dev.fovea.text.GemmaChat;
import dev.fovea.text.Message;
import dev.fovea.text.Part;
import dev.fovea.text.Role;
import dev.fovea.text.TextStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * One conversation, or one text being continued, on a cache that is kept between turns: each turn feeds what is new and
 * nothing else.
 */
public final class GemmaSession implements AutoCloseable {

    private static final String END_OF_TURN = "<end_of_turn>";

    private final GemmaModel model;
    private final PictureDecoding decoding;
    private final @Nullable Speculation speculation;
    private final int endOfTurn;
    private final @Nullable String system;
    private int[] ids = new int[0]; // everything so far, fed or about to be

    /** Is given an answer's text as it comes. */
    @FunctionalInterface
    public interface Listener {

        /** The next characters, sometimes none; false stops the answer. */
        boolean text(String piece);
    }

    /**
     * What was answered.
     *
     * @param promptTokens tokens that were fed before the first of the answer
     * @param newTokens tokens of the answer, its end included
     * @param ended whether the model ended it; false where length or listener did
     * @param proposed tokens that a draft proposed, 0 without one
     * @param accepted how many of them are in the answer
     * @param promptSeconds time until the first token
     * @param seconds time from the first token to the last
     */
    public record Reply(
            String text,
            int promptTokens,
            int newTokens,
            boolean ended,
            int proposed,
            int accepted,
            double promptSeconds,
            double seconds) {}

    /** A new session; closing it leaves the model. */
    public GemmaSession(GemmaModel model) {
        this(model, null);
    }

    /** A new session whose first turn begins with the words of the system. */
    public GemmaSession(GemmaModel model, @Nullable String system) {
        this(model, system, model.decoding());
    }

    /**
     * The same on a decoding of the caller's, such as {@link GemmaKernels#decoding}.
     *
     * @param decoding of the same model, nothing fed yet; closed with this
     */
    public GemmaSession(GemmaModel model, @Nullable String system, PictureDecoding decoding) {
        this(model, system, decoding, null);
    }

    /**
     * The same with a draft's help.
     *
     * @param decoding one that can take back as many tokens as are proposed ({@link GemmaDecoding#rewindable})
     * @param speculation what proposes tokens, left open; null for nothing
     */
    public GemmaSession(
            GemmaModel model, @Nullable String system, PictureDecoding decoding, @Nullable Speculation speculation) {
        this.model = model;
        this.speculation = speculation;
        this.system = system;
        this.decoding = decoding;
        this.endOfTurn = model.tokenizer().encode(END_OF_TURN)[0];
    }

    /** The tokens so far, those of the last answer included. */
    public int[] ids() {
        return ids.clone();
    }

    /** The user's next turn and the model's answer; the pictures stand before the words. */
    public Reply say(String words, List<Image> images, GenerationConfig config, Listener listener) {
        var parts = new ArrayList<Part>();
        images.forEach(_ -> parts.add(new Part.Image()));
        parts.add(new Part.Text(words));
        var messages = new ArrayList<Message>();
        if (ids.length == 0 && system != null) {
            messages.add(Message.of(Role.SYSTEM, system));
        }
        messages.add(new Message(Role.USER, parts));
        if (ids.length == 0) {
            return answer(model.processor().chat(messages, images, true), config, listener);
        }
        if (ids[ids.length - 1] != endOfTurn) {
            append(endOfTurn); // the answer was cut off, or ended with the end of a text
        }
        return answer(model.processor().more("\n" + GemmaChat.render(messages, true), images), config, listener);
    }

    /** Goes on with a text as it is; {@code <start_of_image>} in it is the place of a picture. */
    public Reply complete(String text, List<Image> images, GenerationConfig config, Listener listener) {
        GemmaProcessor processor = model.processor();
        return answer(ids.length == 0 ? processor.text(text, images) : processor.more(text, images), config, listener);
    }

    private Reply answer(Prompt prompt, GenerationConfig config, Listener listener) {
        append(prompt.ids());
        int[] fresh = Arrays.copyOfRange(ids, decoding.length(), ids.length);
        long start = System.nanoTime();
        float[][] logits = feed(fresh, prompt.images());
        long first = System.nanoTime();
        var stream = new TextStream(model.tokenizer());
        var text = new StringBuilder();
        Speculation.Result result = write(logits, config, (_, id) -> {
            String piece = config.ends().contains(id) ? "" : stream.add(id);
            text.append(piece);
            return listener.text(piece);
        });
        Answer answer = result.answer();
        String rest = stream.finish();
        if (!rest.isEmpty()) {
            text.append(rest);
            listener.text(rest);
        }
        append(answer.ids());
        return new Reply(
                text.toString(),
                fresh.length,
                answer.ids().length,
                answer.ended(),
                result.proposed(),
                result.accepted(),
                (first - start) / 1e9,
                (System.nanoTime() - first) / 1e9);
    }

    private Speculation.Result write(float[][] logits, GenerationConfig config, Generator.Listener listener) {
        if (speculation != null) {
            return speculation.run(decoding, logits[0], ids, config, listener);
        }
        Answer answer = Generator.run(decoding, logits, new int[][] {ids}, config, listener)
                .getFirst();
        return new Speculation.Result(answer, 0, 0, answer.ids().length - 1);
    }

    private float[][] feed(int[] fresh, List<Pixels> images) {
        if (images.isEmpty()) {
            return decoding.next(new int[][] {fresh});
        }
        try (var _ = new Scope()) {
            return decoding.next(new int[][] {fresh}, GemmaProcessor.tensor(images));
        }
    }

    private void append(int... more) {
        ids = IntStream.concat(IntStream.of(ids), IntStream.of(more)).toArray();
    }

    @Override
    public void close() {
        decoding.close();
    }
}
