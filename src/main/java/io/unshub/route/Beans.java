package io.unshub.route;

import io.unshub.access.Refusal;
import io.unshub.access.Refusals;
import io.unshub.buffer.Broker;
import io.unshub.buffer.BrokerConfig;
import io.unshub.buffer.Buffer;
import io.unshub.buffer.BufferGauge;
import io.unshub.buffer.DeadLetters;
import io.unshub.buffer.HubPublisher;
import io.unshub.buffer.Lag;
import io.unshub.buffer.LedgerAudit;
import io.unshub.buffer.LedgerJournal;
import io.unshub.buffer.MqttLimits;
import io.unshub.buffer.OwnLogin;
import io.unshub.buffer.Queues;
import io.unshub.buffer.Room;
import io.unshub.buffer.Subscriptions;
import io.unshub.collect.ConfigurationException;
import io.unshub.collect.Intake;
import io.unshub.collect.LiveBindings;
import io.unshub.collect.MqttMapping;
import io.unshub.collect.RunningCollectors;
import io.unshub.collect.Sparkplug;
import io.unshub.collect.UnsPublisher;
import io.unshub.collect.UnsSubscriber;
import io.unshub.deduplication.Deduplication;
import io.unshub.envelope.EnvelopeSchemas;
import io.unshub.envelope.EnvelopeValidator;
import io.unshub.envelope.Limits;
import io.unshub.envelope.Lines;
import io.unshub.envelope.Rows;
import io.unshub.envelope.SchemaDrift;
import io.unshub.envelope.Validation;
import io.unshub.forward.BridgeMapping;
import io.unshub.forward.EventHubsSender;
import io.unshub.forward.LaneTable;
import io.unshub.forward.LiveBridgeMapping;
import io.unshub.forward.Withholding;
import io.unshub.ledger.Ledger;
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
import io.unshub.ops.LastParity;
import io.unshub.ops.LatestReadings;
import io.unshub.ops.ModelWatch;
import io.unshub.ops.Preflight;
import io.unshub.ops.RouteControls;
import io.unshub.ops.RouteWatch;
import io.unshub.pattern.ClaimStore;
import io.unshub.pattern.MessageHistory;
import io.unshub.pki.ClientKeys;
import io.unshub.quality.QualityRules;
import io.unshub.quality.QualityTagging;
import io.unshub.scoring.Registry;
import io.unshub.scoring.Retraining;
import io.unshub.scoring.Scoring;
import io.unshub.trace.OtlpTraces;
import io.unshub.trace.Traces;
import io.unshub.uns.HierarchyRules;
import io.unshub.uns.Secret;
import jakarta.enterprise.context.Dependent;
import jakarta.enterprise.inject.Instance;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Named;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Map;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.apache.camel.CamelContext;
import org.apache.camel.ProducerTemplate;
import org.apache.camel.ServiceStatus;
import org.apache.camel.processor.errorhandler.RedeliveryPolicy;
import org.eclipse.microprofile.config.Config;

/** The parts of the hub, put together once; the names are what the routes refer to. */
@Dependent
final class Beans {

    /** Where posted readings enter; the Kamelet unshub-http-source begins there. */
    static final String POSTED_READINGS = "direct:unshub-posted-readings?block=false";

    @Produces
    @Singleton
    Clock clock() {
        return Clock.systemUTC();
    }

    @Produces
    @Singleton
    Broker broker(HubConfig config, Refusals refusals, OwnLogin own, MqttGate gate)
            throws IOException {
        return new Broker(
                brokerConfig(config), limits(config.mqtt()), refusals, own, gate.listener());
    }

    private static MqttLimits limits(HubConfig.Mqtt mqtt) {
        return new MqttLimits(
                mqtt.maxConnections(),
                mqtt.maxConnectionsPerAddress(),
                mqtt.connectionsPerSecond(),
                mqtt.connectTimeout(),
                mqtt.maxTopicsPerClient(),
                mqtt.maxSubscriptionsPerClient(),
                mqtt.maxInFlight());
    }

    /** Without TLS, for rehearsals. */
    Broker broker(HubConfig config) throws IOException {
        return new Broker(brokerConfig(config));
    }

    private static BrokerConfig brokerConfig(HubConfig config) throws IOException {
        return new BrokerConfig(
                config.dataDir().resolve("broker"),
                config.mqtt().host(),
                config.mqtt().port(),
                config.mqtt().maxPacketBytes(),
                room(config).most());
    }

    @Produces
    @Singleton
    OwnLogin ownLogin(HubConfig config) {
        // the demo's plain listener takes anyone on loopback
        return OwnLogin.make(!config.demo());
    }

    @Produces
    @Singleton
    Refusals refusals(AuditFile audit, AuthenticationFailures failures, Clock clock) {
        return new Refusals(
                clock,
                (who, facts) -> audit.add(who, AuditEvent.MQTT_REFUSED, facts),
                refusal ->
                        failures.count(
                                refusal.peer(),
                                refusal.who().equals(Refusal.UNKNOWN)
                                        ? AuthenticationFailures.UNKNOWN
                                        : refusal.who(),
                                "MQTT"));
    }

    private static Room room(HubConfig config) throws IOException {
        return new Room(
                Files.createDirectories(config.dataDir()),
                config.buffer().maxBytes(),
                config.buffer().maxVolumePercent(),
                config.buffer().reserveBytes());
    }

    @Produces
    @Singleton
    @Named("ledger")
    Ledger ledger(Clock clock) {
        return new Ledger(clock);
    }

    @Produces
    @Singleton
    LedgerJournal journal(Broker broker, Ledger ledger, Clock clock) {
        return new LedgerJournal(broker, ledger, clock);
    }

    @Produces
    @Singleton
    LedgerAudit audit(Broker broker, Ledger ledger, LedgerJournal journal, Clock clock) {
        return new LedgerAudit(broker, ledger, journal, clock);
    }

    @Produces
    @Singleton
    Buffer buffer(
            Broker broker,
            Ledger ledger,
            LedgerJournal journal,
            LiveBridgeMapping mapping,
            Instance<EventHubsSender> sender,
            Traces traces,
            Clock clock) {
        Predicate<String> overtakes = overtakes(broker, mapping, sender::get, clock);
        return new Buffer(broker, ledger, journal, clock, overtakes, traces);
    }

    @Produces
    @Singleton
    Traces traces(HubConfig config) {
        HubConfig.Traces wanted = config.traces();
        return wanted.endpoint()
                .<Traces>map(at -> new OtlpTraces(at, wanted.service(), wanted.percent()))
                .orElse(Traces.OFF);
    }

    /** By a rule, and only while the backlog of an outage drains. */
    static Predicate<String> overtakes(
            Broker broker,
            LiveBridgeMapping mapping,
            Supplier<EventHubsSender> sender,
            Clock clock) {
        Lag lag = new Lag(broker, clock);
        return topic ->
                mapping.current().decide(topic).liveFirst()
                        && sender.get().away().isEmpty()
                        && lag.isBehind(topic);
    }

    @Produces
    @Singleton
    @Named("subscriptions")
    Subscriptions subscriptions(Broker broker, Clock clock) {
        return new Subscriptions(broker, clock);
    }

    @Produces
    @Singleton
    @Named("lines")
    Lines lines() {
        return new Lines();
    }

    @Produces
    @Singleton
    ClaimStore claims(HubConfig config, Clock clock) throws IOException {
        return new ClaimStore(
                config.dataDir().resolve(ClaimStore.FOLDER),
                config.claims().keepFor(),
                config.claims().maxBytes(),
                room(config)::left,
                clock);
    }

    @Produces
    @Singleton
    @Named("rows")
    Rows rows() {
        return new Rows();
    }

    @Produces
    @Singleton
    @Named("records")
    KafkaRecords records() {
        return new KafkaRecords();
    }

    @Produces
    @Singleton
    HierarchyRules hierarchy(HubConfig config) {
        return HierarchyRules.load(config.configDir().resolve("uns/hierarchy.yaml"));
    }

    @Produces
    @Singleton
    EnvelopeValidator validator(HubConfig config, HierarchyRules rules, Clock clock) {
        Limits limits =
                new Limits(
                        config.uns().maxPayloadBytes(),
                        Limits.DEFAULT.maxPast(),
                        Limits.DEFAULT.maxFuture());
        return new EnvelopeValidator(
                rules,
                limits,
                EnvelopeSchemas.load(config.configDir().resolve(EnvelopeSchemas.FOLDER)),
                clock);
    }

    @Produces
    @Singleton
    @Named("validation")
    Validation validation(EnvelopeValidator validator, SchemaDrift drift) {
        return new Validation(validator, drift);
    }

    @Produces
    @Singleton
    SchemaDrift drift(HubConfig config, UnsPublisher publisher, Clock clock) {
        return new SchemaDrift(
                config.dataDir().resolve("schema-drift.json"),
                clock,
                new HubTopics(publisher)::drift);
    }

    @Produces
    @Singleton
    @Named("bindings")
    LiveBindings bindings(
            HubConfig config,
            HierarchyRules rules,
            Config properties,
            Alarms alarms,
            AuditFile audit)
            throws ConfigurationException {
        return new LiveBindings(
                config.configDir(),
                () -> Preflight.bindings(config.configDir(), rules, properties),
                trouble -> {
                    alarm(alarms, "configuration", trouble);
                    if (trouble != null) {
                        audit.add(
                                "hub",
                                AuditEvent.CONFIGURATION,
                                Map.of("what", "connections and tags", "outcome", "refused"));
                    }
                });
    }

    static void alarm(Alarms alarms, String name, String trouble) {
        if (trouble == null) {
            alarms.clear(name);
        } else {
            alarms.raise(name, Alarm.Severity.WARNING, trouble);
        }
    }

    @Produces
    @Singleton
    @Named("qualityTagging")
    QualityTagging qualityTagging(HubConfig config, LiveBindings bindings) {
        return new QualityTagging(
                QualityRules.load(
                        config.configDir().resolve("uns/quality.yaml"),
                        topic -> bindings.current().tag(topic) == null));
    }

    @Produces
    @Singleton
    @Named("deduplication")
    Deduplication deduplication(HubConfig config, Ledger ledger, Alarms alarms) {
        return new Deduplication(
                config.dataDir().resolve("deduplication"),
                config.deduplication().window(),
                ledger::lastTakenIn,
                trouble -> alarm(alarms, "deduplication", trouble));
    }

    @Produces
    @Singleton
    LiveBridgeMapping bridgeMapping(HubConfig config) {
        return new LiveBridgeMapping(config.configDir().resolve(BridgeMapping.FILE));
    }

    @Produces
    @Singleton
    @Named("withholding")
    Withholding withholding(
            HubConfig config,
            LiveBridgeMapping mapping,
            BufferWatch buffer,
            LiveBindings bindings) {
        return new Withholding(
                mapping::current,
                config.eventhubs().takeSimulated(),
                () -> buffer.status() == null ? 0 : buffer.status().fillPercent(),
                topic -> bindings.current().tag(topic));
    }

    @Produces
    @Singleton
    @Named("scoring")
    Scoring scoring(
            HubConfig config, Broker broker, Registry registry, ModelWatch watch, Clock clock) {
        return new Scoring(
                config.configDir(),
                registry,
                clock,
                () -> broker.depth(Queues.SCORE).orElse(0L),
                config.scoring().mostWaiting(),
                watch);
    }

    @Produces
    @Singleton
    @Named("latest")
    LatestReadings latest() {
        return new LatestReadings();
    }

    @Produces
    @Singleton
    Registry registry(HubConfig config, AuditFile audit, Clock clock) {
        return new Registry(
                config.dataDir(),
                clock,
                (what, about) -> audit.add("hub", AuditEvent.of(what), about));
    }

    @Produces
    @Singleton
    Retraining retraining(HubConfig config, Registry registry, Clock clock) {
        return new Retraining(
                Retraining.process(
                        Path.of(System.getProperty("uns-hub.home", ".")).resolve("uns-hub"),
                        config.configDir(),
                        config.dataDir()),
                registry,
                clock);
    }

    @Produces
    @Singleton
    ModelWatch modelWatch(Alarms alarms, UnsPublisher publisher, Retraining retraining) {
        return new ModelWatch(alarms, new HubTopics(publisher)::drift, retraining);
    }

    @Produces
    @Singleton
    UnsSubscriber unsSubscriber(HubConfig config, Clock clock) {
        HubConfig.External external = config.external();
        return new UnsSubscriber(
                new UnsSubscriber.Options(
                        external.host().orElse(null),
                        external.port(),
                        external.clientId(),
                        external.user().orElse(null),
                        () -> external.password().map(Secret::of).orElse(""),
                        HubConfig.External.encrypted(external) ? () -> keys(external) : null,
                        external.topics(),
                        external.receiveMaximum(),
                        external.sessionExpiry(),
                        external.silence()),
                clock);
    }

    private static ClientKeys keys(HubConfig.External external) {
        try {
            return HubConfig.External.keys(external);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Produces
    @Singleton
    @Named("sparkplug")
    Sparkplug sparkplug(HubConfig config, UnsSubscriber subscriber, Clock clock) {
        return new Sparkplug(
                config.dataDir().resolve("sparkplug.json"), clock, subscriber::publish);
    }

    @Produces
    @Singleton
    @Named("mqttMapping")
    MqttMapping mqttMapping(HubConfig config, Clock clock) {
        return MqttMapping.load(config.configDir().resolve(MqttMapping.FILE), clock);
    }

    @Produces
    @Singleton
    HubPublisher hubPublisher(Broker broker, Traces traces) {
        return new HubPublisher(broker, traces);
    }

    @Produces
    @Singleton
    @Named("unsPublisher")
    UnsPublisher unsPublisher(
            HubConfig config, Instance<HubPublisher> inProcess, Traces traces, OwnLogin own) {
        // the broker itself has alarms to announce
        return unsPublisher(config, readings -> inProcess.get().publish(readings), traces, own);
    }

    static UnsPublisher unsPublisher(
            HubConfig config, UnsPublisher.Sink inProcess, Traces traces, OwnLogin own) {
        return new UnsPublisher(
                config.mqtt().host(),
                config.mqtt().port(),
                config.uns().retain() ? null : inProcess,
                traces,
                OwnLogin.USER,
                own.password());
    }

    /** What is posted goes through the route collect-http. */
    @Produces
    @Singleton
    Intake intake(EnvelopeValidator validator, HierarchyRules rules, ProducerTemplate template) {
        return new Intake(
                validator, rules, readings -> template.sendBody(POSTED_READINGS, readings));
    }

    @Produces
    @Singleton
    LaneTable lanes(HubConfig config) throws IOException {
        return new LaneTable(config.dataDir().resolve("lanes.json"), Queues.LANES);
    }

    @Produces
    @Singleton
    @Named("eventHubs")
    EventHubsSender eventHubs(FarSide farSide, LaneTable lanes, Broker broker, Clock clock) {
        return new EventHubsSender(
                farSide::login,
                lanes,
                Queues::laneOf,
                lane ->
                        broker.depth(Queues.lane(lane)).orElse(0L)
                                        + broker.depth(Queues.live(lane)).orElse(0L)
                                == 0,
                clock);
    }

    @Produces
    @Singleton
    @Named("collectors")
    RunningCollectors collectors() {
        return new RunningCollectors();
    }

    @Produces
    @Singleton
    ConnectionWatch connectionWatch(RunningCollectors collectors, Alarms alarms, Clock clock) {
        return new ConnectionWatch(collectors, alarms, clock);
    }

    @Produces
    @Singleton
    FarSideWatch farSideWatch(
            Instance<EventHubsSender> sender,
            UnsSubscriber subscriber,
            Alarms alarms,
            Clock clock) {
        return new FarSideWatch(() -> sender.get().away(), subscriber::trouble, alarms, clock);
    }

    /** The far side may be away for a day: no limit, no rollback, a pause of up to 5 s. */
    @Produces
    @Singleton
    @Named("retry-far-side")
    RedeliveryPolicy retryFarSide() {
        RedeliveryPolicy policy = new RedeliveryPolicy();
        policy.setMaximumRedeliveries(-1);
        policy.setRedeliveryDelay(200);
        policy.setUseExponentialBackOff(true);
        policy.setBackOffMultiplier(2);
        policy.setMaximumRedeliveryDelay(5_000);
        policy.setUseCollisionAvoidance(true);
        policy.setAllowRedeliveryWhileStopping(false);
        policy.setLogRetryAttempted(false);
        policy.setLogExhausted(false);
        return policy;
    }

    @Produces
    @Singleton
    BufferWatch bufferWatch(
            HubConfig config, Broker broker, Ledger ledger, Alarms alarms, Clock clock)
            throws IOException {
        Room room = room(config);
        BufferGauge gauge =
                new BufferGauge(broker, ledger, config.dataDir().resolve("broker"), room, clock);
        return new BufferWatch(gauge::read, () -> room.left() > 0, alarms, broker::holdPublishers);
    }

    @Produces
    @Singleton
    DeadLetters deadLetters(Broker broker, Ledger ledger, LedgerJournal journal) {
        return new DeadLetters(broker, ledger, journal);
    }

    @Produces
    @Singleton
    RouteWatch routeWatch(
            Subscriptions subscriptions,
            Alarms alarms,
            UnsPublisher publisher,
            CamelContext camel,
            Clock clock) {
        return new RouteWatch(
                subscriptions, alarms, new HubTopics(publisher)::route, runs(camel), clock);
    }

    static Predicate<String> runs(CamelContext camel) {
        return route -> camel.getRouteController().getRouteStatus(route) == ServiceStatus.Started;
    }

    @Produces
    @Singleton
    OwnRoutes ownRoutes(
            HubConfig config,
            Subscriptions subscriptions,
            RouteWatch watch,
            RouteControls controls,
            AuditFile audit,
            Clock clock) {
        return new OwnRoutes(
                config.configDir().resolve("routes"),
                config.dataDir().resolve("routes"),
                new RouteCheck(config.routes().components(), config.routes().folders()),
                new RouteFileOwner(config.configDir(), config.dataDir()),
                subscriptions,
                watch,
                controls,
                audit,
                clock);
    }

    @Produces
    @Singleton
    RouteControls routeControls(HubConfig config, RouteWatch watch, AuditFile audit, Clock clock) {
        return new RouteControls(
                config.dataDir().resolve(RouteControls.FILE),
                audit,
                id ->
                        !ClassPathFolder.names("routes", ".yaml").contains(id)
                                && watch.routes().stream()
                                        .anyMatch(each -> each.route().equals(id)),
                clock);
    }

    @Produces
    @Singleton
    @Named("controlBus")
    ControlBus controlBus(RouteControls controls) {
        return new ControlBus(controls);
    }

    @Produces
    @Singleton
    @Named("historyStamp")
    HistoryStamp historyStamp(HubConfig config, Clock clock) {
        return new HistoryStamp(new MessageHistory(config.traces().service(), clock));
    }

    @Produces
    @Singleton
    AuditFile auditFile(HubConfig config, Clock clock) {
        return AuditFile.in(config.dataDir(), clock);
    }

    @Produces
    @Singleton
    AuditWatch auditWatch(AuditFile audit, Alarms alarms) {
        return new AuditWatch(audit, alarms);
    }

    @Produces
    @Singleton
    ChoreWatch choreWatch(Alarms alarms, Clock clock) {
        return new ChoreWatch(alarms, clock);
    }

    @Produces
    @Singleton
    @Named("workbench")
    DeadLetterWorkbench workbench(
            HubConfig config,
            DeadLetters letters,
            EnvelopeValidator validator,
            AuditFile audit,
            Clock clock) {
        return new DeadLetterWorkbench(
                letters, validator, audit, config.dataDir().resolve("replay.json"), clock);
    }

    @Produces
    @Singleton
    Alarms alarms(UnsPublisher publisher, Clock clock) {
        return new Alarms(clock, new HubTopics(publisher)::alarm);
    }

    @Produces
    @Singleton
    LastParity lastParity(HubConfig config) {
        return new LastParity(config.dataDir().resolve(LastParity.FILE));
    }

    @Produces
    @Singleton
    DeadLetterWatch deadLetterWatch(
            HubConfig config,
            DeadLetters letters,
            Ledger ledger,
            Alarms alarms,
            AuditFile audit,
            Clock clock) {
        HubConfig.DeadLetters limits = config.deadLetters();
        return new DeadLetterWatch(
                letters,
                ledger,
                alarms,
                audit,
                new DeadLetterWatch.Policy(
                        limits.maxBytes(),
                        limits.evictOldest(),
                        limits.keepFor(),
                        limits.alarmPercent()),
                clock);
    }
}
