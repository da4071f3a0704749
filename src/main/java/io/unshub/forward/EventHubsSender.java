package io.unshub.forward;

import com.azure.core.amqp.AmqpRetryOptions;
import com.azure.core.amqp.exception.AmqpErrorCondition;
import com.azure.core.amqp.exception.AmqpException;
import com.azure.core.exception.ClientAuthenticationException;
import com.azure.messaging.eventhubs.EventData;
import com.azure.messaging.eventhubs.EventDataBatch;
import com.azure.messaging.eventhubs.EventHubProducerAsyncClient;
import com.azure.messaging.eventhubs.models.CreateBatchOptions;
import io.smallrye.faulttolerance.api.CircuitBreakerState;
import io.smallrye.faulttolerance.api.Guard;
import io.unshub.deadletter.Reason;
import io.unshub.deadletter.Rejection;
import io.unshub.envelope.Batch;
import io.unshub.envelope.Outcome;
import io.unshub.envelope.Reading;
import io.unshub.uns.Excerpt;
import io.unshub.uns.Tally;
import io.unshub.uns.UtcText;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.IntPredicate;
import java.util.function.Supplier;
import java.util.function.ToIntFunction;
import org.jboss.logging.Logger;
import reactor.core.Exceptions;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

/**
 * Sends the batches of the lanes to Event Hubs, each to its lane's partition.
 *
 * <p>In: a batch of one lane. Out: every reading of it acknowledged by Event Hubs and marked {@link
 * Outcome#FORWARDED}, or rejected because it can never be sent; the bytes are the payload as it is,
 * with {@code topic}, {@code quality}, {@code schemaVersion}, {@code hubSeq} and {@code
 * acceptedUtc} as properties.
 *
 * <p>Guarantees: one send at a time per lane, in the order of the batch. Called again after a
 * failure, it goes on behind what was acknowledged; what was sent but not acknowledged is sent
 * again. Threads: any, one per lane; only {@link #send} waits for the far side. Failure: any
 * exception means that the far side is not there or refuses for now; the SDK's own retry is off,
 * the caller tries again. After three failures among four sends a circuit breaker refuses at once,
 * and lets one through every five seconds.
 */
public final class EventHubsSender implements AutoCloseable {

    private static final Logger LOG = Logger.getLogger(EventHubsSender.class);
    private static final Duration TRY = Duration.ofSeconds(8);
    private static final Duration ANSWER = TRY.plusSeconds(2);

    // about these bytes, not about this moment: the same again would be refused again
    private static final Set<AmqpErrorCondition> REFUSED_FOR_GOOD =
            Set.of(
                    AmqpErrorCondition.LINK_PAYLOAD_SIZE_EXCEEDED,
                    AmqpErrorCondition.ARGUMENT_ERROR,
                    AmqpErrorCondition.ARGUMENT_OUT_OF_RANGE_ERROR);

    private final Supplier<EventHubsLogin> login;
    private final LaneTable lanes;
    private final ToIntFunction<String> laneOf;
    private final IntPredicate laneIsEmpty;
    private final InstantSource clock;
    // held while a connection is opened, and never with what the hub itself waits for
    private final Object opening = new Object();
    private EventHubProducerAsyncClient client;
    private EventHubsLogin loggedInBy;
    private boolean loginUnread;
    private volatile Away away;
    private volatile boolean circuitOpen;
    private volatile boolean closed;
    private volatile Instant heldUntil = Instant.MIN;
    private final Tally<Answer> sends = new Tally<>();

    // one for all lanes: while nothing is taken, one of them asks and the others wait
    private final Guard breaker =
            Guard.create()
                    .withCircuitBreaker()
                    .requestVolumeThreshold(4)
                    .failureRatio(0.75)
                    .delay(5, ChronoUnit.SECONDS)
                    .successThreshold(1)
                    .onStateChange(state -> circuitOpen = state != CircuitBreakerState.CLOSED)
                    .done()
                    .build();

    /**
     * @param login how to log in, as it is now; asked for whenever a connection is opened
     * @param lanes which partition each lane goes to
     * @param laneOf the lane of a topic
     * @param laneIsEmpty whether nothing waits in a lane
     * @param clock tells since when the far side is away
     */
    public EventHubsSender(
            Supplier<EventHubsLogin> login,
            LaneTable lanes,
            ToIntFunction<String> laneOf,
            IntPredicate laneIsEmpty,
            InstantSource clock) {
        this.login = login;
        this.lanes = lanes;
        this.laneOf = laneOf;
        this.laneIsEmpty = laneIsEmpty;
        this.clock = clock;
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
            breaker.call(
                    () -> {
                        attempt(batch);
                        return null;
                    },
                    Void.class);
        } catch (IOException | RuntimeException e) {
            throw e;
        } catch (Exception e) {
            throw new IllegalStateException("a send failed in a way that it does not declare", e);
        }
    }

    private void attempt(Batch batch) throws IOException {
        EventHubProducerAsyncClient producer = null;
        try {
            if (clock.instant().isBefore(heldUntil)) {
                throw new IllegalStateException("a drill holds the readings until " + heldUntil);
            }
            producer = client();
            String topic = batch.readings().get(0).topic();
            CreateBatchOptions options =
                    new CreateBatchOptions()
                            .setPartitionId(lanes.partitionOf(laneOf.applyAsInt(topic)));
            List<Reading> unsent = new ArrayList<>(batch.size());
            EventDataBatch events = answer(producer.createBatch(options));
            for (Reading reading : batch) {
                if (reading.outcome() == Outcome.FORWARDED || reading.rejected()) {
                    continue;
                }
                EventData event = event(reading);
                if (!add(events, event)) {
                    if (!unsent.isEmpty()) {
                        send(producer, options, events, unsent);
                        unsent.clear();
                        events = answer(producer.createBatch(options));
                    }
                    if (!add(events, event)) {
                        reading.reject(tooLarge(reading, events.getMaxSizeInBytes()));
                        continue;
                    }
                }
                unsent.add(reading);
            }
            if (!unsent.isEmpty()) {
                send(producer, options, events, unsent);
            }
            reached(null);
            sends.count(Answer.ACKNOWLEDGED);
        } catch (RuntimeException e) {
            sends.count(throttled(e) ? Answer.THROTTLED : Answer.FAILED);
            if (producer != null && (timedOut(e) || unauthorised(e))) {
                abandon(producer);
            }
            reached(e);
            throw e;
        }
    }

    /**
     * That nothing is taken.
     *
     * @param since when the first try failed
     * @param cause why the first failed, in one line
     */
    public record Away(Instant since, String cause) {}

    /** What became of a batch that was sent. */
    public enum Answer {
        /** Every reading of it was acknowledged, or refused for good. */
        ACKNOWLEDGED,
        /** Event Hubs was too busy, as the namespace has no more throughput to give. */
        THROTTLED,
        /** There was no answer, or another refusal. */
        FAILED
    }

    /** How many batches were answered so since the start; those that come again count again. */
    public long sends(Answer answer) {
        return sends.of(answer);
    }

    /** Since when nothing was acknowledged; empty while all is well, and before the first send. */
    public Optional<Away> away() {
        return Optional.ofNullable(away);
    }

    /**
     * Acts as if Event Hubs took nothing, for a drill; readings wait in the buffer meanwhile.
     *
     * @return until when
     */
    public Instant hold(Duration time) {
        heldUntil = clock.instant().plus(time).truncatedTo(ChronoUnit.SECONDS);
        return heldUntil;
    }

    /**
     * Takes up a login that was replaced: the next send opens a connection with it. One that cannot
     * be read is said once, and the connection stays as it is.
     */
    public void renew() {
        synchronized (this) {
            if (client == null) {
                return; // the next send asks for it
            }
        }
        EventHubsLogin now;
        try {
            now = login.get();
        } catch (RuntimeException e) {
            if (!loginUnread) {
                LOG.warnf(
                        "the login to Event Hubs cannot be read, the connection stays as it is: %s",
                        cause(e));
            }
            loginUnread = true;
            return;
        }
        loginUnread = false;
        synchronized (this) {
            if (client != null && !now.equals(loggedInBy)) {
                EventHubProducerAsyncClient before = client;
                client = null;
                LOG.info("the login to Event Hubs was replaced; the next send uses it");
                // what is under way has this long to be answered
                Schedulers.boundedElastic()
                        .schedule(before::close, ANSWER.toSeconds(), TimeUnit.SECONDS);
            }
        }
    }

    /** Whether the circuit breaker keeps sends back, but for one now and then. */
    public boolean circuitOpen() {
        return circuitOpen;
    }

    /**
     * Ends the attempts on a far side that is away; a send under way to one that is there goes on.
     */
    public void stopping() {
        closed = away != null;
    }

    @Override
    public void close() {
        EventHubProducerAsyncClient last;
        synchronized (this) {
            closed = true;
            last = client;
            client = null;
        }
        if (last != null) {
            last.close();
        }
    }

    /** Sends the events; what is refused for good is halved until the culprit stands alone. */
    private static void send(
            EventHubProducerAsyncClient producer,
            CreateBatchOptions options,
            EventDataBatch events,
            List<Reading> readings) {
        try {
            answer(producer.send(events));
            readings.forEach(reading -> reading.end(Outcome.FORWARDED));
        } catch (AmqpException e) {
            if (!REFUSED_FOR_GOOD.contains(e.getErrorCondition())) {
                throw e;
            }
            if (readings.size() == 1) {
                readings.get(0).reject(refused(e));
                return;
            }
            int half = readings.size() / 2;
            for (List<Reading> part :
                    List.of(readings.subList(0, half), readings.subList(half, readings.size()))) {
                EventDataBatch fewer = answer(producer.createBatch(options));
                part.forEach(reading -> add(fewer, event(reading)));
                send(producer, options, fewer, part);
            }
        }
    }

    /**
     * Waits for the SDK's answer. Its own limit does not hold for a send on a connection that is
     * open and dead.
     */
    private static <T> T answer(Mono<T> pending) {
        try {
            return pending.block(ANSWER);
        } catch (IllegalStateException e) {
            if (e.getCause() instanceof TimeoutException) {
                throw Exceptions.propagate(
                        new TimeoutException("no answer within " + ANSWER.toSeconds() + " s")
                                .initCause(e));
            }
            throw e;
        }
    }

    private static boolean timedOut(RuntimeException failure) {
        Throwable cause = unwrapped(failure);
        return cause instanceof TimeoutException
                || cause instanceof AmqpException amqp
                        && amqp.getErrorCondition() == AmqpErrorCondition.TIMEOUT_ERROR;
    }

    private static boolean unauthorised(RuntimeException failure) {
        Throwable cause = unwrapped(failure);
        return cause instanceof ClientAuthenticationException
                || cause instanceof AmqpException amqp
                        && amqp.getErrorCondition() == AmqpErrorCondition.UNAUTHORIZED_ACCESS;
    }

    private static boolean throttled(RuntimeException failure) {
        return unwrapped(failure) instanceof AmqpException amqp
                && amqp.getErrorCondition() == AmqpErrorCondition.SERVER_BUSY_ERROR;
    }

    /** Gives up a connection that does not answer: the next send opens another. */
    private synchronized void abandon(EventHubProducerAsyncClient silent) {
        if (client == silent) {
            client = null;
            // closing says goodbye, and nobody may answer that either
            Schedulers.boundedElastic().schedule(silent::close);
        }
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
        properties.put("acceptedUtc", UtcText.of(reading.acceptedUtc()));
        if (reading.live()) {
            properties.put("live", true);
        }
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

    private static Rejection refused(AmqpException refusal) {
        return new Rejection(
                Reason.FORWARD_REJECTED,
                "payload",
                "Event Hubs refused this reading for good, with %s: %s; mend what it names, then replay"
                        .formatted(
                                refusal.getErrorCondition().getErrorCondition(), cause(refusal)));
    }

    /**
     * One lane opens a connection and the others wait for that, for as long as the far side lets
     * them; nobody else does.
     */
    private EventHubProducerAsyncClient client() throws IOException {
        synchronized (opening) {
            EventHubProducerAsyncClient there = open();
            return there == null ? connect() : there;
        }
    }

    private synchronized EventHubProducerAsyncClient open() {
        if (closed) {
            throw new IllegalStateException("the sender is closed");
        }
        return client;
    }

    private EventHubProducerAsyncClient connect() throws IOException {
        EventHubsLogin now = login.get();
        now.ready(ANSWER);
        EventHubProducerAsyncClient fresh =
                now.builder()
                        .retryOptions(new AmqpRetryOptions().setMaxRetries(0).setTryTimeout(TRY))
                        .buildAsyncProducerClient();
        try {
            lanes.spread(
                    answer(fresh.getPartitionIds().collectList()).stream()
                            .sorted(Comparator.comparingInt(Integer::parseInt))
                            .toList(),
                    laneIsEmpty);
            synchronized (this) {
                open(); // it may have been closed meanwhile
                loggedInBy = now;
                client = fresh;
            }
        } catch (RuntimeException | IOException e) {
            fresh.close();
            throw e;
        }
        return fresh;
    }

    private static String cause(Throwable failure) {
        Throwable cause = unwrapped(failure);
        if (cause instanceof TimeoutException) {
            return "no connection, or no answer on it, within " + ANSWER.toSeconds() + " s";
        }
        return Excerpt.printable(
                cause.getMessage() == null ? cause.toString() : cause.getMessage());
    }

    /** The SDK wraps what happened in an account of its own retries. */
    private static Throwable unwrapped(Throwable failure) {
        Throwable cause = Exceptions.unwrap(failure);
        while (Exceptions.isRetryExhausted(cause) && cause.getCause() != null) {
            cause = Exceptions.unwrap(cause.getCause());
        }
        return cause;
    }

    private synchronized void reached(RuntimeException failure) {
        if (failure == null && away != null) {
            LOG.info("Event Hubs takes readings again; the buffer drains");
            away = null;
        } else if (failure != null && away == null && !closed) {
            String cause = cause(failure);
            away =
                    new Away(
                            clock.instant(),
                            unauthorised(failure) && loggedInBy != null
                                    ? cause + "; " + loggedInBy.whenRefused()
                                    : cause);
            LOG.warnf(
                    "Event Hubs does not take readings (%s); they wait in the buffer and are tried"
                            + " again until it does",
                    away.cause());
        }
    }
}
