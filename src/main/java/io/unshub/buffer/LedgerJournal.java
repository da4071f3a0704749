package io.unshub.buffer;

import io.unshub.ledger.Ledger;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import org.apache.activemq.artemis.api.core.ActiveMQException;
import org.apache.activemq.artemis.api.core.client.ClientConsumer;
import org.apache.activemq.artemis.api.core.client.ClientMessage;
import org.apache.activemq.artemis.api.core.client.ClientProducer;
import org.apache.activemq.artemis.api.core.client.ClientSession;
import org.apache.activemq.artemis.api.core.client.ClientSessionFactory;

/**
 * The ledger on disk: a queue of entries, each written in the transaction that it counts.
 *
 * <p>From time to time the oldest entries are replaced by a snapshot of their sum, in one
 * transaction, so that the queue stays short. Reading the queue, in any state that a crash leaves,
 * gives the ledger.
 *
 * <p>Threads: {@link #load()} once, before all else; {@link #compact()} from one; commits from any.
 * Failure: a commit that throws has not been applied; a compaction that throws changed nothing.
 */
public final class LedgerJournal implements AutoCloseable {

    private static final int TOPICS_PER_RECORD = 500;
    private static final long WAIT_MILLIS = 10_000;
    private static final long MOST_BYTES_AT_ONCE = 16L * 1024 * 1024;

    private final Broker broker;
    private final Ledger ledger;
    private final ReadWriteLock cut = new ReentrantReadWriteLock(true);
    private ClientSessionFactory connection;
    private ClientSession session;
    private ClientConsumer consumer;
    private ClientProducer producer;

    /**
     * @param broker holds the queue
     * @param ledger is filled at the start and kept equal to the queue
     */
    public LedgerJournal(Broker broker, Ledger ledger) {
        this.broker = broker;
        this.ledger = ledger;
    }

    /**
     * Reads the ledger from its queue; nothing else may be running.
     *
     * @throws IllegalStateException if the queue cannot be read whole
     */
    public void load() throws Exception {
        // before anything is delivered: a message on its way to a consumer may be counted twice
        long depth = broker.depth(Queues.LEDGER).orElse(0L);
        connection = broker.connect();
        session = connection.createSession(false, false);
        consumer = session.createConsumer(Queues.LEDGER);
        producer = session.createProducer(Queues.LEDGER);
        session.start();
        List<byte[]> stored = new ArrayList<>();
        // one that is not there at once may be on a page that is still being read
        while (stored.size() < depth && take(stored, consumer.receive(WAIT_MILLIS))) {}
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

    /** Replaces the records so far by their sum, once there are many more than the sum needs. */
    public synchronized void compact() throws ActiveMQException {
        long sum = 1 + ledger.topics() / TOPICS_PER_RECORD;
        if (broker.depth(Queues.LEDGER).orElse(0L) > 100 + 10 * sum) {
            List<byte[]> taken = new ArrayList<>();
            long bytes = 0;
            while (bytes < MOST_BYTES_AT_ONCE && take(taken, consumer.receiveImmediate())) {
                bytes += taken.get(taken.size() - 1).length;
            }
            replace(taken);
        }
    }

    private static boolean take(List<byte[]> taken, ClientMessage message)
            throws ActiveMQException {
        if (message == null) {
            return false;
        }
        message.acknowledge();
        taken.add(UnitOfWork.body(message));
        return true;
    }

    private void replace(List<byte[]> taken) throws ActiveMQException {
        try {
            for (byte[] record : ledger.merge(taken, TOPICS_PER_RECORD)) {
                producer.send(session.createMessage(true).writeBodyBufferBytes(record));
            }
            session.commit();
        } catch (ActiveMQException | RuntimeException e) {
            session.rollback();
            throw e;
        }
    }

    /** Commits a transaction with its ledger entry. */
    void commit(Ledger.Entry entry, ClientSession moves, ClientProducer out)
            throws ActiveMQException {
        cut.readLock().lock();
        try {
            if (!entry.isEmpty()) {
                ClientMessage message = moves.createMessage(true);
                message.getBodyBuffer().writeBytes(entry.bytes());
                out.send(Queues.LEDGER, message);
            }
            moves.commit();
            entry.commit();
        } finally {
            cut.readLock().unlock();
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
    public void close() throws ActiveMQException {
        if (connection != null) {
            connection.close();
        }
    }
}
