package io.unshub.collect;

import io.unshub.envelope.Envelope;
import io.unshub.trace.LogField;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jboss.logging.Logger;

/**
 * The bounded step between a protocol's threads and the sink.
 *
 * <p>In: readings, one by one. Out: lists of up to 500 readings in the same order, to one sink.
 * Guarantees: what {@link #put} took is given to the sink until the sink takes it; at {@link
 * #close} the sink has a last call to take the rest, and what it leaves is counted in the log.
 * Threads: any number put, one daemon calls the sink. Failure: a sink that throws gets the same
 * list again after a growing wait; a sink that blocks fills this step, and then {@link #put}
 * blocks.
 */
final class HandOver implements AutoCloseable {

    private static final Logger LOG = Logger.getLogger(HandOver.class);

    private static final int BATCH = 500;
    private static final long LOOK_UP_MILLIS = 100;

    private final String connection;
    private final ReadingSink sink;
    private final Clock clock;
    private final Backoff backoff;
    private final Duration lastCall;
    private final BlockingQueue<Envelope> queue;
    private final Thread worker;
    private final AtomicLong delivered = new AtomicLong();
    private volatile Instant last;
    private volatile boolean closing;

    HandOver(
            String connection,
            int capacity,
            ReadingSink sink,
            Clock clock,
            Backoff backoff,
            Duration lastCall) {
        this.lastCall = lastCall;
        this.connection = connection;
        this.sink = sink;
        this.clock = clock;
        this.backoff = backoff;
        this.queue = new ArrayBlockingQueue<>(capacity);
        this.worker = new Thread(this::drain, "collect-" + connection + "-out");
        this.worker.setDaemon(true);
    }

    void start() {
        worker.start();
    }

    /**
     * Takes the reading, and blocks while there is no room.
     *
     * @return false if it was not taken because this is closing
     */
    boolean put(Envelope reading) throws InterruptedException {
        while (!closing) {
            if (queue.offer(reading, LOOK_UP_MILLIS, TimeUnit.MILLISECONDS)) {
                last = clock.instant();
                return true;
            }
        }
        return false;
    }

    /** Returns how many readings there is room for now. */
    int room() {
        return queue.remainingCapacity();
    }

    /** Returns how many readings the sink took. */
    long delivered() {
        return delivered.get();
    }

    /** Returns when the last reading was put, or null. */
    Instant last() {
        return last;
    }

    @Override
    public void close() {
        closing = true;
        if (Thread.currentThread() == worker || !worker.isAlive()) {
            return;
        }
        boolean interrupted = !join(lastCall);
        worker.interrupt();
        interrupted |= !join(Duration.ofSeconds(1));
        if (interrupted && worker.isAlive()) {
            LOG.warnf("connection %s: the sink did not return and was left behind", connection);
        }
    }

    private boolean join(Duration limit) {
        try {
            worker.join(limit.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return !worker.isAlive();
    }

    private void drain() {
        LogField.CONNECTION.set(connection);
        List<Envelope> batch = new ArrayList<>(BATCH);
        try {
            while (true) {
                Envelope first = queue.poll(LOOK_UP_MILLIS, TimeUnit.MILLISECONDS);
                if (first == null) {
                    if (closing) {
                        return;
                    }
                    continue;
                }
                batch.add(first);
                queue.drainTo(batch, BATCH - 1);
                deliver(Collections.unmodifiableList(batch));
                batch = new ArrayList<>(BATCH);
            }
        } catch (InterruptedException e) {
            LOG.warnf(
                    "connection %s: closed with %d readings that the sink did not take",
                    connection, batch.size() + queue.size());
        }
    }

    private void deliver(List<Envelope> batch) throws InterruptedException {
        boolean failed = false;
        while (true) {
            try {
                sink.accept(batch);
                delivered.addAndGet(batch.size());
                backoff.reset();
                if (failed) {
                    LOG.infof("connection %s: the sink takes readings again", connection);
                }
                return;
            } catch (RuntimeException e) {
                if (!failed) {
                    LOG.warnf(
                            e,
                            "connection %s: the sink refused %d readings; they are offered again",
                            connection,
                            batch.size());
                    failed = true;
                }
                Thread.sleep(backoff.next().toMillis());
            }
        }
    }
}
