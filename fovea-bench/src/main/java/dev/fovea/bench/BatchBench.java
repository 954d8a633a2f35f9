package dev.fovea.bench;

import dev.fovea.generate.TextBatch;
import dev.fovea.generate.TextBatch.Share;
import dev.fovea.models.gemma.GemmaBatch;
import dev.fovea.models.gemma.GemmaCheckpoint;
import dev.fovea.models.gemma.GemmaModel;
import dev.fovea.models.gemma.GemmaProcessor.Prompt;
import dev.fovea.models.gemma.KernelBatch;
import dev.fovea.models.gemma.PackedFolder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Random;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;

/**
 * What a token costs where several texts of a Gemma 3 folder are written together: {@code BatchBench FOLDER stored|float32 TEXTS
 * [DEPTH] [TOKENS]}, numbers of texts separated by commas. A folder of packed weights is opened as it is.
 */
public final class BatchBench {

    private BatchBench() {}

    public static void main(String[] args) {
        if (args.length < 3) {
            throw new IllegalArgumentException("wanted FOLDER stored|float32 TEXTS [DEPTH] [TOKENS]");
        }
        @Nullable ScalarType type = args[1].equals("float32") ? ScalarType.Float : null;
        int depth = args.length > 3 ? Integer.parseInt(args[3]) : 64;
        int tokens = args.length > 4 ? Integer.parseInt(args[4]) : 16;
        if (PackedFolder.is(Path.of(args[0]))) {
            try (GemmaModel model = GemmaModel.open(Path.of(args[0]), null)) {
                var batch = new KernelBatch(Objects.requireNonNull(model.packed()));
                for (String texts : args[2].split(",", -1)) {
                    run(batch, model.config().text().vocabSize(), Integer.parseInt(texts), depth, tokens);
                }
            }
            return;
        }
        try (GemmaCheckpoint checkpoint = GemmaCheckpoint.read(Path.of(args[0]), type)) {
            var batch = new GemmaBatch(checkpoint.model());
            for (String texts : args[2].split(",", -1)) {
                run(batch, checkpoint.model().config().text().vocabSize(), Integer.parseInt(texts), depth, tokens);
            }
        }
    }

    private static <T extends TextBatch.Text> void run(
            TextBatch<Prompt, T> batch, int vocabSize, int count, int depth, int tokens) {
        var random = new Random(0);
        var texts = new ArrayList<T>();
        for (int i = 0; i < count; i++) {
            T text = batch.open(new Prompt(random.ints(depth, 0, vocabSize).toArray(), List.of(), new int[0]));
            batch.feed(List.of(new Share<>(text, depth)));
            texts.add(text);
        }
        pass(batch, texts, random.nextInt(vocabSize)); // the first pays for what later ones find ready
        double best = Double.MAX_VALUE;
        long start = System.nanoTime();
        for (int i = 0; i < tokens; i++) {
            long before = System.nanoTime();
            pass(batch, texts, random.nextInt(vocabSize));
            best = Math.min(best, (System.nanoTime() - before) / 1e6);
        }
        double mean = (System.nanoTime() - start) / 1e6 / tokens;
        texts.forEach(TextBatch.Text::close);
        System.out.printf(
                Locale.ROOT,
                "%2d texts of %d tokens: a pass %.1f ms (fastest %.1f), a token %.1f ms, together %.2f tokens/s%n",
                count,
                depth,
                mean,
                best,
                mean / count,
                1e3 * count / mean);
    }

    private static <T extends TextBatch.Text> void pass(TextBatch<Prompt, T> batch, List<T> texts, int id) {
        texts.forEach(text -> text.add(id));
        batch.feed(texts.stream().map(text -> new Share<>(text, 1)).toList());
    }
}
