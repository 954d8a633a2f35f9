package dev.fovea.models.gemma;

import dev.fovea.generate.TextBatch;
import dev.fovea.models.gemma.GemmaProcessor.Prompt;
import dev.fovea.tensor.Scope;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Texts of one model on the kernels: four tokens, of one text or of four, go through the weights in one reading, and each text
 * attends to a cache of its own. What a text is told does not depend on the others, to the last bit. Longer pieces of prompts go
 * through libtorch's products, one text after the other; there the size of a piece may change the last bits.
 */
public final class KernelBatch implements TextBatch<Prompt, KernelBatch.Text> {

    private final GemmaKernels kernels;
    private final KernelStep step;
    private final KernelPrompt prompt;

    /** For texts on kernels that stay open longer than they. */
    public KernelBatch(GemmaKernels kernels) {
        this.kernels = kernels;
        this.step = new KernelStep(kernels.config().text(), kernels.weights(), kernels.workers());
        this.prompt = new KernelPrompt(kernels.config().text(), kernels.weights(), kernels.workers());
    }

    /** One text: its tokens that wait, and keys and values of those that were fed. */
    public static final class Text implements TextBatch.Text {

        private final KernelDecoding decoding;
        /** A prompt with pictures, until it was fed. */
        private @Nullable Prompt pictured;

        private int[] waiting;

        private Text(KernelDecoding decoding, Prompt prompt, int... ids) {
            this.decoding = decoding;
            this.pictured = prompt.images().isEmpty() ? null : prompt;
            this.waiting = ids.clone();
        }

        @Override
        public int waiting() {
            return waiting.length;
        }

        @Override
        public void add(int id) {
            if (waiting.length > 0) {
                throw new IllegalStateException("%d tokens still wait to be fed".formatted(waiting.length));
            }
            waiting = new int[] {id};
        }

        private int[] take(int most) {
            int size = Math.min(most, waiting.length);
            int[] taken = Arrays.copyOf(waiting, size);
            waiting = Arrays.copyOfRange(waiting, size, waiting.length);
            return taken;
        }

        @Override
        public void close() {
            decoding.close();
        }
    }

    @Override
    public int contextLength() {
        return kernels.config().text().contextLength();
    }

    @Override
    public int[] ids(Prompt prompt) {
        return GemmaBatch.ids(prompt, kernels.config());
    }

    @Override
    public Text open(Prompt prompt) {
        int[] ids = ids(prompt);
        return new Text(kernels.decoding(step, this.prompt), prompt, ids);
    }

    /** A prompt with pictures is fed whole. */
    @Override
    public List<float @Nullable []> feed(List<Share<Text>> shares) {
        var logits = new ArrayList<float @Nullable []>(Collections.nCopies(shares.size(), null));
        var fresh = new ArrayList<KernelStep.Fresh>();
        var owners = new ArrayList<Integer>(); // of each fresh token, where its logits are wanted; else -1
        for (int i = 0; i < shares.size(); i++) {
            Text text = shares.get(i).text();
            Prompt pictured = text.pictured;
            int[] ids = text.take(pictured == null ? shares.get(i).most() : text.waiting());
            boolean isWhole = text.waiting() == 0;
            if (pictured != null) {
                text.pictured = null;
                try (var _ = new Scope()) {
                    logits.set(i, text.decoding.next(new int[][] {ids}, GemmaProcessor.tensor(pictured.images()))[0]);
                }
            } else if (ids.length >= kernels.promptFrom()) {
                float[] end = text.decoding.next(ids);
                logits.set(i, isWhole ? end : null);
            } else {
                for (int t = 0; t < ids.length; t++) {
                    fresh.add(new KernelStep.Fresh(text.decoding.cache(), ids[t]));
                    owners.add(isWhole && t == ids.length - 1 ? i : -1);
                }
            }
        }
        List<float @Nullable []> found = step.feed(fresh, t -> owners.get(t) >= 0);
        for (int t = 0; t < owners.size(); t++) {
            if (owners.get(t) >= 0) {
                logits.set(owners.get(t), found.get(t));
            }
        }
        return logits;
    }
}
