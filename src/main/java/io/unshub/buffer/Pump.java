package io.unshub.buffer;

import io.unshub.deadletter.Reason;
import io.unshub.deadletter.Rejection;
import io.unshub.envelope.Batch;
import io.unshub.envelope.Reading;
import io.unshub.uns.Excerpt;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import org.apache.activemq.artemis.api.core.ActiveMQException;
import org.jboss.logging.Logger;

/**
 * Carries one queue through its route: receive, hand on, commit, until it is stopped.
 *
 * <p>In: a queue. Out: batches to a handler, which moves each reading on in the same unit of work.
 *
 * <p>Guarantees: order of the queue; a batch that fails is put back whole and comes again. On the
 * way in, a batch that fails without the broker being at fault is taken apart, one message per
 * transaction, and a reading on which the route fails, alone or behind the good ones of its
 * message, is set aside as {@link Reason#INTERNAL_ERROR}. In a durable subscription it is taken
 * apart, too, and the one that fails alone waits, so that those before it are through. On the way
 * out a failure never condemns a reading: it waits. Threads: {@link #run()} belongs to one; {@link
 * #stop()} may come from any. Failure: a lost broker session is opened again, with a pause.
 */
public final class Pump implements Runnable {

    private static final Logger LOG = Logger.getLogger(Pump.class);
    private static final Duration WAIT = Duration.ofMillis(500);
    private static final Duration PAUSE = Duration.ofSeconds(1);

    private final Buffer buffer;
    private final String queue;
    private final int maxReadings;
    private final int maxBytes;
    private final Duration linger;
    private final UnaryOperator<Duration> pause;
    private final Handler handler;
    private final CountDownLatch stopping = new CountDownLatch(1);
    private int oneByOne;
    private boolean failing;

    /** What the route does with a batch. */
    @FunctionalInterface
    public interface Handler {
        /**
         * Moves each reading of the batch on.
         *
         * @throws Exception if the batch could not be handled; it then comes again
         */
        void handle(Batch batch, UnitOfWork unit) throws Exception;
    }

    /**
     * @param buffer opens the consumer
     * @param queue one of {@link Queues}
     * @param maxReadings readings after which a batch is full; those of one message stay together
     * @param maxBytes payload bytes after which a batch is full
     * @param linger how long a batch waits for more readings after its first
     * @param pause how long to wait after a batch, given how long that took, before the next one
     * @param handler what to do with a batch
     */
    public Pump(
            Buffer buffer,
            String queue,
            int maxReadings,
            int maxBytes,
            Duration linger,
            UnaryOperator<Duration> pause,
            Handler handler) {
        this.buffer = buffer;
        this.queue = queue;
        this.maxReadings = maxReadings;
        this.maxBytes = maxBytes;
        this.linger = linger;
        this.pause = pause;
        this.handler = handler;
    }

    /** Asks the pump to end after the batch under way. */
    public void stop() {
        stopping.countDown();
    }

    @Override
    public void run() {
        while (!stopped()) {
            try (UnitOfWork unit = buffer.open(queue)) {
                while (!stopped()) {
                    turn(unit);
                }
            } catch (Exception e) {
                failed("the broker session was lost", e);
                pause(PAUSE);
            }
        }
    }

    private void turn(UnitOfWork unit) throws Exception {
        boolean single = oneByOne > 0;
        Batch batch = unit.receive(single ? 1 : maxReadings, maxBytes, WAIT, linger);
        if (batch.isEmpty() && !unit.holds()) {
            return;
        }
        int size = batch.size();
        int received = unit.inHand();
        long begin = System.nanoTime();
        try {
            handler.handle(batch, unit);
            unit.commit();
            oneByOne = Math.max(0, oneByOne - size);
            recovered();
            pause(pause.apply(Duration.ofNanos(System.nanoTime() - begin)));
        } catch (Exception e) {
            unit.span().fail(e);
            unit.rollback();
            if (stopped()) {
                return;
            }
            boolean ingest = queue.equals(Queues.INGEST);
            boolean apart = ingest || Queues.isSubscription(queue);
            if (!apart || causedByBroker(e) || received == 1 && !ingest) {
                failed("a batch of " + received + " readings waits", e);
                pause(PAUSE);
            } else if (received > 1 && !(single && ingest)) {
                // stay at one for all of the failed batch: the culprit may be its last reading
                oneByOne = received;
            } else if (size == 1) {
                condemn(unit, size, Map.of(0, e));
            } else {
                condemn(unit, size, culprits(unit, size));
            }
        }
    }

    /**
     * The readings of one message come and go together: which of them it is that the route fails
     * on, by their places.
     */
    private Map<Integer, Exception> culprits(UnitOfWork unit, int size) throws Exception {
        Map<Integer, Exception> culprits = new TreeMap<>();
        for (int last = 0; last < size; last++) {
            List<Reading> readings = receiveOne(unit, size);
            try {
                handler.handle(without(culprits, readings.subList(0, last + 1)), unit);
            } catch (Exception e) {
                if (stopped() || causedByBroker(e)) {
                    throw e;
                }
                culprits.put(last, e);
            } finally {
                unit.rollback();
            }
        }
        return culprits;
    }

    private List<Reading> receiveOne(UnitOfWork unit, int size) throws ActiveMQException {
        List<Reading> readings = unit.receive(1, maxBytes, WAIT, Duration.ZERO).readings();
        if (readings.size() != size) {
            throw new IllegalStateException("what was put back has not come again yet");
        }
        return readings;
    }

    private static Batch without(Map<Integer, Exception> culprits, List<Reading> readings) {
        return new Batch(
                IntStream.range(0, readings.size())
                        .filter(place -> !culprits.containsKey(place))
                        .mapToObj(readings::get)
                        .toList());
    }

    private void condemn(UnitOfWork unit, int size, Map<Integer, Exception> culprits)
            throws ActiveMQException {
        try {
            List<Reading> readings = receiveOne(unit, size);
            Batch good = without(culprits, readings);
            if (!good.isEmpty()) {
                handler.handle(good, unit);
            }
            for (Map.Entry<Integer, Exception> culprit : culprits.entrySet()) {
                Reading reading = readings.get(culprit.getKey());
                LOG.errorf(
                        culprit.getValue(),
                        "reading on %s failed in its route and is set aside",
                        reading.topic());
                unit.condemn(
                        reading,
                        new Rejection(
                                Reason.INTERNAL_ERROR,
                                "route",
                                "a stage of the route failed on this reading: "
                                        + culprit.getValue()
                                        + "; report it with the log, replay once it is mended"));
            }
            unit.commit();
            oneByOne = Math.max(0, oneByOne - readings.size());
        } catch (Exception e) {
            unit.rollback();
            failed("a batch of " + size + " readings waits", e);
            pause(PAUSE);
        }
    }

    private static boolean causedByBroker(Throwable e) {
        for (Throwable cause = e; cause != null; cause = cause.getCause()) {
            if (cause instanceof ActiveMQException) {
                return true;
            }
        }
        return false;
    }

    private void failed(String what, Exception e) {
        if (!failing && !stopped()) {
            // a route of the plant's own fails for a reason of its own, not of this program
            Exception trace = Queues.isSubscription(queue) ? null : e;
            LOG.warnf(
                    trace,
                    "%s: %s%s; nothing is lost, it is tried again every second",
                    queue,
                    what,
                    trace == null ? " (" + Excerpt.of(String.valueOf(e.getMessage())) + ")" : "");
        }
        failing = true;
    }

    private void recovered() {
        if (failing) {
            LOG.infof("%s: moves on again", queue);
        }
        failing = false;
    }

    private boolean stopped() {
        return stopping.getCount() == 0 || Thread.currentThread().isInterrupted();
    }

    private void pause(Duration time) {
        if (time.isZero()) {
            return;
        }
        try {
            // a latch, not a sleep: stopping must not wait
            stopping.await(time.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
