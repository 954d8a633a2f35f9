package dev.fovea.models.gemma;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.fovea.models.gemma.GemmaConfig.Size;
import dev.fovea.models.gemma.GemmaMemory.Format;
import org.junit.jupiter.params.ParameterizedTest;
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
}
