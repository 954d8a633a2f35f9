package dev.fovea.optim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.fovea.config.Configs;
import java.util.List;
import org.junit.jupiter.api.Test;

class ScheduleTest {

    private static Schedule of(String yaml, long total) {
        return Configs.parse(ScheduleConfig.class, yaml, "schedule", List.of())
                .toSchedule(1, new Horizon(total, 10L, 100L));
    }

    @Test
    void warmupBeginsAtZeroAndEndsAtThePeak() {
        Schedule s = of("{decay: cosine, warmup: {steps: 10}}", 100);
        assertThat(s.at(0)).isZero();
        assertThat(s.at(5)).isEqualTo(0.5);
        assertThat(s.at(10)).isEqualTo(1);
        assertThat(s.at(55)).isCloseTo(0.5, within(1e-12));
        assertThat(s.at(100)).isCloseTo(0, within(1e-12));
    }

    @Test
    void rateStaysAtItsEndPastTheRun() {
        Schedule s = of("{decay: {type: linear, end: 0.25}}", 100);
        assertThat(s.at(100)).isEqualTo(0.25);
        assertThat(s.at(1000)).isEqualTo(0.25);
    }

    @Test
    void cooldownMultipliesAndGoesBelowZeroPastTheEnd() {
        Schedule s = of("{decay: {type: rsqrt, timescale: {steps: 100}}, cooldown: {percent: 0.5}}", 100);
        assertThat(s.at(75)).isCloseTo(0.5 / Math.sqrt(1.75), within(1e-12));
        assertThat(s.at(100)).isZero();
        assertThat(s.at(110)).isNegative();
    }

    @Test
    void stairChangesAtTheStepItself() {
        Schedule s = of("{decay: {type: stair, steps: [30, 60], mults: [0.1, 0.01]}}", 100);
        assertThat(List.of(s.at(29), s.at(30), s.at(59), s.at(60))).containsExactly(1.0, 0.1, 0.1, 0.01);
    }

    @Test
    void hyperRuleKeepsTheOldRateAtTheStepItself() {
        BitHyperRule rule = BitHyperRule.of(50_000);
        assertThat(List.of(rule.at(0), rule.at(500), rule.at(3000))).containsExactly(0.0, 0.003, 0.003);
        assertThat(rule.at(3001)).isCloseTo(0.0003, within(1e-12));
        assertThat(rule.at(rule.totalSteps())).isZero();
    }

    @Test
    void lengthsRoundHalvesToEvenAndAreAtLeastOneStep() {
        var run = new Horizon(100, 64L, 1000L);
        assertThat(TrainLength.examples(96).toSteps(run)).isEqualTo(2); // 1.5
        assertThat(TrainLength.examples(160).toSteps(run)).isEqualTo(2); // 2.5
        assertThat(TrainLength.epochs(1e-4).toSteps(run)).isEqualTo(1);
        assertThat(TrainLength.epochs(0).toSteps(run)).isZero();
    }

    @Test
    void lengthInEpochsNeedsTheSizeOfTheData() {
        assertThatThrownBy(() -> TrainLength.epochs(1).toSteps(Horizon.of(10)))
                .hasMessage("a length in epochs takes the run's dataSize, which is not known here; "
                        + "give it in steps or percent");
    }

    @Test
    void lengthHasOneUnit() {
        assertThatThrownBy(() -> new TrainLength(1L, 1.0, null, null))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("found steps 1, epochs 1.0, examples null, percent null");
    }

    @Test
    void warmupMustBeShorterThanTheRun() {
        assertThatThrownBy(() -> of("{warmup: {steps: 10}}", 10))
                .hasMessage("warmup: found 10 steps, wanted fewer than the run's 10");
    }

    @Test
    void stairNeedsAMultiplierForEachStep() {
        assertThatThrownBy(() -> new Decay.Stair(List.of(1L, 2L), List.of(0.1)))
                .hasMessage("stair: found 1 mults for 2 steps, wanted one each");
    }
}
