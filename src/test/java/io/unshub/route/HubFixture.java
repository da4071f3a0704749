package io.unshub.route;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.awaitility.Awaitility.await;

import com.azure.messaging.eventhubs.EventData;
import com.azure.messaging.eventhubs.EventHubClientBuilder;
import com.azure.messaging.eventhubs.EventHubConsumerAsyncClient;
import com.azure.messaging.eventhubs.models.EventPosition;
import com.hivemq.client.mqtt.datatypes.MqttQos;
import com.hivemq.client.mqtt.mqtt5.Mqtt5BlockingClient;
import com.hivemq.client.mqtt.mqtt5.Mqtt5Client;
import com.hivemq.client.mqtt.mqtt5.datatypes.Mqtt5UserProperties;
import io.smallrye.config.PropertiesConfigSource;
import io.smallrye.config.SmallRyeConfig;
import io.smallrye.config.SmallRyeConfigBuilder;
import io.unshub.TestFolders;
import io.unshub.access.Refusals;
import io.unshub.buffer.Broker;
import io.unshub.buffer.Buffer;
import io.unshub.buffer.BufferGauge.Level;
import io.unshub.buffer.DeadLetters;
import io.unshub.buffer.LedgerAudit;
import io.unshub.buffer.LedgerJournal;
import io.unshub.buffer.OwnLogin;
import io.unshub.buffer.QueueView;
import io.unshub.buffer.QueueView.Held;
import io.unshub.buffer.Queues;
import io.unshub.buffer.Subscriptions;
import io.unshub.collect.Intake;
import io.unshub.collect.LiveBindings;
import io.unshub.collect.RunningCollectors;
import io.unshub.collect.UnsPublisher;
import io.unshub.collect.UnsSubscriber;
import io.unshub.deduplication.Deduplication;
import io.unshub.envelope.EnvelopeValidator;
import io.unshub.envelope.SchemaDrift;
import io.unshub.forward.EventHubsSender;
import io.unshub.forward.LiveBridgeMapping;
import io.unshub.ledger.Ledger;
import io.unshub.ledger.LedgerReport;
import io.unshub.ops.Alarms;
import io.unshub.ops.AuditFile;
import io.unshub.ops.AuthenticationFailures;
import io.unshub.ops.BufferWatch;
import io.unshub.ops.DeadLetterWorkbench;
import io.unshub.ops.HubConfig;
import io.unshub.ops.LatestReadings;
import io.unshub.ops.RouteControls;
import io.unshub.ops.RouteWatch;
import io.unshub.scoring.Scoring;
import io.unshub.simulator.eventhubs.EndpointConfig;
import io.unshub.simulator.eventhubs.EventHubsEndpoint;
import io.unshub.simulator.plant.PlantConfig;
import io.unshub.simulator.plant.SimulatedPlant;
import io.unshub.trace.Traces;
import io.unshub.uns.HierarchyRules;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.camel.CamelContext;
import org.apache.camel.ProducerTemplate;
import org.apache.camel.component.kamelet.KameletComponent;
import org.apache.camel.component.mock.MockEndpoint;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.spi.Registry;
import org.apache.camel.support.PluginHelper;
import org.apache.camel.support.ResourceHelper;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import reactor.core.Disposable;

/**
 * The hub without Quarkus: the parts of {@link Beans}, under the same names, in a bare Camel
 * context into which a test loads the routes that it is about. Everything is real; the far side is
 * the local Event Hubs endpoint, and it is away until a test starts it.
 */
final class HubFixture implements BeforeEachCallback, AfterEachCallback, AutoCloseable {

    /** A topic that the shipped configuration does not collect. */
    static final String TOPIC = "acme/plant9/mixing/line1/cell1/mixer-01/torque";

    /** How long anything may take on a slow machine. */
    static final Duration LONG = Duration.ofSeconds(60);

    /** The routes from ingest to buffer, those that are called first. */
    static final List<String> TO_BUFFER =
            List.of(
                    "dead-letter",
                    "buffer",
                    "withhold",
                    "tap",
                    "tag-quality",
                    "deduplicate",
                    "validate",
                    "ingest");

    /** What all tests of the build send through the shipped routes; see make test. */
    private static final StepCoverage COVERAGE = new StepCoverage();

    private final Map<String, String> properties = new TreeMap<>();
    private final List<EventData> events = new CopyOnWriteArrayList<>();
    private final AtomicInteger ids = new AtomicInteger();
    private Clock clock = Clock.systemUTC();
    private Path data;
    private boolean ownsData;
    private HubConfig config;
    private Broker broker;
    private Refusals refusals;
    private MqttGate gate;
    private Ledger ledger;
    private LedgerJournal journal;
    private LedgerAudit audit;
    private DeadLetters letters;
    private LiveBridgeMapping mapping;
    private Deduplication deduplication;
    private Alarms alarms;
    private BufferWatch watch;
    private Level level;
    private SchemaDrift drift;
    private Scoring scoring;
    private LatestReadings latest;
    private DeadLetterWorkbench workbench;
    private UnsPublisher publisher;
    private Traces traces;
    private RouteWatch routeWatch;
    private RouteControls controls;
    private OwnRoutes ownRoutes;
    private Subscriptions subscriptions;
    private UnsSubscriber subscriber;
    private LiveBindings bindings;
    private RunningCollectors collectors;
    private Intake intake;
    private EventHubsSender sender;
    private DefaultCamelContext camel;
    private Mqtt5BlockingClient client;
    private EventHubsEndpoint endpoint;
    private EventHubConsumerAsyncClient reader;
    private Disposable reading;

    /** Sets a configuration key, before the start. */
    HubFixture with(String key, String value) {
        properties.put(key, value);
        return this;
    }

    /** Sets the hub's clock, before the start. */
    HubFixture at(Clock hubClock) {
        clock = hubClock;
        return this;
    }

    @Override
    public void beforeEach(ExtensionContext test) throws Exception {
        ownsData = true;
        start(Files.createTempDirectory("hub-"));
    }

    @Override
    public void afterEach(ExtensionContext test) throws Exception {
        close();
    }

    /** Starts broker and Camel context, without routes. */
    void start(Path folder) throws Exception {
        data = folder;
        config = config();
        Beans beans = new Beans();
        HierarchyRules rules = beans.hierarchy(config);
        alarms = new Alarms(clock, (name, alarm) -> {});
        AuditFile trail = beans.auditFile(config, clock);
        refusals = beans.refusals(trail, new AuthenticationFailures(alarms, clock), clock);
        gate = new MqttGate(config, rules, refusals, alarms, trail, clock);
        OwnLogin own = beans.ownLogin(config);
        broker = beans.broker(config, refusals, own, gate);
        ledger = beans.ledger(clock);
        journal = beans.journal(broker, ledger, clock);
        audit = beans.audit(broker, ledger, journal, clock);
        broker.start();
        journal.load();
        bindings =
                beans.bindings(config, rules, settings(), alarms, beans.auditFile(config, clock));
        EnvelopeValidator validator = beans.validator(config, rules, clock);
        traces = beans.traces(config);
        publisher =
                Beans.unsPublisher(
                        config, beans.hubPublisher(broker, traces)::publish, traces, own);
        drift = beans.drift(config, publisher, clock);
        sender = beans.eventHubs(new FarSide(config), beans.lanes(config), broker, clock);
        letters = beans.deadLetters(broker, ledger, journal);
        workbench =
                beans.workbench(config, letters, validator, beans.auditFile(config, clock), clock);
        camel = new DefaultCamelContext();
        if (Boolean.getBoolean("unshub.coverage")) {
            COVERAGE.watch(camel);
        }
        Registry registry = camel.getRegistry();
        registry.bind("traces", traces);
        if (traces.on()) {
            camel.addRoutePolicyFactory(new StageSpans(traces));
        }
        registry.bind("clock", clock);
        registry.bind("bindings", bindings);
        collectors = beans.collectors();
        registry.bind("collectors", collectors);
        registry.bind("ledger", ledger);
        registry.bind("validation", beans.validation(validator, drift));
        registry.bind("qualityTagging", beans.qualityTagging(config, bindings));
        mapping = beans.bridgeMapping(config);
        registry.bind(
                "buffer",
                new Buffer(
                        broker,
                        ledger,
                        journal,
                        clock,
                        Beans.overtakes(broker, mapping, () -> sender, clock),
                        traces));
        watch = new BufferWatch(() -> level, () -> true, alarms, hold -> {});
        deduplication = beans.deduplication(config, ledger, alarms);
        registry.bind("deduplication", deduplication);
        registry.bind("withholding", beans.withholding(config, mapping, watch, bindings));
        var models = beans.registry(config, beans.auditFile(config, clock), clock);
        scoring =
                beans.scoring(
                        config,
                        broker,
                        models,
                        beans.modelWatch(
                                alarms, publisher, beans.retraining(config, models, clock)),
                        clock);
        scoring.refresh();
        registry.bind("scoring", scoring);
        subscriptions = beans.subscriptions(broker, clock);
        registry.bind("subscriptions", subscriptions);
        registry.bind("validator", validator);
        registry.bind("lines", beans.lines());
        registry.bind("claims", beans.claims(config, clock));
        registry.bind("rows", beans.rows());
        registry.bind("records", beans.records());
        latest = beans.latest();
        registry.bind("latest", latest);
        registry.bind("unsPublisher", publisher);
        subscriber = beans.unsSubscriber(config, clock);
        registry.bind("unsSubscriber", subscriber);
        registry.bind("sparkplug", beans.sparkplug(config, subscriber, clock));
        registry.bind("mqttMapping", beans.mqttMapping(config, clock));
        intake = beans.intake(validator, rules, camel.createProducerTemplate());
        registry.bind("eventHubs", sender);
        registry.bind("retry-far-side", beans.retryFarSide());
        registry.bind("workbench", workbench);
        camel.getComponent("kamelet", KameletComponent.class).setLocation("classpath:kamelets");
        routeWatch =
                new RouteWatch(subscriptions, alarms, (id, status) -> {}, Beans.runs(camel), clock);
        AuditFile auditFile = beans.auditFile(config, clock);
        controls = beans.routeControls(config, routeWatch, auditFile, clock);
        registry.bind("controlBus", beans.controlBus(controls));
        registry.bind("historyStamp", beans.historyStamp(config, clock));
        ownRoutes = beans.ownRoutes(config, subscriptions, routeWatch, controls, auditFile, clock);
        camel.start();
        ownRoutes.take(camel);
        workbench.resume();
    }

    /** Stops everything and starts it again on the same data, without routes. */
    void restart() throws Exception {
        boolean owned = ownsData;
        ownsData = false;
        close();
        ownsData = owned;
        client = null;
        reader = null;
        endpoint = null;
        events.clear();
        start(data);
    }

    /** Loads and starts shipped routes, in this order. */
    HubFixture run(List<String> names) throws Exception {
        for (String name : names) {
            ownRoutes.load(
                    name, Files.readString(Path.of("src/main/resources/routes", name + ".yaml")));
        }
        return this;
    }

    /** Loads and starts shipped routes, in this order. */
    HubFixture run(String... names) throws Exception {
        return run(List.of(names));
    }

    /** Loads and starts the routes of a file or a class path resource. */
    HubFixture load(String location) throws Exception {
        PluginHelper.getRoutesLoader(camel)
                .loadRoutes(ResourceHelper.resolveMandatoryResource(camel, location));
        return this;
    }

    /** The routes in the configuration's folder. */
    OwnRoutes ownRoutes() {
        return ownRoutes;
    }

    /** What became of them. */
    RouteWatch routeWatch() {
        return routeWatch;
    }

    /** What takes orders to them. */
    RouteControls controls() {
        return controls;
    }

    /** What own routes get copies of. */
    Subscriptions subscriptions() {
        return subscriptions;
    }

    /** What the console shows. */
    LatestReadings latest() {
        return latest;
    }

    /** The traces, off unless configured. */
    Traces traces() {
        return traces;
    }

    /** The models. */
    Scoring scoring() {
        return scoring;
    }

    /** The context that the routes run in. */
    CamelContext camel() {
        return camel;
    }

    /** Sends a body to a route and waits for its end. */
    void send(String uri, Object body) {
        try (ProducerTemplate producer = camel.createProducerTemplate()) {
            producer.sendBody(uri, body);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** An observer in a route that stands in for the stages behind the one under test. */
    MockEndpoint mock(String uri) {
        return camel.getEndpoint(uri, MockEndpoint.class);
    }

    /** The broker under the routes. */
    Broker broker() {
        return broker;
    }

    /** What MQTT clients were refused. */
    Refusals refusals() {
        return refusals;
    }

    /** The listener with TLS. */
    MqttGate gate() {
        return gate;
    }

    /** The books. */
    Ledger ledger() {
        return ledger;
    }

    /** The fields that no schema knows. */
    SchemaDrift drift() {
        return drift;
    }

    /** What leaves the plant. */
    LiveBridgeMapping mapping() {
        return mapping;
    }

    /** The queue of dead letters. */
    DeadLetters letters() {
        return letters;
    }

    /** What an operator does with them. */
    DeadLetterWorkbench workbench() {
        return workbench;
    }

    /** Lets the buffer's gauge show this, in percent. */
    void fill(int percent) throws Exception {
        level = new Level(clock.instant(), 0, 0, percent, 100, null, 0, 0);
        watch.tick();
    }

    /** The connections and tags. */
    LiveBindings bindings() {
        return bindings;
    }

    /** How the connections are doing. */
    RunningCollectors collectors() {
        return collectors;
    }

    /** What takes posted readings in. */
    Intake intake() {
        return intake;
    }

    /** The subscription to another broker. */
    UnsSubscriber subscriber() {
        return subscriber;
    }

    /** What was raised. */
    Alarms alarms() {
        return alarms;
    }

    /** The folder with journal, audit and tables. */
    Path data() {
        return data;
    }

    /** The sender that the forward route uses. */
    EventHubsSender sender() {
        return sender;
    }

    /** The number that a configuration key has. */
    int number(String key) {
        return Integer.parseInt(properties.get(key));
    }

    /** The report of the ledger against the queues. */
    LedgerReport report() throws Exception {
        return audit.report();
    }

    /** Publishes a payload as any client does; returns when the broker has acknowledged it. */
    void publish(String topic, String payload) {
        publish(topic, payload.getBytes(UTF_8));
    }

    /** Publishes bytes as any client does; returns when the broker has acknowledged them. */
    void publish(String topic, byte[] payload) {
        client().publishWith().topic(topic).qos(MqttQos.AT_LEAST_ONCE).payload(payload).send();
    }

    /** Publishes bytes, in order with the others, without waiting. */
    void publishAsync(String topic, byte[] payload) {
        client().toAsync()
                .publishWith()
                .topic(topic)
                .qos(MqttQos.AT_LEAST_ONCE)
                .payload(payload)
                .send();
    }

    /** Publishes a payload with MQTT 5 user properties, names and values in turn. */
    void publishWith(String topic, String payload, String... properties) {
        var user = Mqtt5UserProperties.builder();
        for (int i = 0; i < properties.length; i += 2) {
            user.add(properties[i], properties[i + 1]);
        }
        client().publishWith()
                .topic(topic)
                .qos(MqttQos.AT_LEAST_ONCE)
                .payload(payload.getBytes(UTF_8))
                .userProperties(user.build())
                .send();
    }

    private Mqtt5BlockingClient client() {
        if (client == null) {
            client =
                    Mqtt5Client.builder()
                            .serverHost("127.0.0.1")
                            .serverPort(number("unshub.mqtt.port"))
                            .buildBlocking();
            client.connect();
        }
        return client;
    }

    /** Publishes valid readings with the given values on a topic. */
    void publishValues(String topic, int from, int to) {
        for (int value = from; value <= to; value++) {
            publish(topic, envelope(topic, value, Instant.now()));
        }
    }

    /** A valid envelope; each has a messageId of its own. */
    String envelope(String topic, Object value, Instant time) {
        return """
               {"messageId":"%s","tsUtc":"%s","topic":"%s","value":%s,"quality":"GOOD",\
               "units":"1","sourceSystem":"test","lineageVersion":"1.0.0","schemaVersion":"1.0"}"""
                .formatted(new UUID(0x4000, ids.incrementAndGet()), time, topic, value);
    }

    /** What waits in the buffer, lane by lane. */
    List<Held> buffered() throws Exception {
        return QueueView.ofLanes(broker);
    }

    /** What was set aside, in order. */
    List<Held> deadLetters() throws Exception {
        return QueueView.of(broker, Queues.DEAD_LETTER);
    }

    /** A copy of the configuration without ages and ranges: no reading is downgraded. */
    static String copyWithoutDowngrades(Path to) {
        TestFolders.config(to);
        try {
            Files.writeString(to.resolve("uns/quality.yaml"), "version: 1\nstaleAfter: never\n");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return to.toString();
    }

    /** Waits until so many readings have been taken in, each moved on by the routes. */
    void awaitAccepted(long count) {
        eventually(() -> ledger.accepted() >= count);
    }

    /** Waits until a condition holds. */
    static void eventually(Callable<Boolean> condition) {
        await().atMost(LONG).pollInterval(Duration.ofMillis(20)).until(condition);
    }

    /** The sequence number that an event carries. */
    static long hubSeq(EventData event) {
        return (Long) event.getProperties().get("hubSeq");
    }

    /** Starts the plant of the shipped configuration behind its protocol servers. */
    SimulatedPlant startPlant() throws IOException {
        return SimulatedPlant.start(
                new PlantConfig(
                        number("unshub.simulator.opcua-port"),
                        number("unshub.simulator.modbus-port"),
                        1,
                        Duration.ofSeconds(1),
                        Optional.empty()),
                Clock.systemUTC());
    }

    /** Starts the far side; what was sent to it before is still there. */
    EventHubsEndpoint startFarSide() throws IOException {
        endpoint =
                EventHubsEndpoint.start(
                        new EndpointConfig(
                                data.resolve("far-side"),
                                number("far-side.port"),
                                "uns",
                                4,
                                "demo",
                                "ZGVtbw=="));
        return endpoint;
    }

    /** Takes the far side away. */
    void stopFarSide() {
        endpoint.close();
        endpoint = null;
    }

    /** Waits until so many events stand at the far side, and returns them as they came. */
    List<EventData> events(int count) {
        if (reader == null) {
            reader =
                    new EventHubClientBuilder()
                            .connectionString(endpoint.connectionString())
                            .consumerGroup(EventHubClientBuilder.DEFAULT_CONSUMER_GROUP_NAME)
                            .buildAsyncConsumerClient();
            reading =
                    reader.getPartitionIds()
                            .flatMap(
                                    id -> reader.receiveFromPartition(id, EventPosition.earliest()))
                            .subscribe(event -> events.add(event.getData()));
        }
        eventually(() -> events.size() >= count);
        return List.copyOf(events);
    }

    @Override
    public void close() throws Exception {
        if (reader != null) {
            reading.dispose();
            reader.close();
        }
        if (client != null && client.getState().isConnected()) {
            client.disconnect();
        }

        sender.stopping();
        camel.stop();
        if (Boolean.getBoolean("unshub.coverage")) {
            COVERAGE.save(RouteCoverage.FOLDER.resolve("HubFixture.json"));
        }

        publisher.close();

        sender.close();

        if (endpoint != null) {
            endpoint.close();
        }
        deduplication.close();
        journal.close();
        broker.stop();

        if (ownsData) {
            try (var files = Files.walk(data)) {
                for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                    Files.delete(file);
                }
            }
        }
    }

    private HubConfig config() throws IOException {
        List<String> ports = new ArrayList<>();
        List<ServerSocket> open = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            open.add(new ServerSocket(0, 1, InetAddress.getLoopbackAddress()));
            ports.add(Integer.toString(open.get(i).getLocalPort()));
        }
        for (ServerSocket socket : open) {
            socket.close();
        }
        properties.put("unshub.data-dir", data.toString());
        properties.put("unshub.mqtt.port", ports.get(0));
        properties.put("unshub.simulator.opcua-port", ports.get(1));
        properties.put("unshub.simulator.modbus-port", ports.get(2));
        properties.put("far-side.port", ports.get(3));
        properties.put(
                "unshub.eventhubs.connection-string",
                "Endpoint=sb://127.0.0.1:"
                        + ports.get(3)
                        + ";SharedAccessKeyName=demo;SharedAccessKey=ZGVtbw==;"
                        + "UseDevelopmentEmulator=true;EntityPath=uns");
        return settings().getConfigMapping(HubConfig.class);
    }

    private SmallRyeConfig settings() {
        return new SmallRyeConfigBuilder()
                .addDefaultInterceptors()
                .addDiscoveredConverters()
                .withMapping(HubConfig.class)
                .withValidateUnknown(false)
                .withSources(new PropertiesConfigSource(properties, "test", 100))
                .build();
    }
}
