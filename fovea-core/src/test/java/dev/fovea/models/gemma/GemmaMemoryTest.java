package dev.fovea.models.gemma;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.fovea.kernel.KvRows;
import dev.fovea.models.gemma.GemmaConfig.Size;
import dev.fovea.models.gemma.GemmaMemory.Format;
import dev.fovea.nn.Params;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class GemmaMemoryTest {

    /** Two bytes a parameter; the report counts the tower of pictures apart, and its figures are rounded. */
    @ParameterizedTest
    @EnumSource(
            value = Size.class,
            names = {"GEMMA3_1B", "GEMMA3_4B", "GEMMA3_12B", "GEMMA3_27B"})
    void sixteenBitsAreNearTheReport(Size size) {
        GemmaConfig config = GemmaConfig.of(size);
        long tower = config.vision() == null ? 0 : 2 * config.vision().towerParameters();
        double found = (GemmaMemory.of(config, Format.BF16, 1, 1, 2).weightBytes() - tower) / 1e9;
        double stated = requireNonNull(GemmaMemory.stated(size, Format.BF16)).weights();
        assertThat(found / stated).isCloseTo(1, within(0.035));
    }

    /** 16-bit weights are two bytes for each parameter that the network has. */
    @ParameterizedTest
    @EnumSource(Size.class)
    void everyParameterIsCounted(Size size) {
        GemmaConfig config = GemmaConfig.of(size);
        assertThat(GemmaMemory.of(config, Format.BF16, 1, 1, 2).weightBytes()).isEqualTo(2 * config.parameters());
        assertThat(GemmaMemory.of(config, Format.F32, 1, 1, 2).weightBytes()).isEqualTo(4 * config.parameters());
    }

    /** Weights and cache are the bytes that a model's kernels have allocated. */
    @ParameterizedTest
    @CsvSource({"INT8, INT8", "INT4, BF16", "BF16, INT8"})
    void packedWeightsAndCacheAreWhatIsAllocated(WeightFormat weights, KvRows.Format cache) {
        try (Params params = Params.fresh(2)) {
            Gemma model = TinyGemma.of(params, TinyGemma.WITHOUT_PICTURES);
            DecoderConfig c = TinyGemma.TEXT;
            long norms = c.depth() * (4L * c.width() + 2L * c.headDim())
                    + c.width(); // float32 in memory, 16 bits in the file
            try (var kernels = GemmaKernels.of(model, weights, 1)) {
                kernels.keep(cache);
                try (var decoding = kernels.decoding()) {
                    decoding.next(TinyGemma.ids(300, 1));
                    GemmaMemory stated = GemmaMemory.of(
                            TinyGemma.WITHOUT_PICTURES,
                            Format.of(weights),
                            300,
                            1,
                            cache == KvRows.Format.INT8 ? 1 : 2);
                    assertThat(stated.weightBytes()).isEqualTo(kernels.weightBytes() - 2 * norms);
                    assertThat(stated.cacheBytes()).isEqualTo(decoding.cacheBytes());
                }
            }
        }
    }

    /** Blocks of 32 with scales, and a head of bytes: not 4 bits a weight. */
    @Test
    void fourBitsAreCountedWithTheirScalesAndTheHead() {
        GemmaConfig config = GemmaConfig.of(Size.GEMMA3_1B);
        assertThat(GemmaMemory.of(config, Format.INT4, 1, 1, 2).weightBytes() / 1e9)
                .isCloseTo(0.696, within(0.001));
    }
}
