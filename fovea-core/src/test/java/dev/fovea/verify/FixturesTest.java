package dev.fovea.verify;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fovea.verify.CaseResult.Status;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** Every recorded case below {@code -Dfovea.fixtures}, by the contract of its README. */
class FixturesTest {

    @TestFactory
    Stream<DynamicTest> everyCase() {
        Path root = Path.of(System.getProperty("fovea.fixtures", "../../shared/fixtures"));
        if (!Files.exists(root.resolve("kinds.json"))) {
            return Stream.of(DynamicTest.dynamicTest(
                    "no fixtures", () -> Assumptions.abort("no fixtures at %s; set -Dfovea.fixtures".formatted(root))));
        }
        String only = System.getProperty("fovea.case", "");
        return Fixtures.below(root).stream()
                .filter(found -> found.id().contains(only))
                .map(found -> DynamicTest.dynamicTest(found.id(), () -> {
                    CaseResult result = Systems.run(found);
                    Assumptions.assumeFalse(
                            result.status() == Status.NOT_BUILT, () -> found.id() + ": " + result.message());
                    assertThat(result.status()).as(result.message()).isEqualTo(Status.PASSED);
                }));
    }
}
