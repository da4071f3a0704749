package io.unshub.route;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import io.unshub.buffer.QueueView.Held;
import io.unshub.envelope.Batch;
import io.unshub.envelope.Reading;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Dead letters: the original bytes and the reason, kept in the transaction of the batch. */
class DeadLetterRouteTest {

    @RegisterExtension final HubFixture hub = new HubFixture();

    @Test
    void keepsTheOriginalBytesWithTopicReasonAndDetail() throws Exception {
        hub.run(HubFixture.TO_BUFFER);
        String original = "{\"value\": 1.00,  \"caf\u00e9\": tru";

        hub.publish(HubFixture.TOPIC, original);
        hub.awaitAccepted(1);

        assertThat(hub.deadLetters())
                .singleElement()
                .satisfies(
                        letter -> {
                            assertThat(letter.topic()).isEqualTo(HubFixture.TOPIC);
                            assertThat(letter.payload()).isEqualTo(original.getBytes(UTF_8));
                            assertThat(letter.reason()).isEqualTo("PARSE_ERROR");
                            assertThat(letter.detail()).isNotBlank();
                            assertThat(letter.hubSeq()).isEqualTo(1);
                        });
    }

    @Test
    void takesOnlyTheRejectedOnesOutAndKeepsTheirOrder() throws Exception {
        hub.run(HubFixture.TO_BUFFER);

        hub.publish(HubFixture.TOPIC, "first");
        hub.publishValues(HubFixture.TOPIC, 2, 2);
        hub.publish(HubFixture.TOPIC, "third");
        hub.awaitAccepted(3);

        assertThat(hub.deadLetters())
                .extracting(Held::hubSeq, letter -> new String(letter.payload(), UTF_8))
                .containsExactly(tuple(1L, "first"), tuple(3L, "third"));
        assertThat(hub.buffered())
                .extracting(Held::hubSeq, Held::previous)
                .as("the link steps over the dead letter: a gap is no loss")
                .containsExactly(tuple(2L, 0L));
        assertThat(hub.report().total().deadLettered()).isEqualTo(2);
        assertThat(hub.report().findings()).isEmpty();
    }

    @Test
    void refusesToSetAsideOutsideATransaction() throws Exception {
        hub.run("dead-letter");

        assertThatThrownBy(
                        () ->
                                hub.send(
                                        "direct:dead-letter",
                                        new Batch(
                                                List.of(
                                                        new Reading(
                                                                HubFixture.TOPIC,
                                                                new byte[] {1})))))
                .rootCause()
                .hasMessage(
                        "buffer://dead-letter stands in a route that does not start from buffer:,"
                                + " so there is no transaction to enlist in; start the route from"
                                + " buffer:ingest or buffer:lanes, or publish on MQTT");
    }
}
