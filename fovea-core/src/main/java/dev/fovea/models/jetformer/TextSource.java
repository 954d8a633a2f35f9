package dev.fovea.models.jetformer;

import dev.fovea.data.ImageBatch;
import dev.fovea.data.ImageDataset;
import dev.fovea.data.ImageExample;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Where the texts of pictures come from: their classes, or a text beside them.
 *
 * @param column name of the text, used with words
 */
record TextSource(Vocabulary.Kind kind, String column) {

    /** What there is to learn from a data set. */
    Vocabulary vocabulary(ImageDataset data, int length) {
        if (kind == Vocabulary.Kind.CLASSES) {
            List<String> names = data.classNames();
            if (names.isEmpty()) {
                throw new IllegalArgumentException(
                        "texts: the data names no classes; texts: words takes texts beside pictures");
            }
            return Vocabulary.ofClasses(names);
        }
        var texts = new ArrayList<String>();
        for (long i = 0; i < data.size(); i++) {
            texts.add(text(data.get(i).texts()));
        }
        return Vocabulary.ofWords(texts, length);
    }

    /** The texts of a batch's real rows. */
    List<String> of(ImageBatch batch, Vocabulary vocabulary) {
        var texts = new ArrayList<String>();
        for (int i = 0; i < batch.valid(); i++) {
            texts.add(
                    kind == Vocabulary.Kind.CLASSES
                            ? className(batch.labels()[i], vocabulary)
                            : text(batch.texts().get(i)));
        }
        return texts;
    }

    /** The text of an example. */
    String of(ImageExample example, Vocabulary vocabulary) {
        return kind == Vocabulary.Kind.CLASSES ? className(example.label(), vocabulary) : text(example.texts());
    }

    /** Texts to draw pictures for: the classes in turn, or the texts of the pictures from the first one on. */
    List<String> wanted(ImageDataset data, Vocabulary vocabulary, int count) {
        var wanted = new ArrayList<String>();
        for (int i = 0; i < count; i++) {
            wanted.add(
                    kind == Vocabulary.Kind.CLASSES
                            ? vocabulary.entries().get(i % vocabulary.entries().size())
                            : of(data.get(i % data.size()), vocabulary));
        }
        return wanted;
    }

    private static String className(int label, Vocabulary vocabulary) {
        if (label < 0 || label >= vocabulary.entries().size()) {
            throw new IllegalArgumentException("label %d: there are %d classes"
                    .formatted(label, vocabulary.entries().size()));
        }
        return vocabulary.entries().get(label);
    }

    private String text(Map<String, String> texts) {
        String text = texts.get(column);
        if (text == null) {
            throw new IllegalArgumentException("textColumn: found texts %s beside a picture, wanted %s"
                    .formatted(texts.keySet().stream().sorted().toList(), column));
        }
        return text;
    }
}
