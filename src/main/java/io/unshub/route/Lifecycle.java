package io.unshub.route;

import io.quarkus.arc.Unremovable;
import io.unshub.buffer.Broker;
import io.unshub.buffer.LedgerJournal;
import io.unshub.collect.UnsPublisher;
import io.unshub.deduplication.Deduplication;
import io.unshub.envelope.SchemaDrift;
import io.unshub.forward.EventHubsSender;
import io.unshub.forward.LiveBridgeMapping;
import io.unshub.ops.BufferWatch;
import io.unshub.ops.DeadLetterWatch;
import io.unshub.ops.DeadLetterWorkbench;
import io.unshub.ops.FarSideWatch;
import io.unshub.ops.StatusLine;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.inject.Instance;
import jakarta.inject.Singleton;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.apache.camel.spi.CamelEvent.CamelContextInitializingEvent;
import org.apache.camel.spi.CamelEvent.CamelContextStartedEvent;
import org.apache.camel.spi.CamelEvent.CamelContextStoppedEvent;
import org.apache.camel.spi.CamelEvent.CamelContextStoppingEvent;
import org.jboss.logging.Logger;

/**
 * Starts what the routes stand on before them, and stops it after them: a route must never lose its
 * broker while it drains.
 */
@Singleton
@Unremovable
final class Lifecycle {

    private static final Logger LOG = Logger.getLogger(Lifecycle.class);
    private static final long COMPACT_SECONDS = 2;
    private static final long WATCH_SECONDS = 5;
    private static final long REOPEN_SECONDS = 60;
    private static final int START_FAILED = 2;

    private final Broker broker;
    private final LedgerJournal journal;
    private final FarSide farSide;
    private final Plant plant;
    private final Instance<EventHubsSender> sender;
    private final Instance<UnsPublisher> publisher;
    private final StatusLine status;
    private final DeadLetterWorkbench workbench;
    private final DeadLetterWatch watch;
    private final LiveBridgeMapping mapping;
    private final SchemaDrift drift;
    private final BufferWatch buffer;
    private final Deduplication deduplication;
    private final FarSideWatch far;
    private final ScheduledExecutorService housekeeping =
            Executors.newSingleThreadScheduledExecutor(
                    task -> {
                        Thread thread = new Thread(task, "housekeeping");
                        thread.setDaemon(true);
                        return thread;
                    });

    Lifecycle(
            Broker broker,
            LedgerJournal journal,
            FarSide farSide,
            Plant plant,
            Instance<EventHubsSender> sender,
            Instance<UnsPublisher> publisher,
            StatusLine status,
            DeadLetterWorkbench workbench,
            DeadLetterWatch watch,
            LiveBridgeMapping mapping,
            SchemaDrift drift,
            BufferWatch buffer,
            Deduplication deduplication,
            FarSideWatch far) {
        this.broker = broker;
        this.journal = journal;
        this.farSide = farSide;
        this.plant = plant;
        this.sender = sender;
        this.publisher = publisher;
        this.status = status;
        this.workbench = workbench;
        this.watch = watch;
        this.mapping = mapping;
        this.drift = drift;
        this.buffer = buffer;
        this.deduplication = deduplication;
        this.far = far;
    }

    void beforeRoutes(@Observes CamelContextInitializingEvent event) {
        try {
            broker.start();
            journal.load();
            workbench.resume();
            farSide.start();
            plant.start();
        } catch (Exception e) {
            // Camel ignores what its listeners throw, and a hub without its broker must not go on
            LOG.error("the hub cannot start", e);
            System.err.println("uns-hub: the start failed: " + e.getMessage());
            Runtime.getRuntime().halt(START_FAILED);
        }
    }

    void afterStart(@Observes CamelContextStartedEvent event) {
        status.start(farSide.connectionString());
        housekeeping.scheduleWithFixedDelay(
                this::compact, COMPACT_SECONDS, COMPACT_SECONDS, TimeUnit.SECONDS);
        housekeeping.scheduleWithFixedDelay(this::watchBuffer, 0, WATCH_SECONDS, TimeUnit.SECONDS);
        housekeeping.scheduleWithFixedDelay(
                this::keepDrift, WATCH_SECONDS, WATCH_SECONDS, TimeUnit.SECONDS);
        housekeeping.scheduleWithFixedDelay(
                far::tick, WATCH_SECONDS, WATCH_SECONDS, TimeUnit.SECONDS);
        housekeeping.scheduleWithFixedDelay(
                deduplication::tick, REOPEN_SECONDS, REOPEN_SECONDS, TimeUnit.SECONDS);
        housekeeping.scheduleWithFixedDelay(mapping::refresh, 1, 1, TimeUnit.SECONDS);
        housekeeping.scheduleWithFixedDelay(
                this::watchDeadLetters, 0, WATCH_SECONDS, TimeUnit.SECONDS);
    }

    void beforeStop(@Observes CamelContextStoppingEvent event) {
        status.stopping();
        sender.get().stopping();
    }

    void afterRoutes(@Observes CamelContextStoppedEvent event) throws Exception {
        housekeeping.shutdownNow();
        housekeeping.awaitTermination(10, TimeUnit.SECONDS);
        keepDrift();
        publisher.get().close();
        sender.get().close();
        farSide.close();
        plant.close();
        deduplication.close();
        journal.close();
        broker.stop();
        status.stopped();
    }

    private void watchDeadLetters() {
        try {
            workbench.tick();
            watch.tick();
        } catch (Exception e) {
            LOG.warn("the dead letters could not be looked at; it is tried again", e);
        }
    }

    private void watchBuffer() {
        try {
            buffer.tick();
        } catch (Exception e) {
            LOG.warn("the buffer's fill could not be read; it is tried again", e);
        }
    }

    private void keepDrift() {
        try {
            drift.tick();
        } catch (Exception e) {
            LOG.warn("the schema drift could not be kept; it is tried again", e);
        }
    }

    private void compact() {
        try {
            journal.compact();
        } catch (Exception e) {
            LOG.warn("the ledger's records could not be summed up; it is tried again", e);
        }
    }
}
