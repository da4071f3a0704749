package io.unshub.route;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.unshub.buffer.QueueView;
import io.unshub.buffer.QueueView.Held;
import io.unshub.buffer.Queues;
import io.unshub.envelope.Batch;
import io.unshub.envelope.Reading;
import java.time.Instant;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The buffer: each reading in the lane of its equipment, in order, linked to the one before. */
class BufferRouteTest {

    private static final int COUNT = 1_200;

    @RegisterExtension final HubFixture hub = new HubFixture();

    @Test
    void keepsTheOrderOfATopicOverManyBatchesAndLinksEachReadingToTheOneBefore() throws Exception {
        hub.run(HubFixture.TO_BUFFER);

        hub.publishValues(HubFixture.TOPIC, 1, COUNT);
        hub.awaitAccepted(COUNT);

        List<Held> lane = lane(HubFixture.TOPIC);
        assertThat(lane)
                .extracting(Held::hubSeq)
                .containsExactlyElementsOf(LongStream.rangeClosed(1, COUNT).boxed().toList());
        assertThat(lane)
                .extracting(Held::previous)
                .containsExactlyElementsOf(LongStream.range(0, COUNT).boxed().toList());
    }

    @Test
    void keepsAllTagsOfOneEquipmentInOneLane() throws Exception {
        hub.run(HubFixture.TO_BUFFER);
        String other = HubFixture.TOPIC.replace("torque", "speed");

        for (int value = 1; value <= 3; value++) {
            hub.publishValues(HubFixture.TOPIC, value, value);
            hub.publishValues(other, value, value);
        }
        hub.awaitAccepted(6);

        assertThat(lane(HubFixture.TOPIC))
                .extracting(Held::topic)
                .containsExactly(
                        HubFixture.TOPIC, other, HubFixture.TOPIC, other, HubFixture.TOPIC, other);
    }

    @Test
    void keepsTheBytesAsTheyWerePublished() throws Exception {
        hub.run(HubFixture.TO_BUFFER);
        String published =
                hub.envelope(HubFixture.TOPIC, "9223372036854775807", Instant.now())
                        .replace("{", "{ \"unknown\" : 1e3,\t");

        hub.publish(HubFixture.TOPIC, published);
        hub.awaitAccepted(1);

        assertThat(lane(HubFixture.TOPIC))
                .extracting(held -> new String(held.payload(), UTF_8))
                .containsExactly(published);
    }

    @Test
    void refusesToBufferOutsideATransaction() throws Exception {
        hub.run("buffer");

        assertThatThrownBy(
                        () ->
                                hub.send(
                                        "direct:buffer",
                                        new Batch(
                                                List.of(
                                                        new Reading(
                                                                HubFixture.TOPIC,
                                                                new byte[] {1})))))
                .rootCause()
                .hasMessageStartingWith(
                        "buffer://lanes stands in a route that does not start from buffer:");
    }

    private List<Held> lane(String topic) throws Exception {
        return QueueView.of(hub.broker(), Queues.lane(Queues.laneOf(topic)));
    }
}
