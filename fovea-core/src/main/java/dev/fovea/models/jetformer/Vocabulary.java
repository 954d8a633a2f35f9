package dev.fovea.models.jetformer;

import dev.fovea.tensor.Engine;
import dev.fovea.tensor.Tensors;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;

/**
 * Texts as ids: the name of a class as one id, or lower-case words with an end.
 *
 * @param kind what an entry is
 * @param entries by id; of words, the first is the end and the second stands for unknown words
 * @param length L, ids a text; a longer one is cut
 */
public record Vocabulary(Kind kind, List<String> entries, int length) {

    /** What an entry is. */
    public enum Kind {
        CLASSES,
        WORDS
    }

    private static final String END = "</s>";
    private static final String UNKNOWN = "<unk>";
    private static final int END_ID = 0;
    private static final int UNKNOWN_ID = 1;

    /** Ids of several texts. */
    record Ids(Tensor text, Tensor valid) {} // int64 [B, L], bool [B, L]

    public Vocabulary {
        entries = List.copyOf(entries);
        if (entries.isEmpty() || length < 1 || (kind == Kind.CLASSES && length != 1)) {
            throw new IllegalArgumentException("%d %s in texts of %d ids: wanted at least one, and one id a class"
                    .formatted(entries.size(), kind.name().toLowerCase(Locale.ROOT), length));
        }
    }

    /** A class a text. */
    public static Vocabulary ofClasses(List<String> names) {
        return new Vocabulary(Kind.CLASSES, names, 1);
    }

    /** The words of texts, the frequent ones first. */
    public static Vocabulary ofWords(Collection<String> texts, int length) {
        var counts = new HashMap<String, Integer>();
        for (String text : texts) {
            for (String word : words(text)) {
                counts.merge(word, 1, Integer::sum);
            }
        }
        var entries = new ArrayList<>(List.of(END, UNKNOWN));
        counts.entrySet().stream()
                .sorted(Map.Entry.<String, Integer>comparingByValue(Comparator.reverseOrder())
                        .thenComparing(Map.Entry.comparingByKey()))
                .forEach(e -> entries.add(e.getKey()));
        return new Vocabulary(Kind.WORDS, entries, length);
    }

    /**
     * Ids of texts, padded; the padding is neither seen nor scored.
     *
     * @throws IllegalArgumentException for a class that there is not
     */
    Ids encode(List<String> texts) {
        Map<String, Integer> byEntry = new HashMap<>();
        for (int i = 0; i < entries.size(); i++) {
            byEntry.put(entries.get(i), i);
        }
        var ids = new long[texts.size() * length];
        var valid = new long[ids.length];
        for (int row = 0; row < texts.size(); row++) {
            List<Integer> its = ids(texts.get(row), byEntry);
            for (int i = 0; i < Math.min(length, its.size()); i++) {
                ids[row * length + i] = its.get(i);
                valid[row * length + i] = 1;
            }
        }
        return new Ids(
                Engine.toDevice(Tensors.of(ids, texts.size(), length)),
                Engine.toDevice(Tensors.of(valid, texts.size(), length)).ne(new Scalar(0L)));
    }

    /** The words of a text that are no entries; none where texts are classes, whose names are checked. */
    List<String> unknown(String text) {
        return kind == Kind.CLASSES
                ? List.of()
                : words(text).stream().filter(word -> !entries.contains(word)).toList();
    }

    private List<Integer> ids(String text, Map<String, Integer> byEntry) {
        if (kind == Kind.CLASSES) {
            Integer id = byEntry.get(text);
            if (id == null) {
                throw new IllegalArgumentException(
                        "'%s' is no class of this model; it has %s".formatted(text, entries));
            }
            return List.of(id);
        }
        var ids = new ArrayList<Integer>();
        for (String word : words(text)) {
            ids.add(byEntry.getOrDefault(word, UNKNOWN_ID));
        }
        ids.add(END_ID);
        return ids;
    }

    /** The text of ids up to its end; ids beyond the entries are left out. */
    String decode(long... ids) {
        var words = new ArrayList<String>();
        for (long id : ids) {
            if (kind == Kind.WORDS && id == END_ID) {
                break;
            }
            if (id < entries.size()) {
                words.add(entries.get((int) id));
            }
        }
        return String.join(" ", words);
    }

    private static List<String> words(String text) {
        return List.of(text.toLowerCase(Locale.ROOT).replace(",", " ,").strip().split("\\s+"));
    }
}
