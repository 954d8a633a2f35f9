package dev.fovea.models.gemma;

import dev.fovea.image.Image;
import dev.fovea.image.Pixels;
import dev.fovea.image.PreprocessorConfig;
import dev.fovea.tensor.Engine;
import dev.fovea.tensor.Tensors;
import dev.fovea.text.GemmaChat;
import dev.fovea.text.Message;
import dev.fovea.text.Tokenizer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * Conversations and pictures to ids and pixels, as transformers' Gemma3Processor makes them. Each mark
 * {@code <start_of_image>} becomes, between blank lines, that mark, the placeholders of the soft tokens and
 * {@code <end_of_image>}; where a picture is cut into crops (pan and scan), words stand round the whole and the crops.
 *
 * @param bosToken id at the beginning
 * @param imageToken id of a placeholder
 * @param numTokens placeholders a picture
 * @param pictures the folder's image processor, null for a model of text alone
 */
public record GemmaProcessor(
        Tokenizer tokenizer,
        int bosToken,
        int imageToken,
        int numTokens,
        @Nullable PreprocessorConfig pictures) {

    private static final String START = GemmaChat.IMAGE;
    private static final String END = "<end_of_image>";
    private static final RandomGenerator NO_DRAWS = new Random(0);

    /**
     * What the model is fed.
     *
     * @param images each picture and, after it, its crops
     * @param numCrops of each picture given
     */
    public record Prompt(int[] ids, List<Pixels> images, int[] numCrops) {}

    /**
     * A conversation.
     *
     * @param images in the order of their places in the messages
     * @param open whether the model's turn is opened at the end, for it to answer
     */
    public Prompt chat(List<Message> messages, List<Image> images, boolean open) {
        return text(GemmaChat.render(messages, open), images);
    }

    /** A text as it is, without turns, at the beginning; {@code <start_of_image>} is the place of a picture. */
    public Prompt text(String text, List<Image> images) {
        Prompt prompt = more(text, images);
        int[] ids = IntStream.concat(IntStream.of(bosToken), IntStream.of(prompt.ids()))
                .toArray();
        return new Prompt(ids, prompt.images(), prompt.numCrops());
    }

    /** A text that follows what was fed before. */
    public Prompt more(String text, List<Image> images) {
        String[] between = text.split(START, -1);
        if (between.length - 1 != images.size()) {
            throw new IllegalArgumentException(
                    "%d pictures, the text has places for %d".formatted(images.size(), between.length - 1));
        }
        var pixels = new ArrayList<Pixels>();
        var numCrops = new int[images.size()];
        var ids = IntStream.builder();
        var words = new StringBuilder(between[0]);
        for (int i = 0; i < images.size(); i++) {
            List<Pixels> views = views(images.get(i));
            pixels.addAll(views);
            numCrops[i] = views.size() - 1;
            for (int view = 0; view < views.size(); view++) {
                words.append(before(view, views.size())).append("\n\n").append(START);
                add(ids, words);
                IntStream.range(0, numTokens).forEach(_ -> ids.add(imageToken));
                words.append(END).append("\n\n");
            }
            words.append(between[i + 1]);
        }
        add(ids, words);
        return new Prompt(ids.build().toArray(), pixels, numCrops);
    }

    /** What stands before a picture or crop. */
    private static String before(int view, int views) {
        if (views == 1) {
            return "";
        }
        return switch (view) {
            case 0 -> "Here is the original image ";
            case 1 -> " and here are some crops to help you see better ";
            default -> " ";
        };
    }

    private void add(IntStream.Builder ids, StringBuilder words) {
        if (!words.isEmpty()) {
            IntStream.of(tokenizer.encode(words.toString())).forEach(ids::add);
        }
        words.setLength(0);
    }

    /** Pictures as a model takes them, {@code [N, H, W, 3]}. */
    static Tensor tensor(List<Pixels> images) {
        Pixels first = images.getFirst();
        var values = new float[images.size() * first.values().length];
        for (int i = 0; i < images.size(); i++) {
            System.arraycopy(images.get(i).values(), 0, values, i * first.values().length, first.values().length);
        }
        return Engine.toDevice(Tensors.of(values, images.size(), first.height(), first.width(), 3)); // [N, H, W, 3]
    }

    private List<Pixels> views(Image image) {
        PreprocessorConfig p = Gemma.requireVision(pictures);
        return p.views(image).stream()
                .map(view -> p.preprocess().apply(view, NO_DRAWS))
                .toList();
    }
}
