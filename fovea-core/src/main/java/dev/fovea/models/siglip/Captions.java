package dev.fovea.models.siglip;

import dev.fovea.data.ImageBatch;
import dev.fovea.tensor.Tensors;
import dev.fovea.text.PaddedTokenizer;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * Texts of pictures as the text tower takes them.
 *
 * @param column which of a picture's texts; null for {@code text}, {@code caption} or {@code suffix}, the first there is
 * @param length T
 */
public record Captions(PaddedTokenizer tokenizer, @Nullable String column, int length) {

    private static final List<String> USUAL = List.of("text", "caption", "suffix", "txt");

    /** Ids of the texts of a batch. */
    Tensor ids(ImageBatch batch) {
        return ids(batch.texts().stream().map(this::text).toList());
    }

    /** Ids of texts. */
    Tensor ids(List<String> texts) { // [B, T], int64
        var ids = new long[texts.size() * length];
        for (int i = 0; i < texts.size(); i++) {
            int[] row = tokenizer.encode(texts.get(i), length);
            for (int t = 0; t < length; t++) {
                ids[i * length + t] = row[t];
            }
        }
        return Tensors.of(ids, texts.size(), length);
    }

    /** The text that goes with a picture. */
    String text(Map<String, String> texts) {
        List<String> wanted = column == null ? USUAL : List.of(column);
        for (String name : wanted) {
            String text = texts.get(name);
            if (text != null) {
                return text;
            }
        }
        throw new IllegalArgumentException("textColumn: found texts %s beside a picture, wanted %s"
                .formatted(texts.keySet().stream().sorted().toList(), wanted));
    }
}
