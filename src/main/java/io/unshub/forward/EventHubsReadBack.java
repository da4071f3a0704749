package io.unshub.forward;

import com.azure.messaging.eventhubs.EventData;
import com.azure.messaging.eventhubs.EventHubClientBuilder;
import com.azure.messaging.eventhubs.EventHubConsumerAsyncClient;
import com.azure.messaging.eventhubs.PartitionProperties;
import com.azure.messaging.eventhubs.models.EventPosition;
import com.azure.messaging.eventhubs.models.PartitionEvent;
import io.unshub.parity.Arrival;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import reactor.core.publisher.Mono;

/**
 * Reads what stands at Event Hubs, by the plain SDK, beside whoever else reads it.
 *
 * <p>Guarantee: every event from the given time to the end as it was when the partition was opened,
 * those of one partition in order. Threads: one. Failure: a {@link RuntimeException} when Event
 * Hubs does not answer for half a minute, and {@link Expired} when it no longer has what was asked.
 */
public final class EventHubsReadBack implements AutoCloseable {

    private static final Duration SILENCE = Duration.ofSeconds(30);

    private final EventHubConsumerAsyncClient client;

    /** The event hub has dropped events of the time that was asked for. */
    public static final class Expired extends RuntimeException {

        private static final long serialVersionUID = 1L;

        Expired(Instant kept) {
            super(
                    "the event hub keeps events only since "
                            + kept
                            + "; ask for fewer hours, or raise its retention");
        }
    }

    /**
     * @param connectionString of the event hub, with its EntityPath; Listen is enough
     * @param consumerGroup to read in; {@code $Default} shares its limit of readers with others
     */
    public EventHubsReadBack(String connectionString, String consumerGroup) {
        client =
                new EventHubClientBuilder()
                        .connectionString(connectionString)
                        .consumerGroup(consumerGroup)
                        .buildAsyncConsumerClient();
    }

    /**
     * Hands over all events that were enqueued since a time.
     *
     * @param from the time, by the clock of Event Hubs
     * @param each is given them, partition by partition
     */
    public void read(Instant from, Consumer<Arrival> each) {
        List<String> partitions = answer(client.getPartitionIds().collectList());
        for (String partition : partitions) {
            PartitionProperties properties = answer(client.getPartitionProperties(partition));
            if (!properties.isEmpty() && !properties.getLastEnqueuedTime().isBefore(from)) {
                read(partition, properties, from, each);
            }
        }
    }

    private void read(
            String partition,
            PartitionProperties properties,
            Instant from,
            Consumer<Arrival> each) {
        if (properties.getBeginningSequenceNumber() > 0) {
            PartitionEvent first =
                    client.receiveFromPartition(partition, EventPosition.earliest())
                            .timeout(SILENCE)
                            .blockFirst();
            if (first != null && first.getData().getEnqueuedTime().isAfter(from)) {
                throw new Expired(first.getData().getEnqueuedTime());
            }
        }
        client.receiveFromPartition(partition, EventPosition.fromEnqueuedTime(from))
                .timeout(SILENCE)
                .takeUntil(
                        event ->
                                event.getData().getSequenceNumber()
                                        >= properties.getLastEnqueuedSequenceNumber())
                .doOnNext(event -> each.accept(arrival(partition, event.getData())))
                .blockLast();
    }

    private static Arrival arrival(String partition, EventData event) {
        Map<String, Object> properties = event.getProperties();
        return new Arrival(
                partition,
                event.getEnqueuedTime(),
                properties.get("topic") instanceof String topic ? topic : null,
                properties.get("hubSeq") instanceof Number number ? number.longValue() : 0,
                time(properties.get("acceptedUtc")),
                Boolean.TRUE.equals(properties.get("live")),
                event.getBody());
    }

    private static Instant time(Object text) {
        try {
            return text == null ? null : Instant.parse(text.toString());
        } catch (DateTimeParseException e) {
            return null;
        }
    }

    private static <T> T answer(Mono<T> pending) {
        return pending.timeout(SILENCE).block();
    }

    @Override
    public void close() {
        client.close();
    }
}
