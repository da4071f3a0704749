package io.unshub.route;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.unshub.buffer.QueueView;
import io.unshub.buffer.QueueView.Held;
import io.unshub.buffer.Queues;
import java.time.Instant;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The way in: what was published becomes a numbered reading in the hub's own queues. */
class IngestRouteTest {

    private static final String OTHER = HubFixture.TOPIC.replace("torque", "speed");

    @RegisterExtension final HubFixture hub = new HubFixture();

    @Test
    void numbersTheReadingsOfEachTopicFromOneWithoutGap() throws Exception {
        hub.run(HubFixture.TO_BUFFER);

        hub.publishValues(HubFixture.TOPIC, 1, 3);
        hub.publishValues(OTHER, 1, 2);
        hub.publishValues(HubFixture.TOPIC, 4, 4);
        hub.awaitAccepted(6);

        assertThat(hub.buffered())
                .extracting(Held::topic, Held::hubSeq)
                .containsExactlyInAnyOrder(
                        tuple(HubFixture.TOPIC, 1L),
                        tuple(HubFixture.TOPIC, 2L),
                        tuple(HubFixture.TOPIC, 3L),
                        tuple(HubFixture.TOPIC, 4L),
                        tuple(OTHER, 1L),
                        tuple(OTHER, 2L));
        assertThat(hub.report().findings()).isEmpty();
    }

    @Test
    void stampsWhenTheHubTookTheReadingInAndNotWhenItWasMeasured() throws Exception {
        hub.run(HubFixture.TO_BUFFER);
        Instant before = Instant.now();

        hub.publish(
                HubFixture.TOPIC,
                hub.envelope(HubFixture.TOPIC, 1, Instant.parse("2026-01-01T00:00:00Z")));
        hub.awaitAccepted(1);

        assertThat(hub.buffered())
                .singleElement()
                .satisfies(
                        held ->
                                assertThat(held.acceptedUtc())
                                        .isBetween(before.minusMillis(1), Instant.now()));
    }

    @Test
    void numbersAlsoWhatIsNoEnvelopeOnWhateverTopic() throws Exception {
        hub.run(HubFixture.TO_BUFFER);

        hub.publish("mistyped/root", "not an envelope");
        hub.awaitAccepted(1);

        assertThat(hub.deadLetters())
                .extracting(Held::topic, Held::hubSeq, held -> new String(held.payload(), UTF_8))
                .containsExactly(tuple("mistyped/root", 1L, "not an envelope"));
    }

    @Test
    void countsOnAfterTheRouteWasStoppedWhilePublishersWentOn() throws Exception {
        hub.run(HubFixture.TO_BUFFER);
        hub.publishValues(HubFixture.TOPIC, 1, 5);
        hub.awaitAccepted(5);

        hub.camel().getRouteController().stopRoute("ingest");
        hub.publishValues(HubFixture.TOPIC, 6, 9);
        QueueView.awaitDepth(hub.broker(), Queues.INGEST, 4);
        assertThat(hub.report().total().accepted()).as("waiting ones count, too").isEqualTo(9);
        hub.camel().getRouteController().startRoute("ingest");
        hub.awaitAccepted(9);

        assertThat(hub.buffered())
                .extracting(Held::hubSeq)
                .containsExactlyElementsOf(LongStream.rangeClosed(1, 9).boxed().toList());
    }

    @Test
    void condemnsOnlyTheReadingOnWhichALaterStageBreaks() throws Exception {
        hub.run("dead-letter", "buffer", "withhold", "tap", "tag-quality", "ingest");
        hub.camel().getRegistry().bind("fragile", new Fragile());
        hub.load("classpath:fixtures/ingest/fragile-validate.yaml");

        hub.publishValues(HubFixture.TOPIC, 1, 2);
        hub.publish(HubFixture.TOPIC, "poison");
        hub.publishValues(HubFixture.TOPIC, 3, 4);
        hub.awaitAccepted(5);

        assertThat(hub.buffered()).extracting(Held::hubSeq).containsExactly(1L, 2L, 4L, 5L);
        assertThat(hub.deadLetters())
                .singleElement()
                .satisfies(
                        letter -> {
                            assertThat(letter.reason()).isEqualTo("INTERNAL_ERROR");
                            assertThat(letter.hubSeq()).isEqualTo(3);
                            assertThat(letter.payload()).isEqualTo("poison".getBytes(UTF_8));
                            assertThat(letter.detail()).contains("cannot digest");
                        });
        assertThat(hub.report().findings()).isEmpty();
    }
}
