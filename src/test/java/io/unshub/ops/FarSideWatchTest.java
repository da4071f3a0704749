package io.unshub.ops;

import static org.assertj.core.api.Assertions.assertThat;

import io.unshub.forward.EventHubsSender.Away;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class FarSideWatchTest {

    private static final Instant START = Instant.parse("2026-03-01T10:00:00Z");

    private Instant now = START;
    private Optional<Away> away = Optional.empty();
    private Optional<String> trouble = Optional.empty();
    private final Alarms alarms = new Alarms(() -> now, (name, alarm) -> {});
    private final FarSideWatch watch =
            new FarSideWatch(() -> away, () -> trouble, alarms, () -> now);

    @Test
    void raisesAnAlarmOnceItLastsAndEndsIt() {
        away = Optional.of(new Away(START, "the server is busy"));
        now = START.plusSeconds(30);
        watch.tick();
        assertThat(alarms.active()).isEmpty();

        now = START.plusSeconds(31);
        watch.tick();
        assertThat(alarms.active())
                .singleElement()
                .satisfies(
                        alarm -> {
                            assertThat(alarm.name()).isEqualTo("event-hubs");
                            assertThat(alarm.severity()).isEqualTo(Alarm.Severity.WARNING);
                            assertThat(alarm.text())
                                    .startsWith(
                                            "Event Hubs has taken no readings since"
                                                    + " 2026-03-01T10:00:00Z (the server is busy);"
                                                    + " nothing is lost");
                        });

        away = Optional.empty();
        watch.tick();
        assertThat(alarms.active()).isEmpty();
    }

    @Test
    void tellsOfTheBrokerOnceItLasts() {
        trouble = Optional.of("nothing has come");
        watch.tick();
        now = START.plusSeconds(30);
        watch.tick();
        assertThat(alarms.active()).isEmpty();

        now = START.plusSeconds(31);
        watch.tick();
        assertThat(alarms.active())
                .singleElement()
                .satisfies(
                        alarm -> {
                            assertThat(alarm.name()).isEqualTo("uns-broker");
                            assertThat(alarm.text()).isEqualTo("nothing has come");
                        });

        trouble = Optional.empty();
        watch.tick();
        assertThat(alarms.active()).isEmpty();
    }
}
