package io.unshub.ops.console;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class AttemptsTest {

    private Instant now = Instant.parse("2026-01-01T00:00:00Z");
    private final Attempts attempts = new Attempts(() -> now);

    @Test
    void closesAnAccountForTwiceAsLongAfterEachFailure() {
        List<Long> closed = new ArrayList<>();
        for (int i = 0; i < 12; i++) {
            attempts.failed("ann");
            closed.add(attempts.closed("ann").toSeconds());
        }

        assertThat(closed).containsExactly(0L, 0L, 0L, 0L, 1L, 2L, 4L, 8L, 16L, 32L, 60L, 60L);
        assertThat(attempts.closed("bob")).isZero();
    }

    @Test
    void opensItAgainAndForgetsAfterAWhileOrASuccess() {
        for (int i = 0; i < 5; i++) {
            attempts.failed("ann");
            attempts.failed("bob");
        }
        now = now.plusMillis(999);
        assertThat(attempts.closed("ann")).isEqualTo(Duration.ofMillis(1));
        now = now.plusMillis(2);
        assertThat(attempts.closed("ann")).isZero();

        attempts.succeeded("ann");
        attempts.failed("ann");
        now = now.plus(Duration.ofMinutes(16));
        attempts.failed("bob");

        assertThat(attempts.closed("ann")).isZero();
        assertThat(attempts.closed("bob")).isZero();
    }
}
