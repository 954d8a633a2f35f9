package dev.fovea.verify;

import dev.fovea.image.Image;
import dev.fovea.image.ImageDecoder;
import dev.fovea.image.Pixels;
import dev.fovea.image.PreprocessorConfig;
import dev.fovea.models.gemma.GemmaProcessor;
import dev.fovea.models.gemma.GemmaProcessor.Prompt;
import dev.fovea.text.HuggingFaceTokenizer;
import dev.fovea.text.Message;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Messages and pictures to ids and pixels, against transformers' Gemma3Processor. */
final class GemmaProcessorChecks {

    private static final String PLACEHOLDER = "<image_soft_token>";

    private GemmaProcessorChecks() {}

    /** A case without a model: everything is in {@code request.json}. */
    static void run(Case c) {
        JsonNode request = c.json("request.json");
        var settings = (ObjectNode) request.required("settings").deepCopy();
        settings.put("image_processor_type", "Gemma3ImageProcessor");
        int side = request.required("image_size").asInt();
        settings.putObject("size").put("height", side).put("width", side);
        try (var tokenizer = HuggingFaceTokenizer.read(c.folder().resolve("tokenizer.json"))) {
            var processor = processor(
                    tokenizer,
                    request.required("image_seq_length").asInt(),
                    PreprocessorConfig.parse(settings.toString(), "request.json"));
            List<Prompt> prompts = request.required("rows")
                    .valueStream()
                    .map(row -> prompt(c, processor, row))
                    .toList();
            compare(c, prompts, processor.imageToken());
        }
    }

    /** A case with a model: its inputs, made again from {@code request.json} where it has one. */
    static void inputs(Case c, int numTokens) {
        if (!Files.exists(c.folder().resolve("request.json"))) {
            return;
        }
        JsonNode request = c.json("request.json");
        try (var tokenizer = HuggingFaceTokenizer.read(c.folder().resolve("tokenizer.json"))) {
            if (!request.has("single")) {
                Prompt prompt = prompt(c, processor(tokenizer, 0, null), request);
                c.compareRow("prompt_ids of the messages", rows(c, "prompt_ids", null), List.of(list(prompt.ids())));
                return;
            }
            var processor = processor(tokenizer, numTokens, PreprocessorConfig.read(c.folder()));
            Prompt single = prompt(c, processor, request.get("single"));
            List<Prompt> batch = request.required("batch")
                    .valueStream()
                    .map(row -> prompt(c, processor, row))
                    .toList();
            c.compareRow(
                    "input_ids of the messages", rows(c, "input_ids", "attention_mask"), List.of(list(single.ids())));
            c.compareRow(
                    "batch_input_ids of the messages",
                    rows(c, "batch_input_ids", "batch_attention_mask"),
                    batch.stream().map(x -> list(x.ids())).toList());
            pixels(c, "pixel_values", List.of(request.get("single")), List.of(single));
            pixels(c, "batch_pixel_values", request.get("batch").valueStream().toList(), batch);
        }
    }

    private static GemmaProcessor processor(
            HuggingFaceTokenizer tokenizer, int numTokens, @Nullable PreprocessorConfig pictures) {
        return new GemmaProcessor(
                tokenizer, tokenizer.encode("<bos>")[0], tokenizer.encode(PLACEHOLDER)[0], numTokens, pictures);
    }

    private static Prompt prompt(Case c, GemmaProcessor processor, JsonNode row) {
        List<Message> messages =
                row.required("messages").valueStream().map(Message::of).toList();
        List<Image> images = row.path("images")
                .valueStream()
                .map(name -> ImageDecoder.read(c.images().resolve(name.asString())))
                .toList();
        return processor.chat(messages, images, true);
    }

    private static void compare(Case c, List<Prompt> prompts, int imageToken) {
        int rows = prompts.size();
        int width = prompts.stream().mapToInt(x -> x.ids().length).max().orElse(0);
        var ids = new long[rows * width];
        var mask = new long[rows * width];
        var types = new long[rows * width];
        for (int row = 0; row < rows; row++) {
            int[] its = prompts.get(row).ids();
            for (int i = 0; i < its.length; i++) {
                int at = (row + 1) * width - its.length + i;
                ids[at] = its[i];
                mask[at] = 1;
                types[at] = its[i] == imageToken ? 1 : 0;
            }
        }
        c.compare("input_ids", ids, rows, width);
        c.compare("attention_mask", mask, rows, width);
        c.compare("token_type_ids", types, rows, width);
        List<Pixels> images = prompts.stream().flatMap(x -> x.images().stream()).toList();
        Pixels first = images.getFirst();
        c.compare("pixel_values", PictureInputs.planes(images), images.size(), 3, first.height(), first.width());
        long[] crops = prompts.stream()
                .flatMapToInt(x -> IntStream.of(x.numCrops()))
                .asLongStream()
                .toArray();
        c.compare("num_crops", crops, crops.length);
    }

    private static void pixels(Case c, String name, List<JsonNode> rows, List<Prompt> prompts) {
        List<String> files = rows.stream()
                .flatMap(row -> row.path("images").valueStream())
                .map(JsonNode::asString)
                .toList();
        PictureInputs.compare(
                c,
                name,
                files,
                prompts.stream().flatMap(x -> x.images().stream()).toList());
    }

    private static List<List<Integer>> rows(Case c, String ids, @Nullable String mask) {
        var rows = new ArrayList<List<Integer>>();
        for (int[] row : Rows.of(c.tensor(ids), mask == null ? null : c.tensor(mask))) {
            rows.add(list(row));
        }
        return rows;
    }

    private static List<Integer> list(int... ids) {
        return IntStream.of(ids).boxed().toList();
    }
}
