package dev.fovea.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.fovea.config.Configs;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TrainConfigTest {

    @Test
    void epochsAreRoundedUpToSteps() {
        assertThat(Configs.of(TrainConfig.class, "epochs=1.5", "batchSize=100").totalSteps(1001))
                .isEqualTo(16);
        assertThat(Configs.of(TrainConfig.class, "steps=7").totalSteps(1001)).isEqualTo(7);
    }

    @Test
    void aMicroBatchIsItsShareOfTheBatch() {
        assertThat(Configs.of(TrainConfig.class, "steps=1", "batchSize=96", "accumulate=4")
                        .microBatchSize())
                .isEqualTo(24);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        logEvery=1 | steps, epochs: wanted one of them, found neither
        steps=1 epochs=1 | steps, epochs: wanted one of them, found both
        steps=0 | steps: found 0, wanted at least 1
        epochs=0 | epochs: found 0.0, wanted more than 0
        steps=1 batchSize=10 accumulate=4 | batchSize 10 is not a multiple of accumulate 4
        steps=1 saveEvery=-1 | saveEvery: found -1, wanted at least 0
        """)
    void impossibleValuesAreRefused(String values, String message) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Configs.of(TrainConfig.class, values.split(" ")))
                .withMessage("TrainConfig: " + message);
    }
}
