package dev.fovea.image;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * The image processor of a published folder: {@code preprocessor_config.json}, or the {@code image_processor} part of
 * {@code processor_config.json}. Reads those of SigLIP, Gemma 3, ViT and CLIP, with the arithmetic of Pillow.
 *
 * @param type {@code image_processor_type} without its ending
 * @param panAndScan null when it is off
 * @param imageTokens {@code image_seq_length}, null where the file has none
 */
public record PreprocessorConfig(
        String type,
        Preprocess preprocess,
        @Nullable PanAndScan panAndScan,
        @Nullable Integer imageTokens) {

    private static final List<String> FILES = List.of("preprocessor_config.json", "processor_config.json");

    /** Reads a file, or the one in a folder. */
    public static PreprocessorConfig read(Path path) {
        if (!Files.isDirectory(path)) {
            return parse(text(path), path.toString());
        }
        for (String name : FILES) {
            Path file = path.resolve(name);
            if (Files.exists(file)) {
                String json = text(file);
                if (name.startsWith("pre") || json.contains("\"image_processor\"")) {
                    return parse(json, file.toString());
                }
            }
        }
        throw new UncheckedIOException(
                new IOException("%s: has no image processor; wanted one of %s".formatted(path, FILES)));
    }

    /** The picture itself and, with pan and scan, its crops: each is preprocessed on its own. */
    public List<Image> views(Image image) {
        var views = new ArrayList<>(List.of(image));
        if (panAndScan != null) {
            views.addAll(panAndScan.crops(image));
        }
        return views;
    }

    /** Parses the text of a file; messages call it {@code name}. */
    public static PreprocessorConfig parse(String json, String name) {
        JsonNode root;
        try {
            root = new JsonMapper().readTree(json);
        } catch (JacksonException e) {
            throw new UncheckedIOException(
                    new IOException("%s: not JSON, %s".formatted(name, e.getOriginalMessage()), e));
        }
        if (root.has("image_processor")) {
            root = root.get("image_processor");
        }
        return new ProcessorReader(root, name).read();
    }

    private static String text(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(file + ": cannot be read, " + e, e);
        }
    }
}
