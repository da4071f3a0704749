package io.unshub.buffer;

import io.unshub.deadletter.DeadLetter;
import io.unshub.deadletter.Reason;
import io.unshub.deadletter.Rejection;
import io.unshub.ledger.Ledger;
import java.time.Instant;
import java.util.function.Predicate;
import org.apache.activemq.artemis.api.core.ActiveMQException;
import org.apache.activemq.artemis.api.core.ICoreMessage;

/**
 * The queue of dead letters: looked through, chosen from, and thinned out by policy.
 *
 * <p>Guarantees: a letter is in this queue or in that of the replays, never in both or in none; the
 * ledger counts both as dead letters until the replay route has published the reading again. Memory
 * does not grow with the queue. Threads: any. Failure: an {@link ActiveMQException} leaves whole
 * transactions behind, each of which is right by itself; the same call may follow.
 */
public final class DeadLetters {

    private static final int PER_TRANSACTION = 500;

    // the broker reads no further pages while more than the queue's memory is in a transaction
    private static final long BYTES_PER_TRANSACTION = 1 << 20;
    private static final long WAIT_MILLIS = 10_000;

    private final Broker broker;
    private final Ledger ledger;
    private final LedgerJournal journal;

    /** The dead letters of the given broker, counted by the given ledger. */
    public DeadLetters(Broker broker, Ledger ledger, LedgerJournal journal) {
        this.broker = broker;
        this.ledger = ledger;
        this.journal = journal;
    }

    /** How many letters there are, those on their way to a replay not among them. */
    public long count() {
        return broker.depth(Queues.DEAD_LETTER).orElse(0L);
    }

    /** How many chosen letters have not been published again yet. */
    public long awaitingReplay() {
        return broker.depth(Queues.REPLAY).orElse(0L);
    }

    /** What the letters take on disk, in bytes. */
    public long bytes() {
        return broker.queue(Queues.DEAD_LETTER).map(q -> q.getPersistentSize()).orElse(0L);
    }

    /**
     * Looks through the letters in the order of the queue, for as long as the reader likes: a
     * choice made meanwhile may show it a letter twice, or not.
     *
     * @param more is given each letter and says whether it wants the next one
     */
    public void read(Predicate<DeadLetter> more) throws Exception {
        try (BrokerSession browser = broker.browse(Queues.DEAD_LETTER)) {
            boolean wanted = true;
            for (long seen = 0; wanted && seen < count(); seen++) {
                wanted = more.test(letter(received(browser.receive(WAIT_MILLIS), seen)));
            }
        }
    }

    /** The next message; not waiting for it would take a page that is being read for the end. */
    private ICoreMessage received(ICoreMessage message, long before) {
        if (message == null) {
            throw new IllegalStateException(
                    "only "
                            + before
                            + " of "
                            + count()
                            + " dead letters could be read in time; nothing is lost, try again");
        }
        return message;
    }

    /**
     * Moves the chosen letters to the replay route, in order. The others go once round the queue:
     * picking single messages out of a paged queue would bring all of it into memory.
     *
     * @param chosen says which
     * @return how many were moved
     */
    public synchronized long choose(Predicate<DeadLetter> chosen) throws Exception {
        // before anything is delivered: a message on its way to a consumer may be counted twice
        long left = broker.settledDepth(Queues.DEAD_LETTER);
        try (MessageStore.Session session = broker.open(Queues.DEAD_LETTER)) {
            long moved = 0;
            while (left > 0) {
                long bytes = 0;
                for (int i = 0;
                        left > 0 && i < PER_TRANSACTION && bytes < BYTES_PER_TRANSACTION;
                        i++, left--) {
                    ICoreMessage message = received(session.receive(WAIT_MILLIS), moved);
                    boolean take = chosen.test(letter(message));
                    session.send(take ? Queues.REPLAY : Queues.DEAD_LETTER, copy(session, message));
                    session.acknowledge(message);
                    bytes += message.getEncodeSize();
                    moved += take ? 1 : 0;
                }
                journal.commit(ledger.open(), session);
            }
            return moved;
        }
    }

    /**
     * Drops letters from the head of the queue for as long as a policy says so.
     *
     * @param policy is given each letter, the oldest first, and says whether it goes
     * @return how many were dropped
     */
    public synchronized long evict(Predicate<DeadLetter> policy) throws Exception {
        // before anything is delivered: a message on its way to a consumer may be counted twice
        long left = broker.settledDepth(Queues.DEAD_LETTER);
        try (MessageStore.Session session = broker.open(Queues.DEAD_LETTER)) {
            long evicted = 0;
            boolean more = true;
            while (more && left > 0) {
                Ledger.Entry entry = ledger.open();
                long bytes = 0;
                for (int i = 0;
                        more && left > 0 && i < PER_TRANSACTION && bytes < BYTES_PER_TRANSACTION;
                        i++, left--) {
                    ICoreMessage message = received(session.receive(WAIT_MILLIS), evicted);
                    more = policy.test(letter(message));
                    if (more) {
                        session.acknowledge(message);
                        bytes += message.getEncodeSize();
                        entry.evicted(
                                message.getStringProperty(UnitOfWork.TOPIC),
                                Instant.ofEpochMilli(message.getLongProperty(UnitOfWork.ACCEPTED)));
                        evicted++;
                    }
                }
                journal.commit(entry, session);
            }
            return evicted;
        }
    }

    private static ICoreMessage copy(MessageStore.Session session, ICoreMessage message) {
        byte[] body = Broker.body(message);
        ICoreMessage copy = session.message(body.length);
        message.getPropertyNames()
                .forEach(name -> copy.putObjectProperty(name, message.getObjectProperty(name)));
        copy.getBodyBuffer().writeBytes(body);
        return copy;
    }

    static DeadLetter letter(ICoreMessage message) {
        return new DeadLetter(
                message.getStringProperty(UnitOfWork.LETTER),
                message.getStringProperty(UnitOfWork.TOPIC),
                message.getLongProperty(UnitOfWork.SEQ),
                Instant.ofEpochMilli(message.getLongProperty(UnitOfWork.ACCEPTED)),
                Instant.ofEpochMilli(message.getLongProperty(UnitOfWork.SET_ASIDE)),
                new Rejection(
                        Reason.valueOf(message.getStringProperty(UnitOfWork.REASON)),
                        message.getStringProperty(UnitOfWork.FIELD),
                        message.getStringProperty(UnitOfWork.DETAIL)),
                Broker.body(message));
    }
}
