package dev.fovea.models.gemma;

import dev.fovea.models.gemma.DecoderConfig.Rotation;
import dev.fovea.models.vit.Size;
import dev.fovea.models.vit.VitConfig;
import dev.fovea.models.vit.VitConfig.Gelu;
import dev.fovea.models.vit.VitConfig.Pool;
import dev.fovea.models.vit.VitConfig.Positions;
import dev.fovea.nn.Params;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Scalar;

/** Small networks with Gemma's parts: seven layers, a window of five. */
final class TinyGemma {

    static final int WINDOW = 5;
    static final int IMAGE = 61; // outside the vocabulary
    static final int SOFT = 9; // more than the window

    static final DecoderConfig TEXT = new DecoderConfig(
            60,
            24,
            40,
            4,
            2,
            8,
            8,
            1e-6,
            WINDOW,
            DecoderConfig.pattern(7, 6),
            new Rotation(1e4, 1),
            new Rotation(1e6, 8),
            null,
            true,
            false,
            128);

    static final GemmaConfig WITHOUT_PICTURES = new GemmaConfig(TEXT, null);

    static final GemmaConfig WITH_PICTURES = new GemmaConfig(
            TEXT,
            new VisionConfig(
                    new VitConfig(
                            Size.of(12),
                            Size.of(2),
                            16,
                            2,
                            24,
                            2,
                            Positions.LEARN,
                            Pool.NONE,
                            0,
                            0,
                            1e-6,
                            Gelu.TANH,
                            null),
                    SOFT,
                    IMAGE,
                    58,
                    59));

    private TinyGemma() {}

    /** A network of random weights large enough that attention is far from even. */
    static Gemma of(Params p, GemmaConfig c) {
        Gemma model = Gemma.of(p, c);
        p.table().values().forEach(x -> x.mul_(new Scalar(8.0)));
        return model;
    }

    /** So many ids of the vocabulary, never 0. */
    static int[] ids(int count, int seed) {
        return IntStream.range(0, count)
                .map(i -> 1 + (i * 17 + i * i * seed + seed * 29) % 56)
                .toArray();
    }
}
