package io.unshub.collect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import org.junit.jupiter.api.Test;

/** The first two rounds of {@code make soak}: each wire cut twice, 100 cuts in all. */
class SoakIT {

    @Test
    void comesBackFromEachCutWithAllThatWasQueuedAndNothingLeftBehind() throws Exception {
        // not every system answers on all of 127/8
        assumeThat(System.getProperty("os.name")).isEqualTo("Linux");
        try (Soak soak = new Soak()) {
            Soak.Verdict verdict = soak.run(2);

            assertThat(verdict.faults()).isEmpty();
            assertThat(verdict.cuts()).isEqualTo(100);
            assertThat(verdict.reconnects()).isGreaterThanOrEqualTo(80);
        }
    }
}
