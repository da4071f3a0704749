package io.unshub.ops;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.unshub.buffer.BufferGauge.Level;
import io.unshub.ops.Alarm.Severity;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Alarms, the hold and the forecast, over a gauge and a time of ours. */
class BufferWatchTest {

    private static final long ALLOWED = 1_000_000;

    private final List<Boolean> holds = new ArrayList<>();
    private Instant now = Instant.parse("2026-03-01T12:00:00Z");
    private Level level = level(0, 0, 0, 0);
    private boolean room = true;
    private final Alarms alarms = new Alarms(() -> now, (name, alarm) -> {});
    private final BufferWatch watch = new BufferWatch(() -> level, () -> room, alarms, holds::add);

    @Test
    void warnsAtEightyAndAlarmsAtNinetyFivePercentAndIsQuietBelowSeventy() throws Exception {
        assertThat(severityAt(79)).isNull();
        assertThat(severityAt(80)).isEqualTo(Severity.WARNING);
        assertThat(severityAt(95)).isEqualTo(Severity.ERROR);
        assertThat(severityAt(81)).isEqualTo(Severity.WARNING);
        assertThat(severityAt(71)).as("still raised: no flapping").isEqualTo(Severity.WARNING);
        assertThat(severityAt(69)).isNull();
        assertThat(holds).isEmpty();
    }

    @Test
    void holdsPublishersWhenFullAndLetsThemGoOnceThereIsRoom() throws Exception {
        for (int percent : new int[] {99, 100, 105, 98, 97, 96, 99}) {
            severityAt(percent);
        }

        assertThat(holds).as("held at 100, let go below 97").containsExactly(true, false);
        assertThat(watch.status().full()).isFalse();
    }

    @Test
    void holdsPublishersBackAtAGlanceWhenTheVolumeHasNoRoom() throws Exception {
        watch.glance();
        assertThat(holds).isEmpty();

        room = false;
        watch.glance();
        watch.glance();
        assertThat(holds).containsExactly(true);

        level = level(10, ALLOWED / 2, 10, 0);
        watch.tick();
        assertThat(holds).containsExactly(true, false);
    }

    @Test
    void foreseesWhenTheBufferIsFull() throws Exception {
        level = level(0, 0, 0, 0);
        watch.tick();
        now = now.plusSeconds(100);
        // 1,000 readings of 100 bytes in 100 s, and room for 900,000 bytes more
        level = level(1_000, 100_000, 1_000, 0);
        watch.tick();

        BufferWatch.Status status = watch.status();
        assertThat(status.acceptedPerSecond()).isEqualTo(10);
        assertThat(status.forwardedPerSecond()).isZero();
        assertThat(status.hoursUntilFull()).isCloseTo(900.0 / 3_600, within(0.001));
        assertThat(status.drainSeconds()).isNull();
    }

    @Test
    void foreseesHowLongTheDrainTakes() throws Exception {
        level = level(10_000, 500_000, 10_000, 0);
        watch.tick();
        now = now.plusSeconds(10);
        level = level(6_000, 300_000, 11_000, 5_000);
        watch.tick();

        assertThat(watch.status().drainSeconds()).isCloseTo(15, within(0.001));
        assertThat(watch.status().hoursUntilFull()).isNull();
    }

    @Test
    void takesRatesOverTheLastMinutesOnly() throws Exception {
        level = level(0, 0, 0, 0);
        watch.tick();
        for (int minute = 1; minute <= 20; minute++) {
            now = now.plusSeconds(60);
            level = level(0, 0, minute < 10 ? 0 : (minute - 9) * 600, 0);
            watch.tick();
        }

        assertThat(watch.status().acceptedPerSecond()).isEqualTo(10);
    }

    private Severity severityAt(int percent) throws Exception {
        level = level(10, percent * ALLOWED / 100, 10, 0);
        watch.tick();
        now = now.plusSeconds(5);
        return alarms.active().stream().map(Alarm::severity).findFirst().orElse(null);
    }

    private Level level(long readings, long bytes, long accepted, long forwarded) {
        return new Level(now, readings, bytes, bytes, ALLOWED, null, accepted, forwarded);
    }
}
