package io.unshub.ops;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.Clock;
import io.micrometer.prometheus.PrometheusConfig;
import io.micrometer.prometheus.PrometheusMeterRegistry;
import io.prometheus.client.Collector;
import io.prometheus.client.CollectorRegistry;
import io.smallrye.config.SmallRyeConfig;
import io.smallrye.config.SmallRyeConfigBuilder;
import io.unshub.TestFolders;
import io.unshub.access.Refusals;
import io.unshub.buffer.Broker;
import io.unshub.buffer.BrokerConfig;
import io.unshub.buffer.DeadLetters;
import io.unshub.buffer.LedgerJournal;
import io.unshub.buffer.Subscriptions;
import io.unshub.buffer.Subscriptions.Subscription;
import io.unshub.collect.Intake;
import io.unshub.collect.LiveBindings;
import io.unshub.collect.MqttMapping;
import io.unshub.collect.RunningCollectors;
import io.unshub.collect.Sparkplug;
import io.unshub.envelope.SchemaDrift;
import io.unshub.forward.EventHubsSender;
import io.unshub.forward.Withholding;
import io.unshub.ledger.Ledger;
import io.unshub.pattern.ClaimStore;
import io.unshub.scoring.Divergence;
import io.unshub.scoring.Scoring;
import io.unshub.trace.Traces;
import io.unshub.uns.HierarchyRules;
import io.unshub.uns.TopicFilter;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What Prometheus is shown, by the registry that the hub has. */
class MetricsTest {

    private static final Instant NOW = Instant.parse("2026-03-01T10:00:00Z");
    private static final InstantSource CLOCK = InstantSource.fixed(NOW);

    private final CollectorRegistry collected = new CollectorRegistry();
    private AuthenticationFailures failures;
    private final Alarms alarms = new Alarms(CLOCK, (name, alarm) -> {});
    private final BufferWatch buffer = new BufferWatch(() -> null, () -> true, alarms, hold -> {});
    @TempDir private Path work;
    private Path config;
    private LiveBindings bindings;
    private LastParity parity;
    private Broker broker;
    private Subscriptions subscriptions;
    private Metrics metrics;

    @BeforeEach
    @SuppressWarnings("deprecation") // of two, the registry that Quarkus brings
    void show() throws Exception {
        config = TestFolders.config(work.resolve("config"));
        parity = new LastParity(work.resolve("parity.json"));
        Files.writeString(
                config.resolve(MqttMapping.FILE),
                """
                version: "1.0.0"
                rules:
                  - name: meters
                    from: meters/+/power
                    topic: acme/plant1/utilities/line1/cell1/meter-{1}/power
                    value: /p
                    units: kW
                """);
        HierarchyRules rules = HierarchyRules.load(config.resolve("uns/hierarchy.yaml"));
        SmallRyeConfig settings =
                new SmallRyeConfigBuilder()
                        .addDefaultInterceptors()
                        .addDiscoveredConverters()
                        .withMapping(HubConfig.class)
                        .withDefaultValue("unshub.data-dir", work.resolve("data").toString())
                        .withDefaultValue("unshub.simulator.opcua-port", "4840")
                        .build();
        bindings =
                new LiveBindings(
                        config,
                        () -> Preflight.bindings(config, rules, settings),
                        trouble -> assertThat(trouble).isNull());
        Ledger ledger = new Ledger(CLOCK);
        int port;
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = free.getLocalPort();
        }
        broker = new Broker(new BrokerConfig(work.resolve("broker"), "127.0.0.1", port, 1_024, 1));
        subscriptions = new Subscriptions(broker, CLOCK);
        EventHubsSender sender =
                new EventHubsSender(() -> null, null, topic -> 0, lane -> true, CLOCK);
        failures = new AuthenticationFailures(alarms, CLOCK);
        metrics =
                new Metrics(
                        new PrometheusMeterRegistry(
                                PrometheusConfig.DEFAULT, collected, Clock.SYSTEM),
                        ledger,
                        broker,
                        new DeadLetters(broker, ledger, new LedgerJournal(broker, ledger, CLOCK)),
                        alarms,
                        new Withholding(() -> null, true, () -> 0, topic -> null),
                        new SchemaDrift(work.resolve("drift.json"), CLOCK, sighting -> {}),
                        buffer,
                        new Intake(null, rules, readings -> {}),
                        new Sparkplug(work.resolve("sparkplug.json"), CLOCK, publication -> {}),
                        MqttMapping.load(config.resolve(MqttMapping.FILE), CLOCK),
                        bindings,
                        new RunningCollectors(),
                        new Scoring(config, null, CLOCK, () -> 0, 0, null),
                        subscriptions,
                        new RouteWatch(
                                subscriptions, alarms, (route, status) -> {}, route -> true, CLOCK),
                        Traces.OFF,
                        new ClaimStore(work.resolve("claims"), Duration.ZERO, 1, () -> 1, CLOCK),
                        parity,
                        new HttpRefusals(AuditFile.in(work, CLOCK), CLOCK),
                        new Logins(),
                        new AuditWatch(AuditFile.in(work, CLOCK), alarms),
                        new Refusals(CLOCK, (who, facts) -> {}, refusal -> {}),
                        failures,
                        CLOCK,
                        () -> sender);
    }

    @Test
    void showsWhatTheTableListsAndNothingElse() throws Exception {
        broker.start();
        subscriptions.subscribe(
                new Subscription("means", List.of(TopicFilter.of("acme/#")), false, 10));
        alarms.raise("event-hubs", Alarm.Severity.WARNING, "away");
        for (int i = 0; i < AuthenticationFailures.LIMIT; i++) {
            failures.count("10.0.0.5:" + i, "CN=pump-01", "MQTT");
        }
        failures.tick();
        assertThat(
                        collected.getSampleValue(
                                "unshub_authentication_failing",
                                new String[] {"identity", "source"},
                                new String[] {"CN=pump-01", "10.0.0.5"}))
                .isEqualTo(5);
        metrics.trials(
                List.of(
                        new Divergence(
                                "p/c/m", 2, 1, NOW, NOW, 5, 0, 0, .1, .2, .3, 1, 2, "NONE")));

        Map<String, String> shown = new TreeMap<>();
        for (Collector.MetricFamilySamples family :
                Collections.list(collected.metricFamilySamples())) {
            family.samples.forEach(
                    sample ->
                            shown.put(
                                    sample.name,
                                    family.type.name() + sample.labelNames + family.help));
        }
        Map<String, String> listed = new TreeMap<>();
        for (Metric metric : Metric.values()) {
            listed.put(metric.exposed(), metric.type().name() + metric.labels() + metric.meaning());
        }
        assertThat(shown).isEqualTo(listed);

        subscriptions.unsubscribe("means");
        assertThat(value("unshub_subscription_failing", "subscription", "means")).isNull();
        broker.stop();
    }

    @Test
    void forgetsAConnectionThatIsThereNoMore() throws Exception {
        assertThat(value("unshub_connection_up", "connection", "plant2-plc")).isZero();
        Files.delete(config.resolve("connections/plant2-plc.yaml"));
        Files.delete(config.resolve("tags/plant2-plc.yaml"));

        bindings.refresh();

        assertThat(value("unshub_connection_up", "connection", "plant2-plc")).isNull();
        assertThat(value("unshub_connection_up", "connection", "plant1-scada")).isZero();
    }

    @Test
    void showsEachAlarmForAsLongAsItIsRaised() {
        alarms.raise("buffer-fill", Alarm.Severity.WARNING, "80 %");
        alarms.raise("event-hubs", Alarm.Severity.WARNING, "away");
        assertThat(alarm("buffer-fill", "warning")).isEqualTo(1);
        assertThat(alarm("event-hubs", "warning")).isEqualTo(1);

        alarms.raise("buffer-fill", Alarm.Severity.ERROR, "95 %");
        alarms.clear("event-hubs");
        assertThat(alarm("buffer-fill", "warning")).isNull();
        assertThat(alarm("buffer-fill", "error")).isEqualTo(1);
        assertThat(alarm("event-hubs", "warning")).isNull();
    }

    @Test
    void showsTheLastParity() throws Exception {
        assertThat(value("unshub_parity_age_seconds")).isNaN();
        parity.found(new LastParity.Finding(NOW.minusSeconds(90), 3, 0, 1, 0));
        assertThat(value("unshub_parity_age_seconds")).isEqualTo(90);
        assertThat(value("unshub_parity_difference_readings", "kind", "missing")).isEqualTo(3);
        assertThat(value("unshub_parity_difference_readings", "kind", "repeated")).isEqualTo(1);
    }

    private Double alarm(String name, String severity) {
        return collected.getSampleValue(
                "unshub_alarms", new String[] {"name", "severity"}, new String[] {name, severity});
    }

    private Double value(String name) {
        return collected.getSampleValue(name);
    }

    private Double value(String name, String label, String value) {
        return collected.getSampleValue(name, new String[] {label}, new String[] {value});
    }
}
