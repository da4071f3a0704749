package io.unshub.ops;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.MultiGauge;
import io.micrometer.core.instrument.Tags;
import io.quarkus.runtime.Startup;
import io.unshub.buffer.Broker;
import io.unshub.buffer.DeadLetters;
import io.unshub.buffer.Queues;
import io.unshub.collect.Bindings;
import io.unshub.collect.ConnectionStatus;
import io.unshub.collect.Intake;
import io.unshub.collect.LiveBindings;
import io.unshub.collect.MqttMapping;
import io.unshub.collect.RunningCollectors;
import io.unshub.collect.Sparkplug;
import io.unshub.envelope.SchemaDrift;
import io.unshub.forward.EventHubsSender;
import io.unshub.forward.Withholding;
import io.unshub.ledger.Ledger;
import io.unshub.scoring.Divergence;
import io.unshub.scoring.Scoring;
import jakarta.enterprise.inject.Instance;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import java.util.function.ToLongFunction;
import java.util.stream.Collectors;

/** The ledger's totals as {@code unshub_*} metrics under {@code /observe/metrics}. */
@Singleton
@Startup
public final class Metrics {

    private final Map<MultiGauge, ToDoubleFunction<Divergence>> trials;

    private static final String CONNECTION = "connection";

    Metrics(
            MeterRegistry registry,
            Ledger ledger,
            Broker broker,
            DeadLetters letters,
            Alarms alarms,
            Withholding withholding,
            SchemaDrift drift,
            BufferWatch buffer,
            Intake intake,
            Sparkplug sparkplug,
            MqttMapping mapping,
            LiveBindings bindings,
            RunningCollectors collectors,
            Scoring scoring,
            Instance<EventHubsSender> sender) {
        FunctionCounter.builder("unshub.readings.accepted", ledger, Ledger::ingested)
                .description("Readings taken into a transaction")
                .register(registry);
        FunctionCounter.builder("unshub.readings.forwarded", ledger, Ledger::forwarded)
                .description("Readings that Event Hubs acknowledged")
                .register(registry);
        FunctionCounter.builder("unshub.readings.dead.lettered", ledger, Ledger::rejected)
                .description("Readings set aside with a reason")
                .register(registry);
        FunctionCounter.builder("unshub.readings.deduplicated", ledger, Ledger::deduplicated)
                .description("Readings that had been accepted before")
                .register(registry);
        Gauge.builder("unshub.buffer.readings", ledger, Ledger::buffered)
                .description("Readings in the lanes of the buffer")
                .register(registry);
        Gauge.builder("unshub.ingest.readings", broker, b -> b.depth(Queues.INGEST).orElse(0L))
                .description("Readings on disk that are not yet in a transaction")
                .register(registry);
        Gauge.builder("unshub.dead.letters", letters, DeadLetters::count)
                .description("Dead letters that are kept")
                .register(registry);
        Gauge.builder("unshub.dead.letters.size", letters, DeadLetters::bytes)
                .description("What they take on disk")
                .baseUnit("bytes")
                .register(registry);
        Gauge.builder("unshub.replay.readings", letters, DeadLetters::awaitingReplay)
                .description("Dead letters that were chosen and not published again yet")
                .register(registry);
        FunctionCounter.builder(
                        "unshub.readings.withheld",
                        withholding,
                        w -> w.counts().values().stream().mapToLong(Long::longValue).sum())
                .description("Readings that a rule kept on the plant, since the start")
                .register(registry);
        Gauge.builder("unshub.buffer.size", buffer, b -> of(b, BufferWatch.Status::bytes))
                .description("What the broker's files take on disk")
                .baseUnit("bytes")
                .register(registry);
        Gauge.builder("unshub.buffer.fill", buffer, b -> of(b, BufferWatch.Status::fillPercent))
                .description("How full the buffer is")
                .baseUnit("percent")
                .register(registry);
        Gauge.builder("unshub.buffer.oldest.age", buffer, Metrics::oldestAge)
                .description("How long ago the oldest reading that waits was accepted")
                .baseUnit("seconds")
                .register(registry);
        Gauge.builder("unshub.buffer.lasts", buffer, b -> of(b, BufferWatch.Status::hoursUntilFull))
                .description("Time until the buffer is full, at the rates of the last minutes")
                .baseUnit("hours")
                .register(registry);
        scoring(registry, scoring, broker);
        trials =
                Map.of(
                        trial(registry, "difference", "Mean absolute difference of the scores"),
                        Divergence::meanDifference,
                        trial(registry, "disagreement", "Share that only one would act on"),
                        of -> of.disagreement() == null ? Double.NaN : of.disagreement(),
                        trial(registry, "compared", "Scores that both versions gave"),
                        Divergence::compared,
                        trial(registry, "failed", "Scores that the version on trial did not give"),
                        Divergence::failed,
                        trial(registry, "millis", "99th percentile of the time for a score"),
                        Divergence::versionMillis);
        Gauge.builder("unshub.schema.drift.fields", drift, d -> d.sightings().size())
                .description("Fields that came and that no schema knows")
                .register(registry);
        Gauge.builder("unshub.eventhubs.away", sender, s -> s.get().away().isPresent() ? 1 : 0)
                .description("1 while Event Hubs takes no readings")
                .register(registry);
        Gauge.builder("unshub.eventhubs.circuit.open", sender, s -> s.get().circuitOpen() ? 1 : 0)
                .description("1 while the circuit breaker keeps sends back")
                .register(registry);
        for (Intake.Outcome outcome : Intake.Outcome.values()) {
            FunctionCounter.builder("unshub.http.readings", intake, i -> i.count(outcome))
                    .description("Readings that were posted over HTTP")
                    .tag("outcome", outcome.name().toLowerCase(Locale.ROOT))
                    .register(registry);
        }
        for (String rule : mapping.rules()) {
            FunctionCounter.builder("unshub.mqtt.mapped", mapping, m -> m.count(rule))
                    .description("Publications that a mapping rule made readings of")
                    .tag("rule", rule)
                    .register(registry);
        }
        FunctionCounter.builder("unshub.sparkplug.metrics", sparkplug, Sparkplug::metrics)
                .description("Metrics that came in Sparkplug messages")
                .register(registry);
        FunctionCounter.builder("unshub.sparkplug.rebirths", sparkplug, Sparkplug::rebirths)
                .description("Times that an edge node was asked for its births")
                .register(registry);
        Consumer<Bindings> connections =
                now -> now.connections().forEach(c -> ofConnection(registry, collectors, c.name()));
        connections.accept(bindings.current());
        // registering one again changes nothing
        bindings.onChange(connections);
        Gauge.builder("unshub.alarms", alarms, a -> a.active().size())
                .description("Alarms that are raised")
                .register(registry);
    }

    private static void ofConnection(
            MeterRegistry registry, RunningCollectors collectors, String connection) {
        Gauge.builder(
                        "unshub.connection.up",
                        collectors,
                        c -> of(c, connection, status -> status.connected() ? 1 : 0))
                .description("1 while the source answers")
                .tag(CONNECTION, connection)
                .register(registry);
        Gauge.builder(
                        "unshub.connection.data.age",
                        collectors,
                        c -> of(c, connection, Metrics::dataAge))
                .description("How long ago the last reading came")
                .baseUnit("seconds")
                .tag(CONNECTION, connection)
                .register(registry);
        counter(
                registry,
                collectors,
                connection,
                "unshub.connection.readings",
                "Readings that were published",
                ConnectionStatus::readings);
        counter(
                registry,
                collectors,
                connection,
                "unshub.connection.reconnects",
                "Times that the source came back",
                ConnectionStatus::reconnects);
        counter(
                registry,
                collectors,
                connection,
                "unshub.connection.failures",
                "Attempts to connect, and connections, that failed",
                ConnectionStatus::failures);
        counter(
                registry,
                collectors,
                connection,
                "unshub.connection.overflows",
                "Values that told that the server's queue had run over",
                ConnectionStatus::overflows);
        counter(
                registry,
                collectors,
                connection,
                "unshub.connection.skipped.polls",
                "Polls that were left out because the device or the broker was too slow",
                ConnectionStatus::skippedPolls);
        counter(
                registry,
                collectors,
                connection,
                "unshub.connection.reads",
                "Requests of a poller to the device",
                ConnectionStatus::reads);
    }

    private static MultiGauge trial(MeterRegistry registry, String name, String description) {
        return MultiGauge.builder("unshub.scoring.trial." + name)
                .description(description + ", of a version on trial")
                .register(registry);
    }

    /** Shows what versions on trial have shown; those that are on trial no more go. */
    public void trials(List<Divergence> now) {
        trials.forEach(
                (gauge, figure) ->
                        gauge.register(
                                now.stream()
                                        .map(
                                                of ->
                                                        MultiGauge.Row.of(
                                                                Tags.of(
                                                                        "model",
                                                                        of.model(),
                                                                        "version",
                                                                        Integer.toString(
                                                                                of.version())),
                                                                of,
                                                                figure))
                                        .collect(Collectors.toList()),
                                true));
    }

    private static void scoring(MeterRegistry registry, Scoring scoring, Broker broker) {
        FunctionCounter.builder("unshub.scores", scoring, Scoring::scored)
                .description("Scores that models gave, those without a value among them")
                .register(registry);
        FunctionCounter.builder("unshub.scoring.skipped", scoring, Scoring::skipped)
                .description("Readings that were not scored because too many waited")
                .register(registry);
        FunctionCounter.builder("unshub.scoring.late", scoring, Scoring::late)
                .description("Readings that came too late for their features")
                .register(registry);
        FunctionCounter.builder("unshub.scoring.failed", scoring, Scoring::failed)
                .description("Scores that a model failed to give")
                .register(registry);
        FunctionCounter.builder("unshub.scoring.missing", scoring, Scoring::missing)
                .description("Scores without a value, as a feature was missing or an input bad")
                .register(registry);
        Gauge.builder("unshub.scoring.drifting", scoring, Scoring::drifting)
                .description("Models that see something else than they were trained on")
                .register(registry);
        Gauge.builder("unshub.scoring.waiting", broker, b -> b.depth(Queues.SCORE).orElse(0L))
                .description("Readings that wait to be scored")
                .register(registry);
    }

    private static void counter(
            MeterRegistry registry,
            RunningCollectors collectors,
            String connection,
            String name,
            String description,
            ToLongFunction<ConnectionStatus> count) {
        FunctionCounter.builder(name, collectors, c -> of(c, connection, count::applyAsLong))
                .description(description)
                .tag(CONNECTION, connection)
                .register(registry);
    }

    private static double of(
            RunningCollectors collectors,
            String connection,
            ToDoubleFunction<ConnectionStatus> figure) {
        return collectors.status(connection).map(figure::applyAsDouble).orElse(0.0);
    }

    private static double dataAge(ConnectionStatus status) {
        return status.lastReading() == null
                ? Double.NaN
                : Duration.between(status.lastReading(), Instant.now()).toMillis() / 1e3;
    }

    private static double of(BufferWatch buffer, Function<BufferWatch.Status, Number> figure) {
        BufferWatch.Status status = buffer.status();
        Number value = status == null ? null : figure.apply(status);
        return value == null ? Double.NaN : value.doubleValue();
    }

    private static double oldestAge(BufferWatch buffer) {
        BufferWatch.Status status = buffer.status();
        return status == null || status.oldestUtc() == null
                ? 0
                : Duration.between(status.oldestUtc(), status.at()).toMillis() / 1e3;
    }
}
