package io.unshub.buffer;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.apache.activemq.artemis.api.core.Message;
import org.apache.activemq.artemis.core.filter.impl.FilterImpl;
import org.apache.activemq.artemis.core.server.MessageReference;
import org.apache.activemq.artemis.core.server.Queue;

/** What a queue of the hub holds, those messages among it that a consumer has in hand. */
public final class QueueView {

    private QueueView() {}

    /**
     * One message.
     *
     * @param topic the topic of its reading
     * @param hubSeq place in the topic's sequence
     * @param previous hubSeq of the one before it in the buffer; null in the dead letters
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

    /** The messages of a queue, in its order. */
    public static List<Held> of(Broker broker, String name) throws Exception {
        return broker.contents(name).stream().map(QueueView::held).toList();
    }

    /** The messages of all lanes, lane by lane. */
    public static List<Held> ofLanes(Broker broker) throws Exception {
        List<Held> all = new ArrayList<>();
        for (String lane : Queues.buffer()) {
            all.addAll(of(broker, lane));
        }
        return all;
    }

    /** Deletes a reading from its lane behind the hub's back. */
    public static void delete(Broker broker, String topic, long hubSeq) throws Exception {
        Queue lane = broker.queue(Queues.lane(Queues.laneOf(topic))).orElseThrow();
        String filter = "topic = '%s' AND hubSeq = %d".formatted(topic, hubSeq);
        if (lane.deleteMatchingReferences(FilterImpl.createFilter(filter)) != 1) {
            throw new AssertionError("no message to delete where " + filter);
        }
    }

    private static Held held(MessageReference ref) {
        Message message = ref.getMessage();
        return new Held(
                message.getStringProperty(UnitOfWork.TOPIC),
                message.getLongProperty(UnitOfWork.SEQ),
                message.containsProperty(UnitOfWork.PREVIOUS)
                        ? message.getLongProperty(UnitOfWork.PREVIOUS)
                        : null,
                Instant.ofEpochMilli(message.getLongProperty("acceptedUtc")),
                Broker.body(message),
                message.getStringProperty("quality"),
                message.getStringProperty("reason"),
                message.getStringProperty("detail"),
                ref.getDeliveryCount());
    }
}
