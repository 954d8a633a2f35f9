package dev.fovea.data;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * WebDataset samples as pictures: the part that is a picture by its ending (or the one asked for), the number in {@code cls} as
 * label, all parts that are texts ({@code txt}, {@code json}, ...) under their names.
 */
record WebImages(WebDataset samples, @Nullable String imagePart, String labelPart, List<String> classNames)
        implements ImageDataset {

    private static final List<String> PICTURES = List.of("jpg", "jpeg", "png", "webp", "gif", "bmp");
    private static final List<String> TEXTS = List.of("txt", "text", "json", "caption", "transcript", "cls");

    @Override
    public long size() {
        return samples.size();
    }

    @Override
    public ImageExample get(long index) {
        return example(samples.get(index), imagePart, labelPart, classNames.size());
    }

    @Override
    public int label(long index) {
        return label(samples.get(index), labelPart, classNames.size());
    }

    static ImageExample example(WebSample sample, @Nullable String imagePart, String labelPart, int classes) {
        String picture = null;
        Map<String, String> texts = new LinkedHashMap<>();
        for (String part : sample.parts().keySet()) {
            String ending = part.substring(part.lastIndexOf('.') + 1).toLowerCase(Locale.ROOT);
            if (imagePart != null ? part.equals(imagePart) : picture == null && PICTURES.contains(ending)) {
                picture = part;
            } else if (TEXTS.contains(ending) && !part.equals(labelPart)) {
                String text = sample.text(part);
                texts.put(part, text == null ? "" : text);
            }
        }
        byte[] file = picture == null ? null : sample.parts().get(picture);
        if (file == null) {
            throw DataFiles.broken(
                    sample.id(),
                    "no %s in it; its parts: %s"
                            .formatted(
                                    imagePart == null ? "picture " + PICTURES : imagePart,
                                    sample.parts().keySet()));
        }
        String name = sample.id() + "." + picture;
        return new ImageExample(name, new ImageSource.Encoded(name, file), label(sample, labelPart, classes), texts);
    }

    private static int label(WebSample sample, String part, int classes) {
        String text = sample.text(part);
        if (text == null) {
            return -1;
        }
        if (!text.strip().matches("[0-9]{1,9}")) {
            throw DataFiles.broken(
                    sample.id() + "." + part,
                    "found \"%s\", wanted a class number"
                            .formatted(text.length() > 40 ? text.substring(0, 40) + "..." : text));
        }
        int label = Integer.parseInt(text.strip());
        if (classes > 0 && label >= classes) {
            throw DataFiles.broken(
                    sample.id() + "." + part, "class %d, but there are %d class names".formatted(label, classes));
        }
        return label;
    }
}
