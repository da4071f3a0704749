package io.unshub.ops;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.MultiGauge;
import io.micrometer.core.instrument.Tags;
import io.quarkus.runtime.Startup;
import io.unshub.access.Refusal;
import io.unshub.access.Refusals;
import io.unshub.buffer.Broker;
import io.unshub.buffer.DeadLetters;
import io.unshub.buffer.Queues;
import io.unshub.buffer.Subscriptions;
import io.unshub.collect.Bindings;
import io.unshub.collect.ConnectionStatus;
import io.unshub.collect.FailureCause;
import io.unshub.collect.Intake;
import io.unshub.collect.LiveBindings;
import io.unshub.collect.MqttMapping;
import io.unshub.collect.RunningCollectors;
import io.unshub.collect.Sparkplug;
import io.unshub.deadletter.Reason;
import io.unshub.envelope.SchemaDrift;
import io.unshub.forward.EventHubsSender;
import io.unshub.forward.Withholding;
import io.unshub.ledger.Ledger;
import io.unshub.pattern.ClaimStore;
import io.unshub.quality.Quality;
import io.unshub.scoring.Divergence;
import io.unshub.scoring.Scoring;
import io.unshub.trace.Traces;
import jakarta.inject.Provider;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Collection;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import java.util.function.ToLongFunction;
import java.util.stream.Collectors;

/**
 * Shows the parts of the hub as what {@link Metric} lists. A figure is asked for when somebody
 * looks, so that the data path pays nothing. Threads: any.
 */
@Singleton
@Startup
public final class Metrics {

    private static final Map<Metric, ToDoubleFunction<Divergence>> TRIALS =
            Map.of(
                    Metric.SCORING_TRIAL_DIFFERENCE, Divergence::meanDifference,
                    Metric.SCORING_TRIAL_DISAGREEMENT, of -> orNaN(of.disagreement()),
                    Metric.SCORING_TRIAL_COMPARED, Divergence::compared,
                    Metric.SCORING_TRIAL_FAILED, Divergence::failed,
                    Metric.SCORING_TRIAL_MILLIS, Divergence::versionMillis);

    private final MeterRegistry registry;
    private final RunningCollectors collectors;
    private final InstantSource clock;
    private final Map<Metric, MultiGauge> changing = new EnumMap<>(Metric.class);

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
            Subscriptions subscriptions,
            RouteWatch routes,
            Traces traces,
            ClaimStore claims,
            LastParity parity,
            HttpRefusals refusals,
            Logins logins,
            AuditWatch audit,
            Refusals mqttRefusals,
            AuthenticationFailures failures,
            InstantSource clock,
            Provider<EventHubsSender> sender) {
        this.registry = registry;
        this.collectors = collectors;
        this.clock = clock;
        show(Metric.READINGS_ACCEPTED, ledger, Ledger::ingested);
        show(Metric.READINGS_DEDUPLICATED, ledger, Ledger::deduplicated);
        show(Metric.READINGS_WITHHELD, withholding, w -> sum(w.counts().values()));
        show(Metric.READINGS_DEAD_LETTERED, ledger, Ledger::rejected);
        show(Metric.READINGS_FORWARDED, ledger, Ledger::forwarded);
        for (Quality quality : Quality.values()) {
            show(Metric.READINGS_QUALITY, ledger, l -> l.valid(quality), quality.name());
        }
        for (Reason reason : Reason.values()) {
            show(Metric.READINGS_REJECTED, ledger, l -> l.rejected(reason), reason.name());
        }
        for (Intake.Outcome outcome : Intake.Outcome.values()) {
            show(Metric.HTTP_READINGS, intake, i -> i.count(outcome), label(outcome));
        }
        for (String rule : mapping.rules()) {
            show(Metric.MQTT_MAPPED, mapping, m -> m.count(rule), rule);
        }
        show(Metric.SPARKPLUG_METRICS, sparkplug, Sparkplug::metrics);
        show(Metric.SPARKPLUG_REBIRTHS, sparkplug, Sparkplug::rebirths);
        show(Metric.SCHEMA_DRIFT_FIELDS, drift, d -> d.sightings().size());

        show(Metric.INGEST_READINGS, broker, Broker::awaiting);
        show(Metric.BUFFER_READINGS, ledger, Ledger::buffered);
        show(Metric.BUFFER_SIZE, buffer, b -> of(b, BufferWatch.Status::bytes));
        show(Metric.BUFFER_FILL, buffer, b -> of(b, BufferWatch.Status::fillPercent));
        show(Metric.BUFFER_FULL, buffer, b -> b.full() ? 1 : 0);
        show(Metric.BUFFER_OLDEST_AGE, buffer, b -> of(b, Metrics::oldestAge));
        show(Metric.BUFFER_LASTS, buffer, b -> of(b, BufferWatch.Status::hoursUntilFull));
        show(Metric.BUFFER_DRAIN, buffer, b -> of(b, BufferWatch.Status::drainSeconds));

        for (EventHubsSender.Answer answer : EventHubsSender.Answer.values()) {
            show(Metric.EVENTHUBS_SENDS, sender, s -> s.get().sends(answer), label(answer));
        }
        show(Metric.EVENTHUBS_AWAY, sender, s -> s.get().away().isPresent() ? 1 : 0);
        show(Metric.EVENTHUBS_CIRCUIT_OPEN, sender, s -> s.get().circuitOpen() ? 1 : 0);

        show(Metric.DEAD_LETTERS, letters, DeadLetters::count);
        show(Metric.DEAD_LETTERS_SIZE, letters, DeadLetters::bytes);
        show(Metric.REPLAY_READINGS, letters, DeadLetters::awaitingReplay);

        show(Metric.SCORES, scoring, Scoring::scored);
        show(Metric.SCORING_SKIPPED, scoring, Scoring::skipped);
        show(Metric.SCORING_LATE, scoring, Scoring::late);
        show(Metric.SCORING_FAILED, scoring, Scoring::failed);
        show(Metric.SCORING_MISSING, scoring, Scoring::missing);
        show(Metric.SCORING_DRIFTING, scoring, Scoring::drifting);
        show(Metric.SCORING_WAITING, broker, b -> b.depth(Queues.SCORE).orElse(0L));

        parity(Metric.PARITY_DIFFERENCE, parity, LastParity.Finding::missing, "missing");
        parity(Metric.PARITY_DIFFERENCE, parity, LastParity.Finding::unknown, "unknown");
        parity(Metric.PARITY_DIFFERENCE, parity, LastParity.Finding::repeated, "repeated");
        parity(Metric.PARITY_DIFFERENCE, parity, LastParity.Finding::outOfOrder, "out_of_order");
        parity(Metric.PARITY_AGE, parity, found -> seconds(found.at(), clock.instant()));

        show(Metric.AUTHENTICATION_FAILURES, refusals, HttpRefusals::refused);
        show(Metric.MQTT_CONNECTIONS, broker, Broker::connections);
        show(Metric.HTTP_BAD_REQUESTS, refusals, HttpRefusals::bad);
        show(Metric.HTTP_LIMITED, refusals, HttpRefusals::limited);
        for (Refusal.Reason reason : Refusal.Reason.values()) {
            show(Metric.MQTT_REFUSED, mqttRefusals, r -> r.count(reason), reason.name());
        }
        for (Logins.Outcome outcome : Logins.Outcome.values()) {
            show(Metric.CONSOLE_LOGINS, logins, l -> l.counted(outcome), label(outcome));
        }

        show(Metric.AUDIT_BROKEN, audit, a -> a.broken() ? 1 : 0);

        for (Traces.Outcome outcome : Traces.Outcome.values()) {
            show(Metric.TRACE_SPANS, traces, t -> t.count(outcome), label(outcome));
        }
        show(
                Metric.ROUTES_REFUSED,
                routes,
                r -> r.routes().stream().filter(each -> !each.problems().isEmpty()).count());
        show(
                Metric.ROUTES_STOPPED,
                routes,
                r -> r.routes().stream().filter(RouteWatch.Status::stopped).count());
        show(Metric.CLAIMS_SIZE, claims, ClaimStore::bytes);
        subscriptions(subscriptions);
        subscriptions.onChange(() -> subscriptions(subscriptions));
        connections(bindings.current());
        bindings.onChange(this::connections);
        alarms(alarms.active());
        alarms.onChange(this::alarms);
        failures.onLook(this::failing);
    }

    /** Shows what versions on trial have shown; those that are on trial no more go. */
    public void trials(List<Divergence> now) {
        TRIALS.forEach(
                (metric, figure) ->
                        rows(
                                metric,
                                now,
                                figure,
                                of -> List.of(of.model(), Integer.toString(of.version()))));
    }

    private void alarms(List<Alarm> raised) {
        rows(
                Metric.ALARMS,
                raised,
                alarm -> 1,
                alarm -> List.of(alarm.name(), label(alarm.severity())));
    }

    private void failing(List<AuthenticationFailures.Failing> now) {
        rows(
                Metric.AUTHENTICATION_FAILING,
                now,
                AuthenticationFailures.Failing::failures,
                each -> List.of(each.identity(), each.source()));
    }

    private void subscriptions(Subscriptions now) {
        Set<String> names = now.all().keySet();
        keep("subscription", names);
        for (String name : names) {
            show(Metric.SUBSCRIPTION_WAITING, now, s -> s.waiting(name), name);
            show(Metric.SUBSCRIPTION_READINGS, now, s -> s.handled(name), name);
            show(
                    Metric.SUBSCRIPTION_FAILING,
                    now,
                    s -> s.failures().containsKey(name) ? 1 : 0,
                    name);
            show(Metric.SUBSCRIPTION_SKIPPED, now, s -> s.skipped(name), name);
            show(Metric.SUBSCRIPTION_PASSED_OVER, now, s -> s.passedOverBy(name), name);
            show(Metric.SUBSCRIPTION_LATE, now, s -> s.lateFor(name), name);
        }
    }

    private void connections(Bindings now) {
        Set<String> names =
                now.connections().stream().map(c -> c.name()).collect(Collectors.toSet());
        keep("connection", names);
        // showing one again changes nothing
        names.forEach(this::connection);
    }

    /** Shows what is there no more no more. */
    private void keep(String label, Set<String> names) {
        registry.getMeters().stream()
                .filter(meter -> meter.getId().getName().startsWith("unshub." + label + "."))
                .filter(meter -> !names.contains(meter.getId().getTag(label)))
                .forEach(registry::remove);
    }

    private void connection(String name) {
        connection(Metric.CONNECTION_UP, name, status -> status.connected() ? 1 : 0);
        show(
                Metric.CONNECTION_DATA_AGE,
                collectors,
                c ->
                        c.status(name)
                                .map(ConnectionStatus::lastReading)
                                .map(last -> seconds(last, clock.instant()))
                                .orElse(Double.NaN),
                name);
        connection(Metric.CONNECTION_READINGS, name, ConnectionStatus::readings);
        connection(Metric.CONNECTION_RECONNECTS, name, ConnectionStatus::reconnects);
        for (FailureCause cause : FailureCause.values()) {
            show(
                    Metric.CONNECTION_FAILURES,
                    collectors,
                    c ->
                            c.status(name)
                                    .map(s -> s.failuresByCause().getOrDefault(cause, 0L))
                                    .orElse(0L),
                    cause.word(),
                    name);
        }
        connection(Metric.CONNECTION_OVERFLOWS, name, ConnectionStatus::overflows);
        connection(Metric.CONNECTION_SKIPPED_POLLS, name, ConnectionStatus::skippedPolls);
        connection(Metric.CONNECTION_READS, name, ConnectionStatus::reads);
    }

    private void connection(
            Metric metric, String connection, ToLongFunction<ConnectionStatus> figure) {
        show(
                metric,
                collectors,
                c -> c.status(connection).map(figure::applyAsLong).orElse(0L),
                connection);
    }

    private void parity(
            Metric metric,
            LastParity parity,
            ToDoubleFunction<LastParity.Finding> figure,
            String... labels) {
        ToDoubleFunction<LastParity> last =
                p -> p.finding().map(figure::applyAsDouble).orElse(Double.NaN);
        show(metric, parity, last, labels);
    }

    private <T> void show(Metric metric, T source, ToDoubleFunction<T> figure, String... labels) {
        Tags tags = tags(metric, List.of(labels));
        if (metric.type() == Metric.Type.COUNTER) {
            FunctionCounter.builder(metric.meter(), source, figure)
                    .description(metric.meaning())
                    .baseUnit(unit(metric))
                    .tags(tags)
                    .register(registry);
        } else {
            Gauge.builder(metric.meter(), source, figure)
                    .description(metric.meaning())
                    .baseUnit(unit(metric))
                    .tags(tags)
                    .register(registry);
        }
    }

    /** Shows a row for each; those that are there no more go. */
    private <T> void rows(
            Metric metric,
            List<T> each,
            ToDoubleFunction<T> figure,
            Function<T, List<String>> labels) {
        changing.computeIfAbsent(
                        metric,
                        m ->
                                MultiGauge.builder(m.meter())
                                        .description(m.meaning())
                                        .baseUnit(unit(m))
                                        .register(registry))
                .register(
                        each.stream()
                                .map(
                                        of ->
                                                MultiGauge.Row.of(
                                                        tags(metric, labels.apply(of)), of, figure))
                                .collect(Collectors.toList()),
                        true);
    }

    private static Tags tags(Metric metric, List<String> values) {
        Tags tags = Tags.empty();
        for (int i = 0; i < metric.labels().size(); i++) {
            tags = tags.and(metric.labels().get(i), values.get(i));
        }
        return tags;
    }

    private static String unit(Metric metric) {
        return metric.unit().isEmpty() ? null : metric.unit();
    }

    private static String label(Enum<?> value) {
        return value.name().toLowerCase(Locale.ROOT);
    }

    private static double of(BufferWatch buffer, Function<BufferWatch.Status, Number> figure) {
        BufferWatch.Status status = buffer.status();
        return status == null ? Double.NaN : orNaN(figure.apply(status));
    }

    private static double oldestAge(BufferWatch.Status status) {
        return status.oldestUtc() == null ? 0 : seconds(status.oldestUtc(), status.at());
    }

    private static double seconds(Instant from, Instant until) {
        return Duration.between(from, until).toMillis() / 1e3;
    }

    private static double orNaN(Number value) {
        return value == null ? Double.NaN : value.doubleValue();
    }

    private static long sum(Collection<Long> counts) {
        return counts.stream().mapToLong(Long::longValue).sum();
    }
}
