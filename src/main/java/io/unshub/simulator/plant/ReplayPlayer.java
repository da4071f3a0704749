package io.unshub.simulator.plant;

import io.unshub.simulator.plant.Replay.Reading;
import io.unshub.simulator.plant.Replay.Step;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.eclipse.milo.opcua.stack.core.types.builtin.DataValue;
import org.eclipse.milo.opcua.stack.core.types.builtin.DateTime;
import org.eclipse.milo.opcua.stack.core.types.builtin.StatusCode;
import org.eclipse.milo.opcua.stack.core.types.builtin.Variant;
import org.jboss.logging.Logger;

/**
 * Plays a recording through the OPC UA server, on a thread of its own.
 *
 * <p>In: a recording. Out: each of its values once, in order of time. A value is published only
 * when every client that monitors its tag has room for it, so a client whose queue is small, or
 * that fetches slowly, slows the replay down and loses nothing; a client that goes away takes what
 * was queued for it along.
 *
 * <p>On a fault the replay stops, says so once in the log and never counts as finished.
 */
final class ReplayPlayer implements AutoCloseable {

    private static final Logger LOG = Logger.getLogger(ReplayPlayer.class);
    private static final long POLL_MILLIS = 2;

    private final Replay replay;
    private final ReplayConfig config;
    private final PlantNamespace namespace;
    private final Clock clock;
    private final CountDownLatch closed = new CountDownLatch(1);
    private final Thread thread;
    private volatile boolean published;

    ReplayPlayer(Replay replay, ReplayConfig config, PlantNamespace namespace, Clock clock) {
        this.replay = replay;
        this.config = config;
        this.namespace = namespace;
        this.clock = clock;
        this.thread = new Thread(this::run, "plant-replay");
        this.thread.setDaemon(true);
    }

    void start() {
        thread.start();
    }

    /** Returns whether every value was published and fetched. */
    boolean finished() {
        return published && namespace.isDrained();
    }

    @Override
    public void close() {
        closed.countDown();
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void run() {
        try {
            if (play()) {
                published = true;
                LOG.infof("replay of %s finished", config.file());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (RuntimeException e) {
            LOG.errorf(
                    e, "replay of %s stopped; restart the plant to play it again", config.file());
        }
    }

    /** Returns whether it came to the end, rather than was closed. */
    private boolean play() throws InterruptedException {
        if (config.waitForSubscribers()) {
            LOG.infof("replay of %s waits until its tags are monitored", config.file());
            while (namespace.monitored() < replay.tags().size()) {
                if (isClosedWithin(POLL_MILLIS)) {
                    return false;
                }
            }
        }
        Instant first = firstSourceTime();
        long began = System.nanoTime();
        for (Step step : replay.steps()) {
            if (config.speedUp() > 0 && !waitUntil(began, step.offset())) {
                return false;
            }
            Instant time = first.plus(step.offset());
            for (Reading reading : step.readings()) {
                DataValue value =
                        new DataValue(
                                Variant.ofDouble(reading.value()),
                                StatusCode.GOOD,
                                new DateTime(time),
                                new DateTime(clock.instant()));
                while (!namespace.offer(reading.id(), value, config.waitForSubscribers())) {
                    if (isClosedWithin(POLL_MILLIS)) {
                        return false;
                    }
                }
            }
            if (closed.getCount() == 0) {
                return false;
            }
        }
        return true;
    }

    private Instant firstSourceTime() {
        if (config.start().isPresent()) {
            return config.start().get();
        }
        if (replay.recorded().isPresent()) {
            return replay.recorded().get();
        }
        // as early as the replay runs ahead of real time, so that no reading is from the future
        long playedNanos =
                config.speedUp() == 0 ? 0 : (long) (replay.length().toNanos() / config.speedUp());
        Duration ahead = replay.length().minusNanos(playedNanos);
        return clock.instant().minus(ahead.isNegative() ? Duration.ZERO : ahead);
    }

    /** Waits until a step is due; returns false when closed meanwhile. */
    private boolean waitUntil(long began, Duration offset) throws InterruptedException {
        long due = began + (long) (offset.toNanos() / config.speedUp());
        return !closed.await(due - System.nanoTime(), TimeUnit.NANOSECONDS);
    }

    private boolean isClosedWithin(long millis) throws InterruptedException {
        return closed.await(millis, TimeUnit.MILLISECONDS);
    }
}
