package dev.fovea.generate;

import static java.util.Objects.requireNonNull;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Proposes what a smaller model of the same vocabulary would write. It keeps a cache of its own; what was proposed and not
 * taken is taken back there, or where that cannot be, the text is read again.
 */
public final class ModelDraft implements Draft {

    private final Supplier<? extends Decoding> decodings;
    private final int vocabSize;
    private final Sampler sampler;
    private final boolean greedy;
    private @Nullable Decoding decoding;
    private int[] fed = new int[0];

    /**
     * Nothing read yet.
     *
     * @param decodings makes a decoding of the small model, closed by this
     * @param vocabSize tokens that both models know; others are passed over in what is read and never proposed
     * @param sampling how proposals are drawn; those that are likely under the text's own sampling are taken most often
     */
    public ModelDraft(Supplier<? extends Decoding> decodings, int vocabSize, SamplingConfig sampling) {
        this.decodings = decodings;
        this.vocabSize = vocabSize;
        this.sampler = new Sampler(sampling.withSeed(~sampling.seed())); // not the draws that judge them
        this.greedy = sampling.isGreedy();
    }

    @Override
    public List<Token> propose(int[] history, int most) {
        int[] read = IntStream.of(history).filter(id -> id < vocabSize).toArray();
        float[] logits = read(read);
        var tokens = new ArrayList<Token>();
        int[] text = Arrays.copyOf(read, read.length + most);
        for (int i = read.length; ; i++) {
            float[] processed = sampler.process(Arrays.copyOf(logits, vocabSize), Arrays.copyOf(text, i));
            int id = sampler.choose(processed);
            tokens.add(new Token(id, greedy ? null : processed.clone()));
            if (tokens.size() == most) {
                return tokens;
            }
            text[i] = id;
            logits = feed(id);
        }
    }

    /** Makes the cache that of these tokens, and gives the logits after the last. */
    private float[] read(int... text) {
        int same = 0;
        while (same < Math.min(fed.length, text.length - 1) && fed[same] == text[same]) {
            same++;
        }
        if (decoding != null && same < fed.length) {
            if (decoding.canRewind(same)) {
                decoding.rewind(same);
                fed = Arrays.copyOf(fed, same);
            } else {
                close();
            }
        }
        if (decoding == null) {
            decoding = decodings.get();
        }
        return feed(Arrays.copyOfRange(text, fed.length, text.length));
    }

    private float[] feed(int... ids) {
        fed = IntStream.concat(IntStream.of(fed), IntStream.of(ids)).toArray();
        return requireNonNull(decoding).next(ids);
    }

    @Override
    public void close() {
        if (decoding != null) {
            decoding.close();
        }
        decoding = null;
        fed = new int[0];
    }
}
