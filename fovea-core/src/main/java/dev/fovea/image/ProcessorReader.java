package dev.fovea.image;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** Keys of one image processor to steps; a key that is absent or null has the default of the processor's class. */
final class ProcessorReader {

    /** Defaults of the classes: filter, side, mean and std. */
    private record Defaults(int resample, int size, List<Double> mean, List<Double> std) {}

    private static final List<Double> HALF = List.of(0.5, 0.5, 0.5);

    private final JsonNode json;
    private final String name;

    ProcessorReader(JsonNode json, String name) {
        this.json = json;
        this.name = name;
    }

    PreprocessorConfig read() {
        String type = type();
        Defaults defaults =
                switch (type) {
                    case "Siglip" -> new Defaults(3, 224, HALF, HALF);
                    case "Gemma3" -> new Defaults(2, 224, HALF, HALF);
                    case "ViT" -> new Defaults(2, 224, HALF, HALF);
                    case "CLIP" -> new Defaults(3, 224, Normalize.CLIP.mean(), Normalize.CLIP.std());
                    default ->
                        throw new IllegalArgumentException(
                                "%s: image processor %s is not known; wanted one of Siglip, Gemma3, ViT, CLIP"
                                        .formatted(name, type));
                };
        var steps = new ArrayList<Step>();
        if (flag("do_resize", true)) {
            steps.add(resize(type, defaults));
        }
        if (flag("do_center_crop", type.equals("CLIP"))) {
            steps.add(centerCrop(defaults));
        }
        boolean rescale = flag("do_rescale", true);
        boolean normalize = flag("do_normalize", true);
        if (rescale || normalize) {
            double scale = rescale ? json.path("rescale_factor").asDouble(1 / 255.0) : 1;
            steps.add(
                    normalize
                            ? new Normalize(
                                    channels("image_mean", defaults.mean), channels("image_std", defaults.std), scale)
                            : new Normalize(List.of(0.0), List.of(1.0), scale));
        }
        JsonNode tokens = json.path("image_seq_length");
        return new PreprocessorConfig(
                type, new Preprocess(steps), panAndScan(), tokens.isNumber() ? tokens.asInt() : null);
    }

    private String type() {
        String type = json.path("image_processor_type")
                .asString(json.path("feature_extractor_type").asString(""));
        if (type.isEmpty()) {
            throw new IllegalArgumentException(name + ": no image_processor_type");
        }
        return type.replaceFirst("(ImageProcessor(Fast|Pil)?|FeatureExtractor)$", "");
    }

    private Step resize(String type, Defaults defaults) {
        int resample = json.path("resample").asInt(defaults.resample);
        Filter filter =
                switch (resample) {
                    case 0 -> Filter.NEAREST;
                    case 1 -> Filter.LANCZOS3;
                    case 2 -> Filter.BILINEAR;
                    case 3 -> Filter.BICUBIC;
                    case 4 -> Filter.AREA;
                    default ->
                        throw new IllegalArgumentException(
                                "%s: resample is %d, wanted 0 (nearest), 1 (lanczos), 2 (bilinear), 3 (bicubic) or 4 (box)"
                                        .formatted(name, resample));
                };
        JsonNode size = json.path("size");
        if (size.has("shortest_edge")) {
            return new Step.PillowResizeSmall(size.get("shortest_edge").asInt(), filter);
        } else if (size.has("height") && size.has("width")) {
            return new Step.PillowResizeTo(
                    size.get("height").asInt(), size.get("width").asInt(), filter);
        } else if (size.isNumber() || size.isMissingNode() || size.isNull()) {
            int side = size.asInt(defaults.size);
            return type.equals("CLIP")
                    ? new Step.PillowResizeSmall(side, filter)
                    : new Step.PillowResizeTo(side, side, filter);
        }
        throw new IllegalArgumentException(
                "%s: size is %s, wanted height and width, or shortest_edge".formatted(name, size));
    }

    private Step centerCrop(Defaults defaults) {
        JsonNode size = json.path("crop_size");
        int side = size.asInt(defaults.size);
        return new Step.CentralCrop(
                size.path("height").asInt(side), size.path("width").asInt(side));
    }

    private @Nullable PanAndScan panAndScan() {
        if (!flag("do_pan_and_scan", false)) {
            return null;
        }
        PanAndScan standard = PanAndScan.DEFAULT;
        return new PanAndScan(
                json.path("pan_and_scan_min_crop_size").asInt(standard.minCropSize()),
                json.path("pan_and_scan_max_num_crops").asInt(standard.maxCrops()),
                json.path("pan_and_scan_min_ratio_to_activate").asDouble(standard.minRatio()));
    }

    private boolean flag(String key, boolean fallback) {
        return json.path(key).asBoolean(fallback);
    }

    private List<Double> channels(String key, List<Double> fallback) {
        JsonNode values = json.path(key);
        if (!values.isArray()) {
            return values.isNumber() ? List.of(values.asDouble()) : fallback;
        }
        return values.valueStream().map(JsonNode::asDouble).toList();
    }
}
