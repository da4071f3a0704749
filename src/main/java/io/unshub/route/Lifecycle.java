package io.unshub.route;

import io.quarkus.arc.Unremovable;
import io.unshub.buffer.Broker;
import io.unshub.buffer.LedgerJournal;
import io.unshub.collect.LiveBindings;
import io.unshub.collect.UnsPublisher;
import io.unshub.deduplication.Deduplication;
import io.unshub.envelope.SchemaDrift;
import io.unshub.forward.BridgeMapping;
import io.unshub.forward.EventHubsSender;
import io.unshub.forward.LiveBridgeMapping;
import io.unshub.ops.Alarm;
import io.unshub.ops.Alarms;
import io.unshub.ops.AuditEvent;
import io.unshub.ops.AuditFile;
import io.unshub.ops.AuditWatch;
import io.unshub.ops.AuthenticationFailures;
import io.unshub.ops.BufferWatch;
import io.unshub.ops.ChoreWatch;
import io.unshub.ops.ConnectionWatch;
import io.unshub.ops.DeadLetterWatch;
import io.unshub.ops.DeadLetterWorkbench;
import io.unshub.ops.FarSideWatch;
import io.unshub.ops.HubConfig;
import io.unshub.ops.Metrics;
import io.unshub.ops.RouteWatch;
import io.unshub.ops.StatusLine;
import io.unshub.scoring.Scoring;
import io.unshub.trace.Traces;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.inject.Instance;
import jakarta.inject.Singleton;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
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
    private static final long ROOM_MILLIS = 100;
    private static final long LOOK_MILLIS = 400;
    private static final long REOPEN_SECONDS = 60;
    private static final long AUDIT_SECONDS = 3_600;
    static final String IN_FORCE = "in force";
    private static final int START_FAILED = 2;
    private static final String MODELS_NOT_SEEN = "the models could not be looked at";
    private static final String DRIFT_NOT_KEPT = "the schema drift could not be kept";

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
    private final ConnectionWatch connections;
    private final LiveBindings bindings;
    private final Alarms alarms;
    private final Scoring scoring;
    private final Instance<Metrics> metrics;
    private final OwnRoutes own;
    private final RouteWatch routes;
    private final AuditFile audit;
    private final AuditWatch auditWatch;
    private final ChoreWatch chores;
    private final Traces traces;
    private final MqttGate gate;
    private final AuthenticationFailures failures;
    private final HubConfig config;
    // edits take effect at once, whatever else there is to do
    private final ScheduledExecutorService edits = scheduler("routes");
    // a rollback, too
    private final ScheduledExecutorService models = scheduler("models");
    private final ScheduledExecutorService housekeeping = scheduler("housekeeping");
    // for itself: no other chore may delay it
    private final ScheduledExecutorService room = scheduler("room");
    private final ScheduledExecutorService watches = scheduler("watches");

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
            FarSideWatch far,
            ConnectionWatch connections,
            LiveBindings bindings,
            Alarms alarms,
            Scoring scoring,
            Instance<Metrics> metrics,
            OwnRoutes own,
            RouteWatch routes,
            AuditFile audit,
            AuditWatch auditWatch,
            ChoreWatch chores,
            Traces traces,
            MqttGate gate,
            AuthenticationFailures failures,
            HubConfig config) {
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
        this.connections = connections;
        this.bindings = bindings;
        this.alarms = alarms;
        this.scoring = scoring;
        this.metrics = metrics;
        this.own = own;
        this.routes = routes;
        this.audit = audit;
        this.auditWatch = auditWatch;
        this.chores = chores;
        this.traces = traces;
        this.gate = gate;
        this.failures = failures;
        this.config = config;
    }

    void beforeRoutes(@Observes CamelContextInitializingEvent event) {
        try {
            buffer.glance();
            // models are files: they are read while the broker reads its own
            CompletableFuture<Void> read =
                    CompletableFuture.runAsync(() -> attempt(MODELS_NOT_SEEN, scoring::refresh));
            broker.start();
            journal.load();
            workbench.resume();
            if (traces.on()) {
                event.getContext().addRoutePolicyFactory(new StageSpans(traces));
            }
            own.prepare(event.getContext());
            read.join();
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
        if (!broker.unreadable().isEmpty()) {
            alarms.raise(
                    "journal",
                    Alarm.Severity.ERROR,
                    "the journal could not be read whole (%s); the hub went on with the rest, and readings acknowledged shortly before the last stop may be missing: compare with their publishers, and look at the disk"
                            .formatted(String.join("; ", broker.unreadable())));
        }
        status.start(farSide.embedded());
        edits.execute(own::start);
        edits.execute(() -> note(AuditEvent.START, Map.of("demo", config.demo())));
        bindings.onChange(
                now ->
                        note(
                                AuditEvent.CONFIGURATION,
                                Map.of(
                                        "what",
                                        "connections and tags",
                                        "outcome",
                                        IN_FORCE,
                                        "connections",
                                        now.connections().size(),
                                        "tags",
                                        now.tags().size())));
        edits.schedule(own::warm, WATCH_SECONDS, TimeUnit.SECONDS);
        edits.scheduleWithFixedDelay(
                () -> attempt("the routes could not be looked at", own::refresh),
                LOOK_MILLIS,
                LOOK_MILLIS,
                TimeUnit.MILLISECONDS);
        every(WATCH_SECONDS, "the subscriptions could not be looked at", routes::tick);
        every(COMPACT_SECONDS, "the ledger's records could not be summed up", journal::compact);
        every(WATCH_SECONDS, "the buffer's fill could not be read", buffer::tick);
        // a fast publisher of large payloads would be through the reserve within a second
        each(
                room,
                Duration.ofMillis(ROOM_MILLIS),
                "the volume's room could not be looked at",
                buffer::glance);
        every(WATCH_SECONDS, DRIFT_NOT_KEPT, drift::tick);
        every(WATCH_SECONDS, "the failed logins could not be looked at", failures::tick);
        every(WATCH_SECONDS, "the far sides could not be looked at", far::tick);
        every(
                WATCH_SECONDS,
                "the login to Event Hubs could not be looked at",
                () -> sender.get().renew());
        every(1, "the connections and tags could not be looked at", bindings::refresh);
        every(WATCH_SECONDS, "the connections could not be looked at", connections::tick);
        every(REOPEN_SECONDS, "the deduplication could not be looked at", deduplication::tick);
        each(models, Duration.ofMillis(LOOK_MILLIS), MODELS_NOT_SEEN, scoring::refresh);
        each(
                models,
                Duration.ofSeconds(WATCH_SECONDS),
                "the trials of models could not be kept",
                () -> metrics.get().trials(scoring.keepTrials()));
        each(
                models,
                config.scoring().driftInterval(),
                "the models' drift could not be looked at",
                scoring::look);
        every(
                1,
                "the certificates and rules of MQTT could not be looked at",
                () -> gate.tick(broker));
        every(1, "the bridge mapping could not be looked at", this::refreshMapping);
        // for itself, as a large file takes a second, and a start should not wait for it
        watches.scheduleWithFixedDelay(
                () -> attempt("the audit file could not be looked at", auditWatch::tick),
                WATCH_SECONDS,
                AUDIT_SECONDS,
                TimeUnit.SECONDS);
        each(
                watches,
                Duration.ofSeconds(WATCH_SECONDS),
                "the chores could not be looked at",
                chores::tick);
        every(
                WATCH_SECONDS,
                "the dead letters could not be looked at",
                () -> {
                    workbench.tick();
                    watch.tick();
                });
    }

    void beforeStop(@Observes CamelContextStoppingEvent event) {
        status.stopping();
        edits.shutdown();
        sender.get().stopping();
    }

    void afterRoutes(@Observes CamelContextStoppedEvent event) throws Exception {
        room.shutdownNow();
        watches.shutdownNow();
        models.shutdownNow();
        housekeeping.shutdownNow();
        housekeeping.awaitTermination(10, TimeUnit.SECONDS);
        attempt(DRIFT_NOT_KEPT, drift::tick);
        publisher.get().close();
        sender.get().close();
        farSide.close();
        plant.close();
        deduplication.close();
        journal.close();
        broker.stop();
        note(AuditEvent.STOP, Map.of());
        traces.close();
        status.stopped();
    }

    private void refreshMapping() {
        BridgeMapping before = mapping.current();
        mapping.refresh();
        BridgeMapping now = mapping.current();
        if (now != before) {
            note(
                    AuditEvent.CONFIGURATION,
                    Map.of(
                            "what",
                            BridgeMapping.FILE,
                            "outcome",
                            IN_FORCE,
                            "version",
                            now.version()));
        }
    }

    private void note(AuditEvent event, Map<String, ?> facts) {
        try {
            audit.add("hub", event, facts);
        } catch (UncheckedIOException e) {
            LOG.warnf("%s; the %s is not in it", e.getMessage(), event.word());
        }
    }

    private static ScheduledExecutorService scheduler(String name) {
        return Executors.newSingleThreadScheduledExecutor(
                task -> {
                    Thread thread = new Thread(task, name);
                    thread.setDaemon(true);
                    return thread;
                });
    }

    private void every(long seconds, String failure, ChoreWatch.Chore chore) {
        each(housekeeping, Duration.ofSeconds(seconds), failure, () -> chores.watched(chore));
    }

    /** Does its work now and again after each pause, also when it fails once. */
    private static void each(
            ScheduledExecutorService on, Duration pause, String failure, ChoreWatch.Chore chore) {
        on.scheduleWithFixedDelay(
                () -> attempt(failure, chore), 0, pause.toMillis(), TimeUnit.MILLISECONDS);
    }

    private static void attempt(String failure, ChoreWatch.Chore chore) {
        try {
            chore.run();
        } catch (Exception | Error e) {
            // an error, too, would end this chore for good and without a word
            LOG.warn(failure + "; it is tried again", e);
        }
    }
}
