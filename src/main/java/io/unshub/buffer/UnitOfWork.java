package io.unshub.buffer;

import io.unshub.deadletter.Reason;
import io.unshub.deadletter.Rejection;
import io.unshub.envelope.Batch;
import io.unshub.envelope.Outcome;
import io.unshub.envelope.Reading;
import io.unshub.ledger.Ledger;
import io.unshub.pattern.Hand;
import io.unshub.pattern.Step;
import io.unshub.quality.Quality;
import io.unshub.trace.LogField;
import io.unshub.trace.Span;
import io.unshub.trace.Traces;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.apache.activemq.artemis.api.core.ActiveMQException;
import org.apache.activemq.artemis.api.core.ICoreMessage;
import org.apache.activemq.artemis.api.core.Message;
import org.apache.activemq.artemis.api.core.RoutingType;

/**
 * One consumer of one queue and its broker transactions: receive a batch, move each reading on,
 * commit; over and over.
 *
 * <p>In: a queue. Out: readings in the order of the queue, and the queues that they were moved to.
 * The moves, the acknowledgement and the ledger's entry commit together or not at all.
 *
 * <p>Guarantee: at the commit every received reading has an outcome. One that no stage disposed of
 * is set aside as {@link Reason#INTERNAL_ERROR}, never dropped. Threads: one at a time. Failure: an
 * {@link ActiveMQException} leaves the transaction open; {@link #rollback()} puts everything back.
 */
public final class UnitOfWork implements Hand, AutoCloseable {

    /** What is held is in memory. */
    private static final int MOST_HELD = 50_000;

    static final String TOPIC = "topic";
    static final String SEQ = "hubSeq";
    static final String PREVIOUS = "hubPrevSeq";
    static final String ACCEPTED = "acceptedUtc";
    static final String LETTER = "letterId";
    static final String REASON = "reason";
    static final String FIELD = "field";
    static final String DETAIL = "detail";
    static final String GENERATED = "generated";
    static final String SET_ASIDE = "deadLetterUtc";
    private static final String QUALITY = "quality";

    /** How the broker keeps what a publisher on MQTT says beside a message, by its place. */
    private static final String SAID = "mqtt.user.property.exists";

    private static final String SAID_PREFIX = "mqtt.ordered.user.property.";
    private static final int MOST_SAID = 8;
    private static final String VERSION = "schemaVersion";

    private final Books books;
    private final Ledger ledger;
    private final InstantSource clock;
    private final Predicate<String> overtakes;
    private final Traces traces;
    private final String queue;
    private final boolean live;
    private final MessageStore.Session session;
    private final List<Reading> received = new ArrayList<>();
    private final List<String> topics = new ArrayList<>();
    private final Map<String, Long> lastEnqueued = new HashMap<>();
    private final Map<String, Long> lastLiveEnqueued = new HashMap<>();
    private final Map<String, Parcel> parcels = new LinkedHashMap<>();
    // in the order of their coming: the broker looks for what is acknowledged from the oldest on
    private final Map<Reading, ICoreMessage> inHand = new LinkedHashMap<>();
    private final Set<Reading> held = new HashSet<>();
    private final Map<Object, Object> states = new HashMap<>();
    private final boolean holding;

    /** The last one received, while it is in hand. */
    private ICoreMessage latest;

    private long late;
    private long riding;
    private final Set<String> madeOf = new LinkedHashSet<>();
    private Span span = Span.NONE;
    private String trace;
    private long batches;

    /** Commits a transaction, and what is to stand in the books about it. */
    interface Books {
        /**
         * @param riding how many of the readings had no message of their own in the ingest queue
         */
        void commit(Ledger.Entry entry, MessageStore.Session moves, long riding)
                throws ActiveMQException;
    }

    UnitOfWork(
            MessageStore store,
            Ledger ledger,
            Books books,
            InstantSource clock,
            Predicate<String> overtakes,
            Traces traces,
            String queue)
            throws Exception {
        this.overtakes = overtakes;
        this.traces = traces;
        this.books = books;
        this.ledger = ledger;
        this.clock = clock;
        this.queue = queue;
        this.live = Queues.isLive(queue);
        this.holding = Queues.isSubscription(queue);
        session = store.open(queue);
    }

    /** The queue that this consumer reads. */
    public String queue() {
        return queue;
    }

    /** The durable subscription that this consumer reads; null for another queue. */
    public String subscription() {
        return holding ? queue.substring(Queues.copies("").length()) : null;
    }

    /** The trace of the batch in hand, which is the current one of the thread that received it. */
    public Span span() {
        return span;
    }

    /**
     * Waits for readings and takes what is there.
     *
     * @param maxReadings readings after which the batch is full; those of one message stay together
     * @param maxBytes payload bytes after which the batch is full
     * @param wait how long to wait for a first reading
     * @param linger how long to wait for more after the first
     * @return the batch, empty when none came
     */
    public Batch receive(int maxReadings, int maxBytes, Duration wait, Duration linger)
            throws ActiveMQException {
        received.clear();
        topics.clear();
        lastEnqueued.clear();
        lastLiveEnqueued.clear();
        madeOf.clear();
        riding = 0;
        long bytes = 0;
        long deadline = Long.MAX_VALUE;
        ICoreMessage message = session.receive(Math.max(1, wait.toMillis()));
        while (message != null) {
            List<Reading> readings = readings(message);
            riding += readings.size() - 1;
            for (Reading reading : readings) {
                received.add(reading);
                topics.add(reading.topic());
                bytes += reading.payload().length;
                if (holding) {
                    inHand.put(reading, message);
                    latest = message;
                }
            }
            if (traces.on()) {
                follow(message);
            }
            if (!holding) {
                session.acknowledge(message);
            }
            long now = System.nanoTime();
            deadline = deadline == Long.MAX_VALUE ? now + linger.toNanos() : deadline;
            if (received.size() >= maxReadings || bytes >= maxBytes) {
                break;
            }
            message =
                    session.receiveMore(
                            now >= deadline ? 0 : (deadline - now) / 1_000_000 + 1,
                            maxReadings - received.size());
        }
        if (!received.isEmpty()) {
            begin();
        }
        return new Batch(received);
    }

    /** Notes where a message says that it comes from. */
    private void follow(ICoreMessage message) {
        String origin = message.getStringProperty(Traces.TRACEPARENT);
        int said =
                origin == null && message.containsProperty(SAID)
                        ? Math.min(MOST_SAID, message.getIntProperty(SAID))
                        : 0;
        for (int i = 0; i < said && origin == null; i++) {
            origin = message.getStringProperty(SAID_PREFIX + i + "." + Traces.TRACEPARENT);
        }
        if (origin != null) {
            madeOf.add(origin);
        }
    }

    private void begin() {
        String batch = queue + "-" + ++batches;
        LogField.BATCH.set(batch);
        if (traces.on()) {
            span = traces.begin(queue, madeOf);
            trace = span.traceparent();
            span.put("unshub.batch", batch);
            span.put("messaging.destination.name", queue);
            span.put("messaging.batch.message_count", received.size());
        }
    }

    private void end() {
        span.close();
        span = Span.NONE;
        trace = null;
    }

    /**
     * Moves a reading to its lane, or beside it, linked to the one of its topic before it there.
     */
    public void buffer(Reading reading) throws ActiveMQException {
        boolean ahead = overtakes.test(reading.topic());
        if (ahead) {
            reading.overtake();
        }
        Map<String, Long> last = ahead ? lastLiveEnqueued : lastEnqueued;
        reading.follow(
                last.computeIfAbsent(reading.topic(), topic -> ledger.lastEnqueued(topic, ahead)));
        int lane = Queues.laneOf(reading.topic());
        put(ahead ? Queues.live(lane) : Queues.lane(lane), reading);
        last.put(reading.topic(), reading.hubSeq());
        reading.end(Outcome.BUFFERED);
    }

    private void put(String lane, Reading reading) throws ActiveMQException {
        Parcel parcel = parcels.get(lane);
        if (parcel == null || !parcel.takes(reading)) {
            if (parcel != null) {
                send(lane, parcel);
            }
            parcel = new Parcel();
            parcels.put(lane, parcel);
        }
        parcel.put(reading);
    }

    private void send(String lane, Parcel parcel) throws ActiveMQException {
        ICoreMessage message = session.message(parcel.size());
        trace(trace, message);
        session.send(lane, parcel.seal(message));
    }

    private void sendParcels() throws ActiveMQException {
        for (Map.Entry<String, Parcel> parcel : parcels.entrySet()) {
            send(parcel.getKey(), parcel.getValue());
        }
        parcels.clear();
    }

    /** Sets a rejected reading aside, with its original bytes. */
    public void deadLetter(Reading reading) throws ActiveMQException {
        deadLetter(reading, reading.rejection());
    }

    private void deadLetter(Reading reading, Rejection why) throws ActiveMQException {
        ICoreMessage message = message(reading);
        message.putStringProperty(LETTER, UUID.randomUUID().toString());
        message.putStringProperty(REASON, why.reason().name());
        message.putStringProperty(FIELD, why.field());
        message.putStringProperty(DETAIL, why.detail());
        message.putLongProperty(SET_ASIDE, clock.millis());
        session.send(Queues.DEAD_LETTER, message);
        reading.end(Outcome.DEAD_LETTERED);
    }

    /**
     * Publishes a dead letter again on its topic, from where it takes the whole way once more, with
     * the time at which it was accepted first.
     */
    public void replay(Reading reading) throws ActiveMQException {
        ICoreMessage message = session.message(reading.payload().length);
        message.putLongProperty(ACCEPTED, reading.acceptedUtc().toEpochMilli());
        message.setRoutingType(RoutingType.MULTICAST);
        say(trace, message);
        message.getBodyBuffer().writeBytes(reading.payload());
        session.send(reading.topic(), message);
        reading.end(Outcome.REPLAYED);
    }

    @Override
    public void hold(Reading reading) {
        if (held.size() >= MOST_HELD) {
            throw new IllegalStateException(
                    "the route holds %,d readings, the most that it may; shorten its windows or narrow its topics"
                            .formatted(MOST_HELD));
        }
        held.add(reading);
    }

    @Override
    public void release(Reading reading) {
        held.remove(reading);
    }

    @Override
    public <T> T state(Step step, Class<T> type, Supplier<T> first) {
        return type.cast(states.computeIfAbsent(step, key -> first.get()));
    }

    @Override
    public void late(long readings) {
        late += readings;
    }

    /** How many readings came too late for a step since this was asked last. */
    public long takeLate() {
        long taken = late;
        late = 0;
        return taken;
    }

    /** Whether there are readings in hand that wait for something. */
    boolean holds() {
        return !held.isEmpty();
    }

    /** How many readings a rollback puts back. */
    int inHand() {
        return holding ? inHand.size() : received.size();
    }

    /** Leaves a copy of a reading in each subscription that wants one; not in the books. */
    public void copy(Reading reading) throws ActiveMQException {
        for (String subscription : reading.copies()) {
            session.send(Queues.copies(subscription), message(reading));
        }
    }

    /** Leaves a copy of a reading for the models; it has no part in the books. */
    public void tap(Reading reading) throws ActiveMQException {
        session.send(Queues.SCORE, message(reading));
    }

    /** Publishes a reading that the hub made on its topic, from where it goes the way of all. */
    public void generate(Reading reading) throws ActiveMQException {
        ICoreMessage message = session.message(reading.payload().length);
        message.putBooleanProperty(GENERATED, true);
        message.setRoutingType(RoutingType.MULTICAST);
        say(trace, message);
        message.getBodyBuffer().writeBytes(reading.payload());
        session.send(reading.topic(), message);
    }

    /**
     * Sets a reading aside that no stage may see again, with a number of its own behind those of
     * the batch.
     */
    void condemn(Reading reading, Rejection why) throws ActiveMQException {
        long last =
                received.stream()
                        .filter(each -> each.topic().equals(reading.topic()))
                        .mapToLong(Reading::hubSeq)
                        .max()
                        .orElse(0);
        reading.accept(Math.max(last, ledger.lastTakenIn(reading.topic())) + 1, clock.instant());
        reading.reject(why);
        deadLetter(reading);
    }

    /** Commits the moves, the acknowledgement and the ledger's entry in one transaction. */
    public void commit() throws ActiveMQException {
        if (Queues.isCopies(queue)) {
            // their readings are in the books
            received.clear();
        }
        letGo();
        for (Reading reading : received) {
            if (reading.outcome() == null) {
                deadLetter(
                        reading,
                        queue.equals(Queues.REPLAY) && reading.rejected()
                                ? reading.rejection()
                                : lost(reading));
            }
        }
        sendParcels();
        Ledger.Entry entry = ledger.open();
        for (int i = 0; i < received.size(); i++) {
            count(received.get(i), topics.get(i), entry);
        }
        span.event("handled");
        books.commit(entry, session, queue.equals(Queues.INGEST) ? riding : 0);
        riding = 0;
        received.clear();
        end();
    }

    /** Takes what is not held out of its subscription. */
    private void letGo() throws ActiveMQException {
        if (held.isEmpty() && latest != null) {
            // one acknowledgement for all up to the last
            session.acknowledge(latest);
            latest = null;
            inHand.clear();
            return;
        }
        Iterator<Map.Entry<Reading, ICoreMessage>> all = inHand.entrySet().iterator();
        while (all.hasNext()) {
            Map.Entry<Reading, ICoreMessage> each = all.next();
            if (!held.contains(each.getKey())) {
                all.remove();
                session.acknowledgeAlone(each.getValue());
                latest = each.getValue() == latest ? null : latest;
            }
        }
    }

    private void count(Reading reading, String topic, Ledger.Entry entry) {
        if (queue.equals(Queues.INGEST)) {
            entry.ingested(reading);
        } else if (!queue.equals(Queues.REPLAY)) {
            entry.dequeued(reading);
        } else if (reading.outcome() == Outcome.REPLAYED) {
            // a fix may have changed the topic: it leaves the books where it stood in them
            entry.replayed(topic, reading.acceptedUtc());
        }
    }

    /** Puts the readings back in front of their queue, as if they had not been received. */
    public void rollback() throws ActiveMQException {
        end();
        received.clear();
        parcels.clear();
        inHand.clear();
        latest = null;
        held.clear();
        states.clear();
        session.rollback();
    }

    @Override
    public void close() throws ActiveMQException {
        end();
        session.close();
    }

    private Rejection lost(Reading reading) {
        String had =
                reading.rejected()
                        ? "; it was rejected before: " + reading.rejection().detail()
                        : "";
        return new Rejection(
                Reason.INTERNAL_ERROR,
                "route",
                "the route on "
                        + queue
                        + " ended without forwarding, buffering or setting aside this reading; put"
                        + " the missing stage back into the route and replay"
                        + had);
    }

    private ICoreMessage message(Reading reading) {
        ICoreMessage message = session.message(reading.payload().length);
        message.putStringProperty(TOPIC, reading.topic());
        message.putLongProperty(SEQ, reading.hubSeq());
        message.putLongProperty(
                ACCEPTED,
                reading.acceptedUtc() == null
                        ? clock.millis()
                        : reading.acceptedUtc().toEpochMilli());
        if (reading.quality() != null) {
            message.putStringProperty(QUALITY, reading.quality().name());
            message.putStringProperty(VERSION, reading.schemaVersion());
        }
        trace(trace, message);
        message.getBodyBuffer().writeBytes(reading.payload());
        return message;
    }

    /** Says on a message that is published, as to MQTT subscribers, where it comes from. */
    static void say(String trace, ICoreMessage message) {
        if (trace != null) {
            message.putIntProperty(SAID, 1);
            message.putStringProperty(SAID_PREFIX + "0." + Traces.TRACEPARENT, trace);
        }
    }

    /** Says on a message that goes to a queue of the hub where it comes from. */
    static void trace(String trace, ICoreMessage message) {
        if (trace != null) {
            message.putStringProperty(Traces.TRACEPARENT, trace);
        }
    }

    private List<Reading> readings(ICoreMessage message) {
        if (queue.equals(Queues.INGEST) && !Parcel.is(message)) {
            return List.of(published(message));
        }
        List<Reading> readings = kept(message, Broker.body(message));
        if (live) {
            readings.forEach(Reading::overtake);
        }
        return readings;
    }

    private static Reading published(ICoreMessage message) {
        Reading reading = new Reading(message.getAddress(), Broker.body(message));
        if (message.containsProperty(ACCEPTED)) {
            reading.acceptedBefore(Instant.ofEpochMilli(message.getLongProperty(ACCEPTED)));
        }
        if (message.containsProperty(GENERATED)) {
            reading.generate();
        }
        return reading;
    }

    /** The readings of a message that waits in a queue of the hub, which may be delivered now. */
    static List<Reading> waiting(Message message) {
        return kept(message, Broker.body(message));
    }

    private static List<Reading> kept(Message message, byte[] body) {
        return Parcel.is(message) ? Parcel.open(message, body) : List.of(stored(message, body));
    }

    private static Reading stored(Message message, byte[] payload) {
        Reading reading = new Reading(message.getStringProperty(TOPIC), payload);
        reading.restore(
                message.getLongProperty(SEQ),
                message.containsProperty(PREVIOUS) ? message.getLongProperty(PREVIOUS) : 0,
                Instant.ofEpochMilli(message.getLongProperty(ACCEPTED)),
                Optional.ofNullable(message.getStringProperty(QUALITY))
                        .map(Quality::valueOf)
                        .orElse(null),
                message.getStringProperty(VERSION));
        return reading;
    }
}
