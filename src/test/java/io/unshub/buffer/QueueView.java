package io.unshub.buffer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.unshub.envelope.Reading;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.apache.activemq.artemis.api.core.Message;
import org.apache.activemq.artemis.core.server.MessageReference;

/** What a queue of the hub holds, those messages among it that a consumer has in hand. */
public final class QueueView {

    private QueueView() {}

    /**
     * One reading.
     *
     * @param topic its topic
     * @param hubSeq place in the topic's sequence
     * @param previous hubSeq of the one before it in the buffer; 0 in the dead letters
     * @param acceptedUtc when the hub took it in
     * @param payload the bytes
     * @param quality the flag that travels with it; null when it was never validated
     * @param reason why it was set aside; null in the buffer
     * @param detail why, in words; null in the buffer
     * @param deliveries how often it was handed to a consumer and not given back
     */
    public record Held(
            String topic,
            long hubSeq,
            Long previous,
            Instant acceptedUtc,
            byte[] payload,
            String quality,
            String reason,
            String detail,
            int deliveries) {}

    /** Waits until a queue holds so many: it takes in what was committed on a thread of its own. */
    public static void awaitDepth(Broker broker, String name, long messages) {
        await().untilAsserted(() -> assertThat(broker.depth(name)).contains(messages));
    }

    /** The readings of a queue, in its order. */
    public static List<Held> of(Broker broker, String name) throws Exception {
        return broker.contents(name).stream().flatMap(QueueView::held).toList();
    }

    /** The readings of all lanes, lane by lane. */
    public static List<Held> ofLanes(Broker broker) throws Exception {
        List<Held> all = new ArrayList<>();
        for (String lane : Queues.buffer()) {
            all.addAll(of(broker, lane));
        }
        return all;
    }

    /** Deletes a reading, which travels alone, from a queue behind the hub's back. */
    static void delete(Broker broker, String lane, String topic, long hubSeq) throws Exception {
        for (MessageReference held : broker.contents(lane)) {
            List<Reading> readings = UnitOfWork.waiting(held.getMessage());
            if (readings.stream().anyMatch(each -> is(each, topic, hubSeq))) {
                if (readings.size() != 1) {
                    throw new AssertionError(topic + " " + hubSeq + " travels with others");
                }
                broker.queue(lane).orElseThrow().deleteReference(held.getMessageID());
                return;
            }
        }
        throw new AssertionError("no reading " + hubSeq + " of " + topic + " to delete");
    }

    private static boolean is(Reading reading, String topic, long hubSeq) {
        return reading.topic().equals(topic) && reading.hubSeq() == hubSeq;
    }

    private static Stream<Held> held(MessageReference ref) {
        Message message = ref.getMessage();
        return UnitOfWork.waiting(message).stream()
                .map(
                        reading ->
                                new Held(
                                        reading.topic(),
                                        reading.hubSeq(),
                                        reading.hubPrevSeq(),
                                        reading.acceptedUtc(),
                                        reading.payload(),
                                        reading.quality() == null ? null : reading.quality().name(),
                                        message.getStringProperty("reason"),
                                        message.getStringProperty("detail"),
                                        ref.getDeliveryCount()));
    }
}
