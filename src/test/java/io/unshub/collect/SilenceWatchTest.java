package io.unshub.collect;

import static org.assertj.core.api.Assertions.assertThat;

import io.unshub.envelope.Envelope;
import io.unshub.quality.Quality;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.eclipse.milo.opcua.stack.core.types.builtin.StatusCode;
import org.junit.jupiter.api.Test;

class SilenceWatchTest {

    private static final Instant NOW = Instant.parse("2026-03-01T10:00:00Z");
    private static final SourceStatus GOOD = SourceStatus.of(StatusCode.GOOD);

    private final Readings readings =
            new Readings(
                    new Connection("plc", Protocol.MODBUS, "modbus-tcp://x", false, null, null),
                    Clock.fixed(NOW, ZoneOffset.UTC));
    private final Tag watched = tag("watched", Duration.ofSeconds(30));
    private final Tag free = tag("free", null);
    private final SilenceWatch watch =
            new SilenceWatch(List.of(watched, free), readings, seconds(0));
    private final List<Envelope> out = new ArrayList<>();

    @Test
    void givesOneStaleReadingAndIsStillUntilTheTagSpokeAgain() throws Exception {
        watch.heard(readings.of(watched, GOOD, 7, NOW.minusSeconds(40)), seconds(10));
        watch.heard(readings.of(free, GOOD, 7, NOW.minusSeconds(40)), seconds(10));
        watch.look(seconds(39), out::add);
        assertThat(out).isEmpty();

        watch.look(seconds(40), out::add);
        watch.look(seconds(400), out::add);

        assertThat(out).hasSize(1);
        Envelope stale = out.get(0);
        assertThat(stale.topic()).isEqualTo("watched");
        assertThat(stale.value()).hasToString("7");
        assertThat(stale.quality()).isEqualTo(Quality.STALE);
        assertThat(stale.errorCode()).isEqualTo("Silent");
        assertThat(stale.tsUtc()).isEqualTo(NOW);

        watch.heard(readings.of(watched, GOOD, 8, NOW), seconds(500));
        watch.look(seconds(529), out::add);
        assertThat(out).hasSize(1);
        watch.look(seconds(530), out::add);
        assertThat(out).hasSize(2);
    }

    @Test
    void saysNoValueWhereNoneEverCame() throws Exception {
        watch.look(seconds(30), out::add);

        assertThat(out).hasSize(1);
        assertThat(out.get(0).value().isNull()).isTrue();
        assertThat(out.get(0).quality()).isEqualTo(Quality.STALE);
    }

    @Test
    void makesNoErrorBetter() throws Exception {
        watch.heard(readings.error(watched, "Bad_NoCommunication"), seconds(0));
        watch.look(seconds(30), out::add);

        assertThat(out.get(0).quality()).isEqualTo(Quality.ERROR);
    }

    @Test
    void looksOftenEnoughForTheShortestTime() {
        assertThat(watch.pause()).isEqualTo(Duration.ofSeconds(1));
        assertThat(
                        new SilenceWatch(List.of(tag("quick", Duration.ofMillis(400))), readings, 0)
                                .pause())
                .isEqualTo(Duration.ofMillis(100));
        assertThat(new SilenceWatch(List.of(free), readings, 0).pause()).isNull();
    }

    private static long seconds(long count) {
        return TimeUnit.SECONDS.toNanos(count);
    }

    private static Tag tag(String topic, Duration staleAfter) {
        return Tags.with(Tags.tag(topic, "coil:1:BOOL"), null, staleAfter, null, null, null);
    }
}
