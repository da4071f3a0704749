package io.unshub.buffer;

import static org.assertj.core.api.Assertions.assertThat;

import io.unshub.access.Refusal.Reason;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class ConnectionsTest {

    private Instant now = Instant.parse("2026-01-01T00:00:00Z");
    private final Connections connections =
            new Connections(new MqttLimits(4, 3, 2, Duration.ofSeconds(1), 1, 1, 1), () -> now);

    @Test
    void letsAnAddressBeginSoManyWithinASecond() {
        assertThat(connections.enter("a")).isEmpty();
        assertThat(connections.enter("a")).isEmpty();
        assertThat(connections.enter("a")).contains(Reason.CONNECTION_RATE);
        assertThat(connections.enter("b")).isEmpty();

        now = now.plusSeconds(1);

        assertThat(connections.enter("a")).isEmpty();
    }

    @Test
    void letsAnAddressHaveSoManyAndAllTogetherSoMany() {
        for (int i = 0; i < 3; i++) {
            assertThat(connections.enter("a")).isEmpty();
            now = now.plusSeconds(1);
        }
        assertThat(connections.enter("a")).contains(Reason.CONNECTIONS);
        assertThat(connections.enter("b")).isEmpty();
        assertThat(connections.enter("c")).contains(Reason.CONNECTIONS);
        assertThat(connections.open()).isEqualTo(4);

        connections.leave("a");

        assertThat(connections.enter("c")).isEmpty();
    }
}
