package dev.fovea.eval;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Zero-shot classification with an image and a text tower (arXiv 2103.00020, section 3.1.4, as big_vision does it): every
 * name of a class is put into every template, the embeddings are normalised and averaged, and an image belongs to the
 * class whose average has the highest cosine with it.
 */
public final class ZeroShot {

    /** Where the class name goes. */
    public static final String SLOT = "{}";

    private static final Pattern PUNCTUATION = Pattern.compile("[!-/:-@\\[-`{-~]");
    private static final Pattern BLANKS = Pattern.compile("\\s+", Pattern.UNICODE_CHARACTER_CLASS);
    /** Texts that are embedded at once. */
    private static final int BATCH = 256;

    private final Features classes;

    private ZeroShot(Features classes) {
        this.classes = classes;
    }

    /** The text tower. */
    @FunctionalInterface
    public interface TextEmbedder {

        /** One vector a text, of any length. */
        float[][] embed(List<String> texts);
    }

    /**
     * A classifier of the given classes.
     *
     * @param classNames one entry a class, its names separated by commas
     * @param templates sentences with {@link #SLOT} in them
     */
    public static ZeroShot of(List<String> classNames, List<String> templates, TextEmbedder tower) {
        if (classNames.isEmpty() || templates.isEmpty()) {
            throw new IllegalArgumentException(
                    "%d classes and %d templates".formatted(classNames.size(), templates.size()));
        }
        var texts = new ArrayList<String>();
        var owner = new ArrayList<Integer>();
        for (int c = 0; c < classNames.size(); c++) {
            for (String text : prompts(classNames.get(c), templates)) {
                texts.add(text);
                owner.add(c);
            }
        }
        return new ZeroShot(averages(embed(texts, tower), owner, classNames.size()));
    }

    /** The texts of one class: every name in every template, canonicalised. */
    public static List<String> prompts(String names, List<String> templates) {
        var texts = new ArrayList<String>();
        for (String name : names.split(",", -1)) {
            String canonical = canonical(name, "");
            if (canonical.isEmpty()) {
                throw new IllegalArgumentException("class \"%s\" has an empty name".formatted(names));
            }
            for (String template : templates) {
                if (!template.contains(SLOT)) {
                    throw new IllegalArgumentException("template \"%s\" has no %s".formatted(template, SLOT));
                }
                texts.add(canonical(template, SLOT).replace(SLOT, canonical));
            }
        }
        return texts;
    }

    /**
     * A text in lower case, underscores as blanks, ASCII punctuation removed, blanks collapsed and trimmed.
     *
     * @param keep a text whose punctuation stays wherever it stands exactly so; empty for none
     */
    public static String canonical(String text, String keep) {
        String spaced = text.replace('_', ' ');
        String plain = keep.isEmpty()
                ? PUNCTUATION.matcher(spaced).replaceAll("")
                : Arrays.stream(spaced.split(Pattern.quote(keep), -1))
                        .map(part -> PUNCTUATION.matcher(part).replaceAll(""))
                        .collect(Collectors.joining(keep));
        return BLANKS.matcher(plain.toLowerCase(Locale.ROOT)).replaceAll(" ").strip();
    }

    private static Features embed(List<String> texts, TextEmbedder tower) {
        var rows = new float[texts.size()][];
        for (int from = 0; from < texts.size(); from += BATCH) {
            List<String> batch = texts.subList(from, Math.min(from + BATCH, texts.size()));
            float[][] part = tower.embed(batch);
            if (part.length != batch.size()) {
                throw new IllegalStateException(
                        "the text tower gave %d vectors for %d texts".formatted(part.length, batch.size()));
            }
            System.arraycopy(part, 0, rows, from, part.length);
        }
        return Features.of(rows).normalized();
    }

    private static Features averages(Features texts, List<Integer> owner, int numClasses) {
        int width = texts.width();
        var sums = new double[numClasses * width];
        var counts = new int[numClasses];
        for (int i = 0; i < texts.size(); i++) {
            int c = owner.get(i);
            counts[c]++;
            for (int d = 0; d < width; d++) {
                sums[c * width + d] += texts.values()[i * width + d];
            }
        }
        var means = new float[sums.length];
        for (int i = 0; i < means.length; i++) {
            means[i] = (float) (sums[i] / counts[i / width]);
        }
        return new Features(width, means).normalized();
    }

    /** One vector of length 1 a class, [C, D]. */
    public Features classes() {
        return classes;
    }

    /** Cosine of every image with every class, [B, C]: logits for {@link ClassificationMetrics}. */
    public float[] logits(Features images) {
        return Similarity.cosines(images, classes);
    }
}
