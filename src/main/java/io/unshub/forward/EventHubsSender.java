package io.unshub.forward;

import com.azure.core.amqp.AmqpRetryOptions;
import com.azure.core.amqp.exception.AmqpErrorCondition;
import com.azure.core.amqp.exception.AmqpException;
import com.azure.messaging.eventhubs.EventData;
import com.azure.messaging.eventhubs.EventDataBatch;
import com.azure.messaging.eventhubs.EventHubClientBuilder;
import com.azure.messaging.eventhubs.EventHubProducerClient;
import com.azure.messaging.eventhubs.models.CreateBatchOptions;
import io.unshub.deadletter.Reason;
import io.unshub.deadletter.Rejection;
import io.unshub.envelope.Batch;
import io.unshub.envelope.Outcome;
import io.unshub.envelope.Reading;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeoutException;
import java.util.function.IntPredicate;
import java.util.function.ToIntFunction;
import org.jboss.logging.Logger;
import reactor.core.Exceptions;

/**
 * Sends the batches of the lanes to Event Hubs, each to its lane's partition.
 *
 * <p>In: a batch of one lane. Out: every reading of it acknowledged by Event Hubs and marked {@link
 * Outcome#FORWARDED}, or rejected because it can never be sent; the bytes are the payload as it is,
 * with {@code topic}, {@code quality}, {@code schemaVersion} and {@code hubSeq} as properties.
 *
 * <p>Guarantees: one send at a time per lane, in the order of the batch. Called again after a
 * failure, it goes on behind what was acknowledged; what was sent but not acknowledged is sent
 * again. Threads: any, one per lane. Failure: any exception means that the far side is not there or
 * refuses for now; the SDK's own retry is off, the caller tries again.
 */
public final class EventHubsSender implements AutoCloseable {

    private static final Logger LOG = Logger.getLogger(EventHubsSender.class);
    private static final Duration TRY = Duration.ofSeconds(8);

    private final String connectionString;
    private final LaneTable lanes;
    private final ToIntFunction<String> laneOf;
    private final IntPredicate laneIsEmpty;
    private EventHubProducerClient client;
    private volatile boolean reachable = true;
    private volatile boolean closed;

    /**
     * @param connectionString of the event hub, with its EntityPath
     * @param lanes which partition each lane goes to
     * @param laneOf the lane of a topic
     * @param laneIsEmpty whether nothing waits in a lane
     */
    public EventHubsSender(
            String connectionString,
            LaneTable lanes,
            ToIntFunction<String> laneOf,
            IntPredicate laneIsEmpty) {
        this.connectionString = connectionString;
        this.lanes = lanes;
        this.laneOf = laneOf;
        this.laneIsEmpty = laneIsEmpty;
    }

    /**
     * Sends a batch and waits until Event Hubs has acknowledged it.
     *
     * @throws IOException if the lane table cannot be kept
     * @throws RuntimeException if Event Hubs does not acknowledge
     */
    public void send(Batch batch) throws IOException {
        if (batch.isEmpty()) {
            return;
        }
        try {
            EventHubProducerClient producer = client();
            String topic = batch.readings().get(0).topic();
            CreateBatchOptions options =
                    new CreateBatchOptions()
                            .setPartitionId(lanes.partitionOf(laneOf.applyAsInt(topic)));
            List<Reading> unsent = new ArrayList<>(batch.size());
            EventDataBatch events = producer.createBatch(options);
            for (Reading reading : batch) {
                if (reading.outcome() == Outcome.FORWARDED || reading.rejected()) {
                    continue;
                }
                EventData event = event(reading);
                if (!add(events, event)) {
                    if (!unsent.isEmpty()) {
                        send(producer, events, unsent);
                        events = producer.createBatch(options);
                    }
                    if (!add(events, event)) {
                        reading.reject(tooLarge(reading, events.getMaxSizeInBytes()));
                        continue;
                    }
                }
                unsent.add(reading);
            }
            if (!unsent.isEmpty()) {
                send(producer, events, unsent);
            }
            reached(null);
        } catch (RuntimeException e) {
            reached(e);
            throw e;
        }
    }

    /** Whether the last send was acknowledged; true before the first. */
    public boolean reachable() {
        return reachable;
    }

    /**
     * Ends the attempts on a far side that is away; a send under way to one that is there goes on.
     */
    public void stopping() {
        closed = !reachable;
    }

    @Override
    public synchronized void close() {
        closed = true;
        if (client != null) {
            client.close();
            client = null;
        }
    }

    private static void send(
            EventHubProducerClient producer, EventDataBatch events, List<Reading> readings) {
        producer.send(events);
        readings.forEach(reading -> reading.end(Outcome.FORWARDED));
        readings.clear();
    }

    private static boolean add(EventDataBatch events, EventData event) {
        try {
            return events.tryAdd(event);
        } catch (AmqpException e) {
            // the SDK throws instead of answering when one event alone is over the limit
            if (e.getErrorCondition() == AmqpErrorCondition.LINK_PAYLOAD_SIZE_EXCEEDED) {
                return false;
            }
            throw e;
        }
    }

    private static EventData event(Reading reading) {
        EventData event = new EventData(reading.payload());
        Map<String, Object> properties = event.getProperties();
        properties.put("topic", reading.topic());
        if (reading.quality() != null) {
            properties.put("quality", reading.quality().name());
            properties.put("schemaVersion", reading.schemaVersion());
        }
        properties.put("hubSeq", reading.hubSeq());
        return event;
    }

    private static Rejection tooLarge(Reading reading, int limit) {
        return new Rejection(
                Reason.FORWARD_REJECTED,
                "payload",
                "reading has %d bytes, Event Hubs takes at most %d with its properties; shorten it"
                                .formatted(reading.payload().length, limit)
                        + " at the source or raise the tier of the namespace, then replay");
    }

    private synchronized EventHubProducerClient client() throws IOException {
        if (closed) {
            throw new IllegalStateException("the sender is closed");
        }
        if (client == null) {
            EventHubProducerClient fresh =
                    new EventHubClientBuilder()
                            .connectionString(connectionString)
                            .retryOptions(
                                    new AmqpRetryOptions().setMaxRetries(0).setTryTimeout(TRY))
                            .buildProducerClient();
            try {
                lanes.spread(
                        fresh.getPartitionIds().stream()
                                .sorted(Comparator.comparingInt(Integer::parseInt))
                                .toList(),
                        laneIsEmpty);
            } catch (RuntimeException | IOException e) {
                fresh.close();
                throw e;
            }
            client = fresh;
        }
        return client;
    }

    /** The SDK wraps what happened in an account of its own retries. */
    private static String cause(Throwable failure) {
        Throwable cause = failure;
        while (Exceptions.isRetryExhausted(cause) && cause.getCause() != null) {
            cause = cause.getCause();
        }
        if (cause instanceof TimeoutException) {
            return "no connection, or no answer on it, within " + TRY.toSeconds() + " s";
        }
        return cause.getMessage() == null ? cause.toString() : cause.getMessage();
    }

    private synchronized void reached(RuntimeException failure) {
        if (failure == null && !reachable) {
            LOG.info("Event Hubs takes readings again; the buffer drains");
        } else if (failure != null && reachable && !closed) {
            LOG.warnf(
                    "Event Hubs does not take readings (%s); they wait in the buffer and are tried"
                            + " again until it does",
                    cause(failure));
        }
        reachable = failure == null;
    }
}
