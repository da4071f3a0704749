package io.unshub.buffer;

import io.unshub.ledger.Ledger;
import io.unshub.ledger.TopicHours;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import org.apache.activemq.artemis.api.core.ActiveMQException;
import org.apache.activemq.artemis.api.core.ICoreMessage;
import org.apache.activemq.artemis.core.filter.impl.FilterImpl;
import org.apache.activemq.artemis.core.server.MessageReference;
import org.apache.activemq.artemis.core.server.Queue;
import org.jboss.logging.Logger;

/**
 * The ledger on disk: a queue of entries, each written in the transaction that it counts.
 *
 * <p>From time to time the oldest entries are replaced by a snapshot of their sum, in one
 * transaction, so that the queue stays short. Reading the queue, in any state that a crash leaves,
 * gives the ledger.
 *
 * <p>Threads: {@link #load()} once, before all else; compactions and commits from any. Failure: a
 * commit that throws has not been applied; after a compaction that throws either its records are
 * there or their sum is.
 */
public final class LedgerJournal implements AutoCloseable {

    /** How many hours of acceptance are kept apart; what is older is in the books only. */
    public static final int KEPT_HOURS = 72;

    private static final Logger LOG = Logger.getLogger(LedgerJournal.class);
    private static final String HOUR = "hour";
    private static final int TOPICS_PER_RECORD = 500;

    /** About as many as one batch of a lane has. */
    private static final int TOPICS_PER_DELTA = 8;

    /** They are in memory. */
    private static final int MOST_DELTAS = 5_000;

    private static final long WAIT_MILLIS = 10_000;
    private static final long GLANCE_MILLIS = 100;
    private static final long MOST_BYTES_AT_ONCE = 2L * 1024 * 1024;
    private static final long MOST_BYTES_OF_A_TOPIC = 200;

    private final Broker broker;
    private final Ledger ledger;
    private final InstantSource clock;
    private final ReadWriteLock cut = new ReentrantReadWriteLock(true);
    private BrokerSession session;
    private long closed;
    private boolean ended;
    private volatile boolean failing;

    /**
     * @param broker holds the queue
     * @param ledger is filled at the start and kept equal to the queue
     * @param clock tells which hours are over
     */
    public LedgerJournal(Broker broker, Ledger ledger, InstantSource clock) {
        this.broker = broker;
        this.ledger = ledger;
        this.clock = clock;
    }

    /**
     * Reads the ledger from its queue; nothing else may be running.
     *
     * @throws IllegalStateException if the queue cannot be read whole
     */
    public void load() throws Exception {
        // before anything is delivered: a message on its way to a consumer may be counted twice
        long depth = broker.depth(Queues.LEDGER).orElse(0L);
        session = broker.open(Queues.LEDGER);
        List<byte[]> stored = new ArrayList<>();
        // one that is not there at once may be on a page that is still being read
        while (stored.size() < depth && take(stored, WAIT_MILLIS)) {}
        if (stored.size() != depth) {
            throw new IllegalStateException(
                    "the ledger holds "
                            + depth
                            + " records but "
                            + stored.size()
                            + " could be read");
        }
        ledger.restore(stored);
        replace(stored);
    }

    /**
     * Replaces the records so far by their sum, once there are many more than the sum needs. Some
     * at a time: all of them may not fit into memory twice.
     */
    public synchronized void compact() throws Exception {
        if (ended) {
            return;
        }
        if (session == null) {
            session = broker.open(Queues.LEDGER);
        }
        try {
            sumUp();
            failing = false;
        } catch (ActiveMQException | RuntimeException e) {
            giveUp(e);
            throw e;
        }
    }

    private void sumUp() throws ActiveMQException {
        // more than the sum itself, which would otherwise only be turned over
        long most = MOST_BYTES_AT_ONCE + ledger.topics() * MOST_BYTES_OF_A_TOPIC;
        boolean more = true;
        while (more && depth() > enough()) {
            List<byte[]> taken = new ArrayList<>();
            long bytes = 0;
            // those that are there now: more may come as fast as they are taken
            for (long left = depth(); left > 0 && bytes < most; left--) {
                if (!take(taken, GLANCE_MILLIS)) {
                    break;
                }
                bytes += taken.get(taken.size() - 1).length;
            }
            more = bytes >= most;
            replace(taken);
        }
    }

    /** As much beside the sum as the sum itself is: many topics are not summed up for a few. */
    private long enough() {
        long topics = ledger.topics();
        return 100
                + 2 * (1 + topics / TOPICS_PER_RECORD)
                + Math.min(MOST_DELTAS, topics / TOPICS_PER_DELTA);
    }

    private long depth() {
        return broker.depth(Queues.LEDGER).orElse(0L);
    }

    /**
     * The readings by hour of acceptance, at a consistent cut.
     *
     * @param from the first hour, since 1970
     */
    synchronized List<TopicHours> hours(long from) throws Exception {
        List<byte[]> stored = new ArrayList<>();
        atCut(
                () -> {
                    for (String queue : List.of(Queues.LEDGER_HOURS, Queues.LEDGER)) {
                        for (MessageReference held : broker.contents(queue)) {
                            stored.add(Broker.body(held.getMessage()));
                        }
                    }
                    return null;
                });
        return ledger.hours(stored, from);
    }

    private boolean take(List<byte[]> taken, long millis) throws ActiveMQException {
        ICoreMessage message = session.receive(millis);
        if (message == null) {
            return false;
        }
        session.acknowledge(message);
        taken.add(Broker.body(message));
        return true;
    }

    private void replace(List<byte[]> taken) throws ActiveMQException {
        long now = Ledger.hourOf(clock.instant());
        // once an hour: stragglers of hours that are over do not each make a record
        boolean turn = now > closed;
        Ledger.Sum sum = ledger.merge(taken, TOPICS_PER_RECORD, now, turn);
        for (byte[] record : sum.open()) {
            session.send(Queues.LEDGER, message(session, record));
        }
        for (Map.Entry<Long, List<byte[]>> hour : sum.closed().entrySet()) {
            for (byte[] record : hour.getValue()) {
                ICoreMessage message = message(session, record);
                message.putLongProperty(HOUR, hour.getKey());
                session.send(Queues.LEDGER_HOURS, message);
            }
        }
        session.commit();
        if (turn) {
            closed = now;
            forget(now - KEPT_HOURS);
        }
    }

    /** Puts back what was taken; the next compaction opens a session of its own. */
    private void giveUp(Exception cause) {
        try {
            session.close();
        } catch (ActiveMQException | RuntimeException e) {
            cause.addSuppressed(e);
        }
        session = null;
    }

    private static ICoreMessage message(MessageStore.Session session, byte[] record) {
        ICoreMessage message = session.message(record.length);
        message.getBodyBuffer().writeBytes(record);
        return message;
    }

    private void forget(long before) throws ActiveMQException {
        try {
            Queue hours = broker.queue(Queues.LEDGER_HOURS).orElseThrow();
            hours.deleteMatchingReferences(FilterImpl.createFilter(HOUR + " < " + before));
        } catch (ActiveMQException e) {
            throw e;
        } catch (Exception e) {
            throw new IllegalStateException("old hours of the ledger could not be dropped", e);
        }
    }

    /** Commits a transaction with its ledger entry. */
    void commit(Ledger.Entry entry, MessageStore.Session moves) throws ActiveMQException {
        commit(entry, moves, 0);
    }

    /**
     * Commits a transaction with its ledger entry.
     *
     * @param riding how many of its readings had no message of their own in the ingest queue
     */
    void commit(Ledger.Entry entry, MessageStore.Session moves, long riding)
            throws ActiveMQException {
        cut.readLock().lock();
        try {
            for (byte[] record : entry.records()) {
                moves.send(Queues.LEDGER, message(moves, record));
            }
            moves.commit();
            broker.committed();
            broker.rode(-riding);
            entry.commit();
        } finally {
            cut.readLock().unlock();
        }
        // the records are never paged: whoever makes them faster than housekeeping sums them up,
        // does it before it goes on
        if (depth() > 2 * enough()) {
            try {
                compact();
            } catch (Exception e) {
                // this transaction is committed, whatever becomes of the records
                if (!failing) {
                    LOG.warn("the ledger's records could not be summed up; it is tried again", e);
                }
                failing = true;
            }
        }
    }

    /**
     * Runs a question while no transaction is between its commit on disk and the ledger in memory.
     *
     * @throws TimeoutException if the transactions under way do not end within ten seconds
     */
    <T> T atCut(Callable<T> question) throws Exception {
        if (!cut.writeLock().tryLock(10, TimeUnit.SECONDS)) {
            throw new TimeoutException(
                    "a transaction has been under way for more than 10 s; the disk may be stuck");
        }
        try {
            return question.call();
        } finally {
            cut.writeLock().unlock();
        }
    }

    @Override
    public synchronized void close() throws ActiveMQException {
        ended = true;
        if (session != null) {
            session.close();
        }
    }
}
