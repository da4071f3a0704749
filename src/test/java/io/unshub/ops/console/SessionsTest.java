package io.unshub.ops.console;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class SessionsTest {

    private Instant now = Instant.parse("2026-01-01T00:00:00Z");
    private final Sessions<String> sessions = new Sessions<>(() -> now);

    @Test
    void endsHalfAnHourAfterTheLastRequest() {
        String id = sessions.open("ann");
        now = now.plus(Duration.ofMinutes(29));
        assertThat(sessions.find(id)).contains("ann");
        now = now.plus(Duration.ofMinutes(29));
        assertThat(sessions.find(id)).contains("ann");
        now = now.plus(Duration.ofMinutes(31));

        assertThat(sessions.find(id)).isEmpty();
    }

    @Test
    void endsTwelveHoursAfterTheLoginHoweverBusy() {
        String id = sessions.open("ann");
        for (int i = 0; i < 36; i++) {
            now = now.plus(Duration.ofMinutes(20));
            assertThat(sessions.find(id)).contains("ann");
        }
        now = now.plus(Duration.ofMinutes(20));

        assertThat(sessions.find(id)).isEmpty();
    }

    @Test
    void endsWithTheLogoutAndKeepsTheThousandThatBeganLast() {
        String first = sessions.open("ann");
        String second = sessions.open("ann");
        sessions.close(second);
        assertThat(sessions.find(second)).isEmpty();
        assertThat(first).hasSize(43).isNotEqualTo(second);

        for (int i = 0; i < 1_000; i++) {
            sessions.open("bob");
        }

        assertThat(sessions.find(first)).isEmpty();
    }
}
