package io.unshub.ops;

import static org.assertj.core.api.Assertions.assertThat;

import io.unshub.collect.Collector;
import io.unshub.collect.Connection;
import io.unshub.collect.ConnectionStatus;
import io.unshub.collect.RunningCollectors;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ConnectionWatchTest {

    private Instant now = Instant.parse("2026-03-01T10:00:00Z");
    private boolean connected;
    private String error;
    private final RunningCollectors collectors = new RunningCollectors();
    private final Alarms alarms = new Alarms(() -> now, (name, alarm) -> {});
    private final ConnectionWatch watch = new ConnectionWatch(collectors, alarms, () -> now);

    @Test
    void raisesAnAlarmAfterHalfAMinuteAndEndsItByItself() {
        collectors.started(new Device());
        watch.tick();
        now = now.plusSeconds(29);
        watch.tick();
        assertThat(alarms.active()).isEmpty();

        error = "Connection refused";
        now = now.plusSeconds(1);
        watch.tick();

        assertThat(alarms.active()).hasSize(1);
        assertThat(alarms.active().get(0).name()).isEqualTo("connection-press");
        assertThat(alarms.active().get(0).text())
                .startsWith("connection press does not answer (Connection refused); ");

        connected = true;
        watch.tick();
        assertThat(alarms.active()).isEmpty();

        connected = false;
        now = now.plusSeconds(100);
        watch.tick();
        assertThat(alarms.active()).isEmpty();
    }

    private final class Device implements Collector {
        @Override
        public void start() {}

        @Override
        public ConnectionStatus status() {
            return new ConnectionStatus(
                    "press",
                    connected,
                    null,
                    0,
                    0,
                    0,
                    Map.of(),
                    error,
                    0,
                    0,
                    0,
                    1,
                    Connection.Budget.NONE);
        }

        @Override
        public void close() {}
    }
}
