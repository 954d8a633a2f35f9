package dev.fovea.bench;

import dev.fovea.models.gemma.DecoderConfig;
import dev.fovea.models.gemma.DecoderConfig.Rotation;
import dev.fovea.models.gemma.Gemma;
import dev.fovea.models.gemma.GemmaConfig;
import dev.fovea.models.gemma.GemmaInput;
import dev.fovea.nn.Params;
import dev.fovea.optim.Decay;
import dev.fovea.optim.OptimConfig;
import dev.fovea.optim.Optimizer;
import dev.fovea.optim.Rule;
import dev.fovea.optim.ScheduleConfig;
import dev.fovea.optim.TrainLength;
import dev.fovea.tensor.Autocast;
import dev.fovea.tensor.Scope;
import dev.fovea.tensor.Tensors;
import dev.fovea.text.HuggingFaceTokenizer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Random;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * A small Gemma 3 that has learned a text, in the published layout, in bfloat16: what quantised weights cost can be seen on weights that mean
 * something, where the published ones cannot be had. {@code TrainedGemma TEXT TOKENIZER_FOLDER FOLDER [STEPS]}; the tokenizer is
 * {@code gemma3-mini} of the fixtures.
 */
public final class TrainedGemma {

    private static final int BATCH = 16;
    /** Tokens of a row, the begin mark included. */
    private static final int LENGTH = 128;

    private static final int BOS = 2;
    private static final GemmaConfig CONFIG = new GemmaConfig(
            new DecoderConfig(
                    2320, // 2,305 and what fills them up
                    256,
                    1024,
                    4,
                    1,
                    64,
                    64,
                    1e-6,
                    64,
                    DecoderConfig.pattern(6, 6),
                    new Rotation(1e4, 1),
                    new Rotation(1e6, 1),
                    null,
                    true,
                    false,
                    2048),
            null);

    private TrainedGemma() {}

    public static void main(String[] args) throws IOException {
        if (args.length < 3) {
            throw new IllegalArgumentException("wanted TEXT TOKENIZER_FOLDER FOLDER [STEPS]");
        }
        Path tokenizer = Path.of(args[1]);
        int steps = args.length > 3 ? Integer.parseInt(args[3]) : 1500;
        int[] ids;
        try (var text = HuggingFaceTokenizer.read(tokenizer.resolve("tokenizer.json"))) {
            ids = text.encode(Files.readString(Path.of(args[0])));
        }
        System.out.printf(Locale.ROOT, "%,d tokens%n", ids.length);
        OptimConfig optim = OptimConfig.of(
                        Rule.Adam.STANDARD,
                        2e-3,
                        1e-4,
                        ScheduleConfig.of(new Decay.Cosine(0, 1), TrainLength.percent(0.05)))
                .withClipNorm(1);
        try (Params params = Params.fresh(0);
                var _ = new Scope()) {
            Gemma model = Gemma.of(params.trainable(), CONFIG);
            try (Optimizer optimizer = Optimizer.of(optim, params.table(), steps)) {
                train(model, optimizer, ids, steps);
            }
            RandomGemma.narrow(params);
            Path folder = Files.createDirectories(Path.of(args[2]));
            GemmaFolder.write(folder, CONFIG, params, tokenizer);
            System.out.printf(Locale.ROOT, "%s: %,d parameters%n", folder, params.count());
        }
    }

    private static void train(Gemma model, Optimizer optimizer, int[] ids, int steps) {
        var random = new Random(0);
        double sum = 0;
        for (int step = 0; step < steps; step++) {
            try (var _ = new Scope()) {
                Tensor rows = batch(ids, random); // [B, T + 1]
                Tensor logits;
                try (var _ = Autocast.bf16()) {
                    logits = model.forward(GemmaInput.of(rows.narrow(1, 0, LENGTH))); // [B, T, V]
                }
                Tensor loss = torch.cross_entropy_loss(
                        logits.to(ScalarType.Float).flatten(0, 1),
                        rows.narrow(1, 1, LENGTH).flatten());
                loss.backward();
                optimizer.step(step);
                sum += loss.item_double();
            }
            if ((step + 1) % 50 == 0) {
                System.out.printf(Locale.ROOT, "step %d: %.3f nats a token%n", step + 1, sum / 50);
                sum = 0;
            }
        }
    }

    private static Tensor batch(int[] ids, Random random) {
        var rows = new long[BATCH * (LENGTH + 1)];
        for (int b = 0; b < BATCH; b++) {
            int from = random.nextInt(ids.length - LENGTH);
            rows[b * (LENGTH + 1)] = BOS;
            for (int t = 0; t < LENGTH; t++) {
                rows[b * (LENGTH + 1) + 1 + t] = ids[from + t];
            }
        }
        return Tensors.of(rows, BATCH, LENGTH + 1);
    }
}
