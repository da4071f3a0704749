package io.unshub.ops.access;

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
            assertThat(attempts.begin("ann")).isZero();
            Duration left = i < 4 ? Duration.ZERO : attempts.begin("ann");
            closed.add(left.toSeconds());
            now = now.plus(left);
        }

        assertThat(closed).containsExactly(0L, 0L, 0L, 0L, 1L, 2L, 4L, 8L, 16L, 32L, 60L, 60L);
        assertThat(attempts.begin("bob")).isZero();
    }

    @Test
    void isOpenAgainToTheMillisecondAndForgetsAfterASuccess() {
        fail("ann", 5);
        now = now.plusMillis(999);
        assertThat(attempts.begin("ann")).isEqualTo(Duration.ofMillis(1));
        now = now.plusMillis(1);
        assertThat(attempts.begin("ann")).isZero();
        attempts.succeeded("ann");

        fail("ann", 4);
        assertThat(attempts.begin("ann")).isZero();
    }

    @Test
    void forgetsAfterAQuarterOfAnHour() {
        fail("ann", 5);
        now = now.plus(Duration.ofMinutes(16));

        fail("ann", 4);
        assertThat(attempts.begin("ann")).isZero();
    }

    private void fail(String account, int times) {
        for (int i = 0; i < times; i++) {
            assertThat(attempts.begin(account)).isZero();
        }
    }
}
