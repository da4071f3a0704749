package io.unshub.route;

import static org.assertj.core.api.Assertions.assertThat;

import com.azure.messaging.eventhubs.EventData;
import io.unshub.buffer.QueueView.Held;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The wall clock of the box jumps an hour back and forth; the order of readings is not its. */
class WallClockTest {

    private static final Duration HOUR = Duration.ofHours(1);

    private final Instant start = Instant.now();
    private final MovableClock clock = new MovableClock(start);

    @RegisterExtension final HubFixture hub = new HubFixture().at(clock);

    @Test
    void keepsOrderAndBooksWhenTheClockJumpsAnHourForthAndBack() throws Exception {
        hub.startFarSide();
        hub.run(HubFixture.TO_BUFFER).run("forward");

        hub.publish(HubFixture.TOPIC, envelope(1));
        hub.awaitAccepted(1);
        clock.move(HOUR);
        hub.publish(HubFixture.TOPIC, envelope(2));
        hub.awaitAccepted(2);
        clock.move(HOUR.negated());
        hub.publish(HubFixture.TOPIC, envelope(3));
        hub.awaitAccepted(3);

        List<EventData> events = hub.events(3);
        assertThat(events)
                .extracting(HubFixture::hubSeq)
                .containsExactlyElementsOf(LongStream.rangeClosed(1, 3).boxed().toList());
        HubFixture.eventually(() -> hub.ledger().forwarded() == 3);
        assertThat(hub.report().findings()).isEmpty();
    }

    @Test
    void keepsWhatSeemsToComeFromTheFutureUntilTheClockIsRight() throws Exception {
        hub.run(HubFixture.TO_BUFFER);
        clock.move(HOUR.negated());
        hub.publish(HubFixture.TOPIC, envelope(1));
        hub.awaitAccepted(1);

        assertThat(hub.deadLetters())
                .singleElement()
                .extracting(Held::detail)
                .asString()
                .contains("tsUtc");

        clock.move(HOUR);
        hub.publish(HubFixture.TOPIC, envelope(2));
        hub.awaitAccepted(2);
        assertThat(hub.buffered()).extracting(Held::hubSeq).containsExactly(2L);
        assertThat(hub.report().findings()).isEmpty();
    }

    @Test
    void startsAgainWithAClockThatWasSetBack() throws Exception {
        hub.run(HubFixture.TO_BUFFER);
        hub.publish(HubFixture.TOPIC, envelope(1));
        hub.awaitAccepted(1);

        clock.move(HOUR.negated());
        hub.restart();
        hub.startFarSide();
        hub.run(HubFixture.TO_BUFFER).run("forward");

        assertThat(hub.events(1)).extracting(HubFixture::hubSeq).containsExactly(1L);
        HubFixture.eventually(() -> hub.ledger().forwarded() == 1);
        assertThat(hub.report().findings()).isEmpty();
        assertThat(hub.report().at()).isEqualTo(start.minus(HOUR));
    }

    private String envelope(int value) {
        return hub.envelope(HubFixture.TOPIC, value, start);
    }
}
