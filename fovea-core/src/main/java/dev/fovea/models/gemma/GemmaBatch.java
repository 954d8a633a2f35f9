package dev.fovea.models.gemma;

import dev.fovea.generate.TextBatch;
import dev.fovea.models.gemma.DecoderConfig.Rotation;
import dev.fovea.models.gemma.DecoderConfig.Span;
import dev.fovea.models.gemma.GemmaProcessor.Prompt;
import dev.fovea.models.vit.Probe;
import dev.fovea.nn.Rope;
import dev.fovea.tensor.Engine;
import dev.fovea.tensor.Scope;
import dev.fovea.tensor.Tensors;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.bytedeco.pytorch.AutoGradMode;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/**
 * Texts of one Gemma, their fresh tokens side by side in one pass: matrices are read once for all of them, and each text
 * attends to a cache of its own. Nothing is padded, and a text pays for no other's length.
 */
public final class GemmaBatch implements TextBatch<Prompt, GemmaText> {

    private final Gemma model;

    /** For texts of a model, which stays open longer than they. */
    public GemmaBatch(Gemma model) {
        if (model.config().text().bidirectional()) {
            throw new IllegalArgumentException("this Gemma is a text encoder; it has vectors and writes no text");
        }
        this.model = model;
    }

    /**
     * The fresh tokens of a text in a pass.
     *
     * @param start where they stand among those of all texts
     * @param localMask what they may see in local layers, bool {@code [1, 1, t, S]}; null for everything
     */
    private record Run(
            GemmaText text,
            long start,
            int size,
            @Nullable Tensor localMask,
            @Nullable Tensor globalMask) {

        Attend attend(int layer, Span span) {
            return Attend.over(
                    span == Span.LOCAL ? localMask : globalMask,
                    text.cache().layers().get(layer));
        }
    }

    @Override
    public int contextLength() {
        return model.config().text().contextLength();
    }

    @Override
    public int[] ids(Prompt prompt) {
        return ids(prompt, model.config());
    }

    /** The tokens of a prompt that a model can take. */
    static int[] ids(Prompt prompt, GemmaConfig c) {
        if (prompt.ids().length == 0) {
            throw new IllegalArgumentException("the prompt has no tokens");
        }
        int placeholder = -1;
        if (!prompt.images().isEmpty()) {
            VisionConfig vision = Gemma.requireVision(c.vision());
            placeholder = vision.imageToken();
            Gemma.requirePlaces(prompt.images().size(), vision.numTokens(), count(prompt.ids(), placeholder));
        }
        for (int id : prompt.ids()) {
            if (id != placeholder) {
                c.text().requireToken(id);
            }
        }
        return prompt.ids();
    }

    private static long count(int[] ids, int wanted) {
        return IntStream.of(ids).filter(id -> id == wanted).count();
    }

    @Override
    public GemmaText open(Prompt prompt) {
        int[] ids = ids(prompt);
        if (prompt.images().isEmpty()) {
            return new GemmaText(model.config(), ids, null);
        }
        try (var scope = new Scope();
                var _ = new AutoGradMode(false)) {
            Tensor row = Engine.toDevice(Tensors.of(ids, 1, ids.length));
            return new GemmaText(
                    model.config(),
                    ids,
                    scope.release(model.embed(row, model.features(GemmaProcessor.tensor(prompt.images())))));
        }
    }

    @Override
    public List<float @Nullable []> feed(List<Share<GemmaText>> shares) {
        try (var _ = new Scope();
                var _ = new AutoGradMode(false)) {
            List<Run> runs = runs(shares);
            Tensor x = embed(runs); // [1, T, D]
            long[] positions = runs.stream()
                    .flatMapToLong(run -> LongStream.range(
                            run.text().cache().length(), run.text().cache().length() + run.size()))
                    .toArray();
            Rope local = rope(model.config().text().local(), x, positions);
            Rope global = rope(model.config().text().global(), x, positions);
            Tensor y = model.text()
                    .forward(x, span -> span == Span.LOCAL ? local : global, i -> attend(runs, i), Probe.NONE);
            runs.forEach(run -> run.text().fed(run.size()));
            return logits(runs, y);
        }
    }

    private List<Run> runs(List<Share<GemmaText>> shares) {
        var runs = new ArrayList<Run>();
        long start = 0;
        for (Share<GemmaText> share : shares) {
            GemmaText text = share.text();
            int size = text.next(share.most());
            Tensor soft = text.soft(size); // [1, t]
            runs.add(new Run(
                    text,
                    start,
                    size,
                    text.cache().mask(Span.LOCAL, size, soft),
                    text.cache().mask(Span.GLOBAL, size, soft)));
            start += size;
        }
        return runs;
    }

    /** Tokens of texts without pictures are looked up together, others were when their text began. */
    private Tensor embed(List<Run> runs) {
        int[] ids = runs.stream()
                .flatMapToInt(run ->
                        Arrays.stream(run.text().stream() == null ? run.text().ids(run.size()) : new int[run.size()]))
                .toArray();
        Tensor x = model.text().embed(Engine.toDevice(Tensors.of(ids, 1, ids.length))); // [1, T, D]
        for (Run run : runs) {
            Tensor stream = run.text().stream(); // [1, prompt, D]
            if (stream != null) {
                x.narrow(1, run.start(), run.size())
                        .copy_(stream.narrow(1, run.text().cache().length(), run.size()));
            }
        }
        return x;
    }

    private Rope rope(Rotation rotation, Tensor x, long... positions) {
        Tensor at = Engine.toDevice(Tensors.of(positions, 1, positions.length)); // [1, T]
        return Rope.of(at, model.config().text().headDim(), rotation.theta(), rotation.divisor(), x.scalar_type());
    }

    /** Each text meets its own keys; the parts are put together again. */
    private Attend attend(List<Run> runs, int layer) {
        Span span = model.config().text().layers().get(layer);
        return (q, k, v, scale) -> {
            var found = new TensorVector();
            for (Run run : runs) {
                found.push_back(
                        run.attend(layer, span).to(part(q, run), part(k, run), part(v, run), scale)); // [1, H, t, Dh]
            }
            return torch.cat(found, 2); // [1, H, T, Dh]
        };
    }

    private static Tensor part(Tensor x, Run run) { // [1, H, T, Dh]
        return x.narrow(2, run.start(), run.size());
    }

    private List<float @Nullable []> logits(List<Run> runs, Tensor y) { // [1, T, D]
        long[] ends = runs.stream()
                .filter(run -> run.text().waiting() == 0)
                .mapToLong(run -> run.start() + run.size() - 1)
                .toArray();
        var found = new ArrayList<float @Nullable []>();
        if (ends.length == 0) {
            runs.forEach(_ -> found.add(null));
            return found;
        }
        Tensor last = y.index_select(1, Engine.toDevice(Tensors.of(ends, ends.length))); // [1, R, D]
        float[][] rows = Tensors.toRows(model.text().logits(last).select(0, 0));
        int row = 0;
        for (Run run : runs) {
            found.add(run.text().waiting() == 0 ? rows[row++] : null);
        }
        return found;
    }
}
