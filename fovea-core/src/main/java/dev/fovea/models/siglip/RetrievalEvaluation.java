package dev.fovea.models.siglip;

import dev.fovea.data.ImageBatch;
import dev.fovea.data.ImageBatches;
import dev.fovea.data.ImageDataset;
import dev.fovea.data.LoadOptions;
import dev.fovea.eval.Evaluator;
import dev.fovea.eval.Features;
import dev.fovea.eval.PictureEncoder;
import dev.fovea.eval.Retrieval;
import dev.fovea.image.Preprocess;
import dev.fovea.tensor.Engine;
import dev.fovea.tensor.Scope;
import dev.fovea.tensor.Tensors;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import org.bytedeco.pytorch.AutoGradMode;

/**
 * Retrieval of pictures and texts by each other on a split whose examples are pairs. Examples of equal pixels are one
 * picture with several captions.
 */
public record RetrievalEvaluation(
        Siglip model, Captions captions, ImageDataset data, Preprocess preprocess, int batchSize, LoadOptions load)
        implements Evaluator {

    @Override
    public SequencedMap<String, Double> evaluate() {
        var pairs = new Pairs();
        try (var batches = ImageBatches.evaluation(data, preprocess, batchSize, load)) {
            for (long step = 0; step < batches.steps(); step++) {
                pairs.add(batches.at(step));
            }
        }
        return pairs.retrieval().evaluate();
    }

    /** Vectors of what was seen so far. */
    private final class Pairs {
        private final List<float[]> images = new ArrayList<>();
        private final List<float[]> texts = new ArrayList<>();
        private final List<Integer> imageOfText = new ArrayList<>();
        private final Map<String, Integer> imageOfPixels = new HashMap<>();

        void add(ImageBatch batch) {
            float[][] rows;
            float[][] captionRows;
            try (var _ = new Scope();
                    var _ = new AutoGradMode(false)) {
                rows = Tensors.toRows(model.embedImages(PictureEncoder.pixels(batch)));
                List<String> own = batch.texts().subList(0, batch.valid()).stream()
                        .map(captions::text)
                        .toList();
                captionRows = Tensors.toRows(model.embedTexts(Engine.toDevice(captions.ids(own))));
            }
            int size = batch.pixels().length / batch.size();
            for (int i = 0; i < batch.valid(); i++) {
                imageOfText.add(image(rows[i], FloatBuffer.wrap(batch.pixels(), i * size, size)));
                texts.add(captionRows[i]);
            }
        }

        private int image(float[] row, FloatBuffer pixels) {
            int image = imageOfPixels.computeIfAbsent(digest(pixels), _ -> images.size());
            if (image == images.size()) {
                images.add(row);
            }
            return image;
        }

        Retrieval retrieval() {
            return new Retrieval(
                    Features.of(images.toArray(float[][]::new)),
                    Features.of(texts.toArray(float[][]::new)),
                    imageOfText.stream().mapToInt(Integer::intValue).toArray());
        }
    }

    private static String digest(FloatBuffer values) {
        ByteBuffer bytes = ByteBuffer.allocate(values.remaining() * Float.BYTES);
        bytes.asFloatBuffer().put(values);
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes.array()));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }
}
