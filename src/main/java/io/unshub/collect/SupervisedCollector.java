package io.unshub.collect;

import io.unshub.envelope.Envelope;
import io.unshub.trace.LogField;
import io.unshub.uns.RootCause;
import io.unshub.uns.Tally;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.random.RandomGenerator;
import org.jboss.logging.Logger;

/**
 * What all collectors share: one daemon thread that opens a session, lives in it until it fails,
 * and opens the next one after a jittered wait, for ever.
 *
 * <p>Guarantees: {@link #start} returns at once; no failure of the source ends the thread; each
 * change of state is logged once. Threads: {@link #session} runs on the collector's own thread, the
 * rest may be called from any.
 */
abstract sealed class SupervisedCollector implements Collector
        permits OpcUaCollector, PlcCollector {

    private static final Duration CLOSE_LIMIT = Duration.ofSeconds(15);

    final Connection connection;
    final List<Tag> tags;
    final Readings readings;
    final Timing timing;
    final HandOver handOver;
    final AtomicLong overflows = new AtomicLong();
    final AtomicLong skippedPolls = new AtomicLong();
    final AtomicLong reads = new AtomicLong();

    private final Logger log = Logger.getLogger(getClass());
    private final Backoff backoff;
    private final Thread thread;
    private final SilenceWatch silence;
    private final Thread watcher;
    private final AtomicBoolean started = new AtomicBoolean();
    private final AtomicLong reconnects = new AtomicLong();
    private final Tally<FailureCause> failures = new Tally<>();
    private volatile boolean closing;
    private volatile String lastError;
    private boolean connected;
    private boolean everConnected;
    private String loggedError;

    SupervisedCollector(
            Connection connection, List<Tag> tags, Clock clock, ReadingSink sink, Timing timing) {
        this.connection = connection;
        this.tags = List.copyOf(tags);
        this.timing = timing;
        this.readings = new Readings(connection, clock);
        // one poll must always fit
        int capacity = Math.max(timing.handOver(), tags.size());
        this.handOver =
                new HandOver(
                        connection.name(),
                        capacity,
                        sink,
                        clock,
                        backoff(timing),
                        timing.lastCall());
        this.backoff = backoff(timing);
        this.thread = new Thread(this::supervise, "collect-" + connection.name());
        this.thread.setDaemon(true);
        this.silence = new SilenceWatch(this.tags, readings, System.nanoTime());
        this.watcher = new Thread(this::watchSilence, "collect-" + connection.name() + "-silence");
        this.watcher.setDaemon(true);
    }

    private static Backoff backoff(Timing timing) {
        return new Backoff(timing.retryMin(), timing.retryMax(), RandomGenerator.getDefault());
    }

    /**
     * Connects, calls {@link #online} once the source answers, and returns or throws when the
     * connection is of no more use. Everything it opened is closed by then.
     *
     * @throws InterruptedException when the collector closes
     */
    abstract void session() throws Exception;

    @Override
    public final void start() {
        if (closing || !started.compareAndSet(false, true)) {
            throw new IllegalStateException(
                    "collector of " + connection.name() + " was started before; create a new one");
        }
        handOver.start();
        thread.start();
        if (silence.pause() != null) {
            watcher.start();
        }
    }

    @Override
    public final synchronized ConnectionStatus status() {
        Map<FailureCause, Long> causes = failures.all();
        return new ConnectionStatus(
                connection.name(),
                connected,
                handOver.last(),
                handOver.delivered(),
                reconnects.get(),
                causes.values().stream().mapToLong(Long::longValue).sum(),
                causes,
                lastError,
                overflows.get(),
                skippedPolls.get(),
                reads.get(),
                tags.size(),
                connection.budget());
    }

    @Override
    public final void close() {
        closing = true;
        if (started.get() && Thread.currentThread() != thread) {
            thread.interrupt();
            watcher.interrupt();
            try {
                watcher.join(CLOSE_LIMIT.toMillis());
                thread.join(CLOSE_LIMIT.toMillis());
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
        handOver.close();
    }

    final boolean closing() {
        return closing;
    }

    /** The source answers. */
    final synchronized void online() {
        if (connected || closing) {
            return;
        }
        connected = true;
        loggedError = null;
        backoff.reset();
        if (everConnected) {
            reconnects.incrementAndGet();
        }
        about(
                () ->
                        log.infof(
                                "connection %s: %s %s, %d tags",
                                connection.name(),
                                everConnected ? "reconnected to" : "connected to",
                                connection.url(),
                                tags.size()));
        everConnected = true;
    }

    /** The source does not answer, for the reason given. */
    final synchronized void offline(FailureCause cause, String reason) {
        connected = false;
        failures.count(cause);
        lastError = reason;
        // an outage of a night is one line, not one per attempt
        if (!Objects.equals(reason, loggedError)) {
            loggedError = reason;
            about(() -> log.warnf("connection %s: %s; trying again", connection.name(), reason));
        }
    }

    /** Logs a fault of one tag. */
    final void tagFault(Tag tag, String fault) {
        about(
                () ->
                        log.warnf(
                                "connection %s: tag %s at %s: %s",
                                connection.name(), tag.topic(), tag.address(), fault));
    }

    /** Logs that a tag's fault is over. */
    final void tagFine(Tag tag) {
        about(
                () ->
                        log.infof(
                                "connection %s: tag %s at %s is read again",
                                connection.name(), tag.topic(), tag.address()));
    }

    /** Logs something of this connection, on whatever thread. */
    final void about(Runnable line) {
        try (var field = LogField.CONNECTION.is(connection.name())) {
            line.run();
        }
    }

    /** Hands the reading over; blocks while the sink is behind. */
    final void emit(Envelope reading) throws InterruptedException {
        silence.heard(reading, System.nanoTime());
        handOver.put(reading);
    }

    private void watchSilence() {
        try {
            while (!closing) {
                Thread.sleep(silence.pause().toMillis());
                silence.look(System.nanoTime(), handOver::put);
            }
        } catch (InterruptedException e) {
            // closing
        }
    }

    private void supervise() {
        try {
            while (!closing) {
                try {
                    session();
                } catch (InterruptedException e) {
                    if (closing) {
                        return;
                    }
                    offline(FailureCause.OTHER, "interrupted");
                } catch (Exception | LinkageError e) {
                    // a driver that cannot load says so instead of dying in silence
                    offline(FailureCause.of(e), reason(e));
                }
                if (!closing) {
                    Thread.sleep(backoff.next().toMillis());
                }
            }
        } catch (InterruptedException e) {
            // closing
        } finally {
            synchronized (this) {
                connected = false;
            }
        }
    }

    private static String reason(Throwable fault) {
        String why = RootCause.of(fault);
        // a driver's own says no more than that
        return why.equals(TimeoutException.class.getName())
                ? "the source did not answer in time"
                : why;
    }
}
