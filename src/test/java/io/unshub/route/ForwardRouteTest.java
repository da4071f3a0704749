package io.unshub.route;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import com.azure.messaging.eventhubs.EventData;
import io.unshub.buffer.QueueView.Held;
import io.unshub.forward.EventHubsSender.Answer;
import io.unshub.simulator.eventhubs.EventHubsEndpoint;
import io.unshub.simulator.eventhubs.Fault;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The way out waits for a far side that is away, for as long as it takes, and loses nothing. */
class ForwardRouteTest {

    private static final int MEGABYTE = 1_048_576;

    @RegisterExtension
    final HubFixture hub =
            new HubFixture().with("unshub.uns.max-payload-bytes", Integer.toString(MEGABYTE));

    @BeforeEach
    void toTheBuffer() throws Exception {
        hub.run(HubFixture.TO_BUFFER);
    }

    @Test
    void sendsBytesAndRoutingFactsInOrderAndEmptiesTheBuffer() throws Exception {
        hub.startFarSide();
        hub.run("forward");
        String first = hub.envelope(HubFixture.TOPIC, "1.0", Instant.now());

        hub.publish(HubFixture.TOPIC, first);
        hub.publishValues(HubFixture.TOPIC, 2, 5);

        List<EventData> events = hub.events(5);
        assertThat(events).extracting(HubFixture::hubSeq).containsExactly(1L, 2L, 3L, 4L, 5L);
        assertThat(events.get(0).getBody()).isEqualTo(first.getBytes(UTF_8));
        assertThat(events.get(0).getProperties())
                .containsEntry("topic", HubFixture.TOPIC)
                .containsEntry("quality", "GOOD")
                .containsEntry("schemaVersion", "1.0");
        HubFixture.eventually(() -> hub.ledger().forwarded() == 5);
        assertThat(hub.buffered()).isEmpty();
        assertThat(hub.report().findings()).isEmpty();
    }

    @Test
    void waitsForAFarSideThatIsAwayWithoutCountingDeliveriesUpOrSettingAside() throws Exception {
        hub.publishValues(HubFixture.TOPIC, 1, 50);
        hub.awaitAccepted(50);
        hub.run("forward");

        HubFixture.eventually(() -> hub.sender().away().isPresent());

        assertThat(hub.sender().away()).isPresent();
        assertThat(hub.buffered())
                .hasSize(50)
                .allSatisfy(held -> assertThat(held.deliveries()).isLessThanOrEqualTo(1));
        assertThat(hub.deadLetters()).isEmpty();
        assertThat(hub.report().findings()).isEmpty();
        assertThat(hub.report().total().buffered()).isEqualTo(50);
    }

    @Test
    void goesOnInOrderOnceTheFarSideIsThere() throws Exception {
        hub.publishValues(HubFixture.TOPIC, 1, 50);
        hub.awaitAccepted(50);
        hub.run("forward");
        HubFixture.eventually(() -> hub.sender().away().isPresent());
        // what comes meanwhile must not overtake
        hub.publishValues(HubFixture.TOPIC, 51, 80);

        hub.startFarSide();

        assertThat(hub.events(80))
                .extracting(HubFixture::hubSeq)
                .containsExactlyElementsOf(LongStream.rangeClosed(1, 80).boxed().toList());
        HubFixture.eventually(() -> hub.ledger().forwarded() == 80);
        assertThat(hub.deadLetters()).isEmpty();
        assertThat(hub.report().findings()).isEmpty();
    }

    @ParameterizedTest
    @EnumSource(
            value = Fault.class,
            names = {"SERVER_BUSY", "DETACH", "DROP", "SILENCE"})
    void losesAndReordersNothingWhenTheFarSideFailsInTheMiddle(Fault fault) throws Exception {
        EventHubsEndpoint farSide = hub.startFarSide();
        hub.run("forward");
        hub.publishValues(HubFixture.TOPIC, 1, 20);
        hub.events(20);

        farSide.inject(fault);
        hub.publishValues(HubFixture.TOPIC, 21, 60);
        HubFixture.eventually(() -> hub.sender().away().isPresent());
        farSide.inject(Fault.NONE);

        HubFixture.eventually(() -> hub.ledger().forwarded() == 60);
        List<Long> arrived = new ArrayList<>();
        hub.events(60).forEach(event -> arrived.add(HubFixture.hubSeq(event)));
        assertThat(new LinkedHashSet<>(arrived))
                .as("first arrivals; a batch whose answer was lost may come twice")
                .containsExactlyElementsOf(LongStream.rangeClosed(1, 60).boxed().toList());
        assertThat(hub.deadLetters()).isEmpty();
        assertThat(hub.report().findings()).isEmpty();
        boolean busy = fault == Fault.SERVER_BUSY;
        assertThat(hub.sender().sends(busy ? Answer.THROTTLED : Answer.FAILED)).isPositive();
        assertThat(hub.sender().sends(busy ? Answer.FAILED : Answer.THROTTLED)).isZero();
        assertThat(hub.sender().sends(Answer.ACKNOWLEDGED)).isGreaterThanOrEqualTo(2);
    }

    @Test
    void findsTheCulpritInABatchThatIsRefusedForGood() throws Exception {
        EventHubsEndpoint farSide = hub.startFarSide();
        farSide.inject(Fault.POISON);
        hub.publishValues(HubFixture.TOPIC, 1, 8);
        hub.publish(HubFixture.TOPIC, hub.envelope(HubFixture.TOPIC, "\"poison\"", Instant.now()));
        hub.publishValues(HubFixture.TOPIC, 10, 13);
        hub.publish(HubFixture.TOPIC, hub.envelope(HubFixture.TOPIC, "\"poison\"", Instant.now()));
        hub.publishValues(HubFixture.TOPIC, 15, 20);
        hub.awaitAccepted(20);

        hub.run("forward");

        assertThat(hub.events(18))
                .extracting(HubFixture::hubSeq)
                .containsExactlyElementsOf(
                        LongStream.rangeClosed(1, 20)
                                .filter(seq -> seq != 9 && seq != 14)
                                .boxed()
                                .toList());
        HubFixture.eventually(() -> hub.ledger().deadLettered() == 2);
        assertThat(hub.deadLetters())
                .allSatisfy(
                        letter -> {
                            assertThat(letter.reason()).isEqualTo("FORWARD_REJECTED");
                            assertThat(letter.detail())
                                    .startsWith(
                                            "Event Hubs refused this reading for good, with"
                                                    + " com.microsoft:argument-error: poison is not"
                                                    + " taken")
                                    .endsWith("mend what it names, then replay");
                        });
        assertThat(hub.report().findings()).isEmpty();
        assertThat(hub.buffered()).isEmpty();
    }

    @Test
    void sendsLessAtOnceWhereTheFarSideTakesLessThanItSaid() throws Exception {
        EventHubsEndpoint farSide = hub.startFarSide();
        farSide.inject(Fault.SMALL);
        hub.publishValues(HubFixture.TOPIC, 1, 100);
        hub.awaitAccepted(100);

        hub.run("forward");

        assertThat(hub.events(100))
                .extracting(HubFixture::hubSeq)
                .containsExactlyElementsOf(LongStream.rangeClosed(1, 100).boxed().toList());
        HubFixture.eventually(() -> hub.ledger().forwarded() == 100);
        assertThat(hub.deadLetters()).isEmpty();
    }

    @Test
    void waitsForAFarSideThatRefusesItsToken() throws Exception {
        EventHubsEndpoint farSide = hub.startFarSide();
        farSide.inject(Fault.UNAUTHORIZED);
        hub.run("forward");
        hub.publishValues(HubFixture.TOPIC, 1, 5);
        HubFixture.eventually(() -> hub.sender().away().isPresent());
        assertThat(hub.deadLetters()).isEmpty();

        farSide.inject(Fault.NONE);

        HubFixture.eventually(() -> hub.ledger().forwarded() == 5);
        assertThat(hub.events(5))
                .extracting(HubFixture::hubSeq)
                .containsExactly(1L, 2L, 3L, 4L, 5L);
        assertThat(hub.report().findings()).isEmpty();
    }

    @Test
    void keepsTheLanesBackWhileTheFarSideIsAwayAndLetsThemGoAfterwards() throws Exception {
        EventHubsEndpoint farSide = hub.startFarSide();
        farSide.inject(Fault.SERVER_BUSY);
        hub.run("forward");
        List<String> topics =
                LongStream.range(0, 8)
                        .mapToObj(i -> HubFixture.TOPIC.replace("mixer-01", "mixer-1" + i))
                        .toList();
        for (String topic : topics) {
            hub.publishValues(topic, 1, 3);
        }
        HubFixture.eventually(() -> hub.sender().circuitOpen());
        assertThat(hub.sender().away()).isPresent();

        farSide.inject(Fault.NONE);

        HubFixture.eventually(() -> hub.ledger().forwarded() == 24);
        assertThat(hub.sender().circuitOpen()).isFalse();
        assertThat(hub.sender().away()).isEmpty();
        assertThat(hub.report().findings()).isEmpty();
    }

    @Test
    void setsAsideWhatIsTooLargeForTheFarSideAndSendsItsNeighbours() throws Exception {
        String tooLarge = hub.envelope(HubFixture.TOPIC, text(MEGABYTE), Instant.now());
        hub.publishValues(HubFixture.TOPIC, 1, 1);
        hub.publish(HubFixture.TOPIC, tooLarge);
        hub.publishValues(HubFixture.TOPIC, 3, 3);
        hub.awaitAccepted(3);
        hub.startFarSide();

        hub.run("forward");

        assertThat(hub.events(2)).extracting(HubFixture::hubSeq).containsExactly(1L, 3L);
        HubFixture.eventually(() -> hub.ledger().deadLettered() == 1);
        assertThat(hub.deadLetters())
                .singleElement()
                .satisfies(
                        letter -> {
                            assertThat(letter.reason()).isEqualTo("FORWARD_REJECTED");
                            assertThat(letter.hubSeq()).isEqualTo(2);
                            assertThat(letter.payload()).isEqualTo(tooLarge.getBytes(UTF_8));
                            assertThat(letter.detail())
                                    .contains(
                                            "Event Hubs takes at most 1048576",
                                            "shorten it at the source");
                        });
        assertThat(hub.report().findings()).isEmpty();
        assertThat(hub.buffered()).isEmpty();
    }

    @Test
    void keepsWaitingReadingsInTheirPlaceWhenTheRouteIsStoppedMeanwhile() throws Exception {
        hub.publishValues(HubFixture.TOPIC, 1, 10);
        hub.awaitAccepted(10);
        hub.run("forward");
        HubFixture.eventually(() -> hub.sender().away().isPresent());

        hub.sender().stopping();
        hub.camel().getRouteController().stopRoute("forward");

        assertThat(hub.buffered())
                .extracting(Held::topic, Held::hubSeq)
                .startsWith(tuple(HubFixture.TOPIC, 1L))
                .endsWith(tuple(HubFixture.TOPIC, 10L))
                .hasSize(10);
    }

    /** A JSON text that makes an envelope of exactly so many bytes. */
    private String text(int envelopeBytes) {
        int rest = hub.envelope(HubFixture.TOPIC, "\"\"", Instant.now()).length();
        // room for a time of another length
        return '"' + "x".repeat(envelopeBytes - rest - 16) + '"';
    }
}
