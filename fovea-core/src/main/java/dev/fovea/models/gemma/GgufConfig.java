package dev.fovea.models.gemma;

import dev.fovea.checkpoint.GgufFile;
import dev.fovea.checkpoint.GgufMetadata;
import dev.fovea.checkpoint.GgufTensor;
import dev.fovea.models.gemma.DecoderConfig.Rotation;
import dev.fovea.models.gemma.DecoderConfig.Span;
import dev.fovea.models.vit.Size;
import dev.fovea.models.vit.VitConfig;
import dev.fovea.models.vit.VitConfig.Gelu;
import dev.fovea.models.vit.VitConfig.Pool;
import dev.fovea.models.vit.VitConfig.Positions;
import java.util.List;
import java.util.stream.Stream;

/**
 * Sizes from the metadata of GGUF files, with the published defaults for the keys that writers leave out: the period of
 * global layers, the base of local ones, the scale of queries. Ollama's keys ({@code gemma3.text.*}, {@code
 * gemma3.vision.*}) are read as well as llama.cpp's.
 */
final class GgufConfig {

    private static final int DEPTH_27B = 62;

    private final GgufFile file;
    private final GgufMetadata metadata;

    GgufConfig(GgufFile file) {
        this.file = file;
        this.metadata = file.metadata();
    }

    /** The decoder of a file of architecture {@code gemma3}. */
    DecoderConfig text() {
        if (!file.architecture().equals("gemma3")) {
            throw new IllegalArgumentException(
                    "%s: architecture %s, wanted gemma3".formatted(file.path(), file.architecture()));
        }
        long[] table = file.tensor("token_embd.weight").shape(); // [V, D]
        int depth = text("block_count");
        int width = text("embedding_length");
        int numHeads = text("attention.head_count");
        int headDim = text("attention.key_length", 256);
        // 27B alone divides by the width of a query head as if heads filled the width.
        double queryScalar = depth == DEPTH_27B ? (double) width / numHeads : headDim;
        double softcap = number("final_logit_softcapping", 0);
        boolean scaled = metadata.string(key("rope.scaling.type"), "none").equals("linear");
        return new DecoderConfig(
                Math.toIntExact(table[0]),
                width,
                text("feed_forward_length"),
                numHeads,
                text("attention.head_count_kv"),
                headDim,
                queryScalar,
                number("attention.layer_norm_rms_epsilon", 1e-6),
                text("attention.sliding_window", 1024),
                layers(depth),
                new Rotation(number("rope.freq_base_swa", number("rope.local.freq_base", GemmaConfig.LOCAL_THETA)), 1),
                new Rotation(
                        number("rope.freq_base", number("rope.global.freq_base", GemmaConfig.GLOBAL_THETA)),
                        scaled ? number("rope.scaling.factor", 1) : 1),
                softcap > 0 ? softcap : null,
                !file.tensors().containsKey("output.weight"),
                false,
                text("context_length", 131_072));
    }

    /** A period, or for every layer whether it is local. */
    private List<Span> layers(int depth) {
        String key = key("attention.sliding_window_pattern");
        if (!(metadata.values().get(key) instanceof List<?> local)) {
            return DecoderConfig.pattern(depth, (int) metadata.integer(key, GemmaConfig.PERIOD));
        }
        if (local.size() != depth) {
            throw new IllegalArgumentException(
                    "%s: %s names %d layers, there are %d".formatted(file.path(), key, local.size(), depth));
        }
        return local.stream()
                .map(x -> x.equals(true) || (x instanceof Long n && n != 0) ? Span.LOCAL : Span.GLOBAL)
                .toList();
    }

    /**
     * The picture tower of a projector file, or of Ollama's file of everything.
     *
     * @param numTokens soft tokens a picture, where the file does not say; 0 for the published 256
     */
    VisionConfig vision(int numTokens) {
        String projector =
                metadata.string("clip.projector_type", metadata.string("clip.vision.projector_type", "gemma3"));
        if (!projector.equals("gemma3")) {
            throw new IllegalArgumentException(
                    "%s: projector type %s, wanted gemma3".formatted(file.path(), projector));
        }
        String keys = metadata.has("clip.vision.block_count") ? "clip.vision." : "gemma3.vision.";
        boolean tanh = metadata.bool("clip.use_gelu", true);
        var vit = new VitConfig(
                Size.of((int) metadata.integer(keys + "image_size", 896)),
                Size.of((int) metadata.integer(keys + "patch_size", 14)),
                (int) metadata.integer(keys + "embedding_length"),
                (int) metadata.integer(keys + "block_count"),
                (int) metadata.integer(keys + "feed_forward_length"),
                (int) metadata.integer(keys + "attention.head_count"),
                Positions.LEARN,
                Pool.NONE,
                0,
                0,
                metadata.number(keys + "attention.layer_norm_epsilon", 1e-6),
                tanh ? Gelu.TANH : Gelu.ERF,
                null);
        int tokens = numTokens > 0 ? numTokens : (int) metadata.integer("gemma3.mm.tokens_per_image", 256);
        return new VisionConfig(vit, tokens, 262_144, 255_999, 256_000);
    }

    /** Whether {@code ffn_down} is the first matrix of the tower's MLPs. */
    boolean isSwapped() {
        GgufTensor down = file.tensors().get("v.blk.0.ffn_down.weight");
        GgufTensor up = file.tensors().get("v.blk.0.ffn_up.weight");
        return down != null && up != null && down.shape()[0] > up.shape()[0]; // [F, D] against [D, F]
    }

    private int text(String name) {
        return Math.toIntExact(metadata.integer(key(name)));
    }

    private int text(String name, int fallback) {
        return Math.toIntExact(metadata.integer(key(name), fallback));
    }

    private double number(String name, double fallback) {
        return metadata.number(key(name), fallback);
    }

    private String key(String name) {
        return Stream.of("gemma3.", "gemma3.text.")
                .map(keys -> keys + name)
                .filter(metadata::has)
                .findFirst()
                .orElse("gemma3." + name);
    }
}
