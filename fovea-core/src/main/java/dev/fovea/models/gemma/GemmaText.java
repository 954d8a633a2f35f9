package dev.fovea.models.gemma;

import dev.fovea.generate.TextBatch;
import dev.fovea.tensor.Engine;
import dev.fovea.tensor.Tensors;
import java.util.Arrays;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/** One text of a {@link GemmaBatch}: its tokens that wait, and keys and values of those that were fed. */
public final class GemmaText implements TextBatch.Text {

    private final GemmaCache cache;
    /** Id of a soft token's place; -1 without pictures. */
    private final int placeholder;
    /** What enters the first layer, [1, prompt, D]; kept while a prompt with pictures is being fed. */
    private @Nullable Tensor stream;

    private int[] waiting;

    /** A text that begins with a prompt, nothing fed yet. */
    GemmaText(GemmaConfig c, int[] prompt, @Nullable Tensor stream) {
        VisionConfig vision = c.vision();
        this.cache = GemmaCache.of(c.text(), 0);
        this.placeholder = vision == null || stream == null ? -1 : vision.imageToken();
        this.stream = stream;
        this.waiting = prompt.clone();
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

    GemmaCache cache() {
        return cache;
    }

    @Nullable
    Tensor stream() {
        return stream;
    }

    /** How many tokens to feed, {@code most} or a few more where that would cut a picture. */
    int next(int most) {
        int size = Math.min(most, waiting.length);
        while (size < waiting.length && isSoft(size - 1) && isSoft(size)) {
            size++;
        }
        return size;
    }

    /** The next tokens. */
    int[] ids(int size) {
        return Arrays.copyOf(waiting, size);
    }

    /** Which of the next tokens are soft ones, bool {@code [1, size]}; null where none is. */
    @Nullable
    Tensor soft(int size) {
        long[] soft = IntStream.range(0, size).mapToLong(i -> isSoft(i) ? 1 : 0).toArray();
        return Arrays.stream(soft).sum() == 0
                ? null
                : Engine.toDevice(Tensors.of(soft, 1, size)).ne(new Scalar(0L));
    }

    /** So many of those that waited are in the cache now. */
    void fed(int size) {
        waiting = Arrays.copyOfRange(waiting, size, waiting.length);
        if (waiting.length == 0 && stream != null) {
            stream.close();
            stream = null;
        }
    }

    private boolean isSoft(int i) {
        return stream != null && waiting[i] == placeholder;
    }

    @Override
    public void close() {
        cache.close();
        if (stream != null) {
            stream.close();
            stream = null;
        }
    }
}
