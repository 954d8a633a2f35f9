package dev.fovea.tensor;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

class OwnThreadTest {

    @Test
    void onlyTheCallersOperationsRunAloneAndOnlyUntilItIsClosed() throws InterruptedException {
        Assumptions.assumeTrue(OwnThread.isPossible(), "this libtorch has another OpenMP");
        int before = Engine.threads();
        try {
            Engine.setThreads(3);
            var elsewhere = new AtomicInteger();
            try (var _ = new OwnThread()) {
                assertThat(Engine.threads()).isEqualTo(1);
                try (var _ = new OwnThread()) {
                    assertThat(Engine.threads()).isEqualTo(1);
                }
                assertThat(Engine.threads()).isEqualTo(1);
                Thread other = Thread.ofPlatform().start(() -> elsewhere.set(Engine.threads()));
                other.join();
            }
            assertThat(elsewhere).hasValue(3);
            assertThat(Engine.threads()).isEqualTo(3);
        } finally {
            Engine.setThreads(before);
        }
    }
}
