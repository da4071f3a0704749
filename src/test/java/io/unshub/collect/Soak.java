package io.unshub.collect;

import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.hivemq.client.mqtt.datatypes.MqttQos;
import com.hivemq.client.mqtt.mqtt5.Mqtt5AsyncClient;
import com.hivemq.client.mqtt.mqtt5.Mqtt5Client;
import com.hivemq.client.mqtt.mqtt5.message.publish.Mqtt5Publish;
import io.unshub.EventHubsRead;
import io.unshub.TestFolders;
import io.unshub.load.HubProcess;
import io.unshub.load.HubVitals;
import io.unshub.load.MqttClients;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.apache.commons.io.FileUtils;
import org.awaitility.core.ConditionTimeoutException;

/**
 * A bad day of a plant's network in minutes: {@code make soak}. The hub in a process of its own
 * reads forty devices and takes from ten publishers, each over a wire of its own. In each round
 * every wire is cut, held, slowed or dropped, and mended once the end that it matters to has
 * noticed; meanwhile the values go on.
 *
 * <p>What is judged is seen from outside: UNS messages, events at Event Hubs, the ledger, metrics,
 * and the hub's heap, threads and open files.
 */
public final class Soak implements AutoCloseable {

    /** Wires, and so cuts in a round. */
    static final int WIRES = 50;

    private static final int DEVICES = 10;
    private static final int PUBLISHERS = 5;
    private static final Duration TICK = Duration.ofMillis(200);
    private static final Duration LIMIT = Duration.ofMinutes(3);
    private static final Duration SLOW = Duration.ofSeconds(5);

    /** The pools of broker and clients breathe; what leaks does so with each cut. */
    private static final long MORE_THREADS = 100;

    private static final long MORE_FILES = 100;
    private static final long MORE_HEAP = 16L << 20;
    private static final ObjectMapper JSON =
            new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);
    private static final Pattern OF_CONNECTION =
            Pattern.compile("(unshub_connection_\\w+)\\{connection=\"([^\"]+)\"\\} (\\S+)");

    private final Path work;
    private final Path config;
    private final List<AutoCloseable> open = new ArrayList<>();
    private final List<Party> parties = new ArrayList<>();
    private final Map<String, Integer> latest = new ConcurrentHashMap<>();
    private final Set<String> heard = ConcurrentHashMap.newKeySet();
    private final List<String> faults = new ArrayList<>();
    private final List<String> bad = Collections.synchronizedList(new ArrayList<>());
    private final int opcUaPort;
    private final int modbusPort;
    private final int logixPort;
    private final int s7Port;
    private final OpcUaTestServer opcUa;
    private final ModbusTestServer modbus;
    private final LogixTestServer logix;
    private final S7TestServer s7;
    private final HubProcess hub;
    private final ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor();
    private volatile int tick;
    private Map<String, Double> metrics = Map.of();

    /** What goes wrong with a wire. */
    private enum Trouble {
        CUT,
        HELD,
        SLOW,
        DROPPED
    }

    /**
     * How it went.
     *
     * @param cuts of wires, over all
     * @param seconds from the first cut until all was back after the last
     * @param readings at Event Hubs
     * @param reconnects that the hub counted
     * @param before vitals of the hub after the first round
     * @param after vitals of the hub after the last one
     * @param faults what must not be; empty where all is well
     */
    public record Verdict(
            int cuts,
            long seconds,
            int readings,
            long reconnects,
            HubVitals.Sample before,
            HubVitals.Sample after,
            List<String> faults) {}

    Soak() throws Exception {
        work = TestFolders.fresh("soak");
        opcUaPort = Ports.free();
        opcUa = opened(new OpcUaTestServer(opcUaPort));
        modbusPort = Ports.free();
        modbus = opened(new ModbusTestServer(modbusPort));
        logixPort = Ports.free();
        logix = opened(new LogixTestServer(logixPort));
        s7Port = Ports.free();
        s7 = opened(new S7TestServer(s7Port));
        for (int i = 0; i < DEVICES; i++) {
            opcUa.add("counter-" + i, 0);
        }
        poll(0);
        config = TestFolders.config(work.resolve("config"));
        for (String part : List.of("connections", "tags")) {
            FileUtils.cleanDirectory(config.resolve(part).toFile());
        }
        hub =
                opened(
                        HubProcess.on(work.resolve("data"))
                                .with("unshub.simulator.enabled", "false")
                                .with("unshub.config-dir", config.toString()));
    }

    /** {@code make soak}: {@code Soak CUTS FILE}. */
    public static void main(String[] args) throws Exception {
        int rounds = Math.max(2, Integer.parseInt(args[0]) / WIRES);
        Verdict verdict;
        try (Soak soak = new Soak()) {
            verdict = soak.run(rounds);
        }
        JSON.writeValue(Path.of(args[1]).toFile(), verdict);
        System.out.println(JSON.writeValueAsString(verdict));
        System.out.println(verdict.faults().isEmpty() ? "PASSED" : "NOT PASSED");
        System.exit(verdict.faults().isEmpty() ? 0 : 1);
    }

    Verdict run(int rounds) throws Exception {
        hub.start();
        open.add(MqttClients.hear(hub.mqttPort(), this::heard));
        // not before: each reading is to be heard
        for (int i = 0; i < DEVICES; i++) {
            String address = OpcUaTestServer.address("counter-" + i);
            device("opcua", i, "opc.tcp", opcUaPort, "/plant", List.of(address));
            device("modbus", i, "modbus-tcp", modbusPort, "", registers(i));
            device("logix", i, "logix", logixPort, "", logixTags(i));
            device("s7", i, "s7", s7Port, "", blocks(i));
        }
        for (int i = 0; i < PUBLISHERS; i++) {
            parties.add(opened(new MqttPublisher(i, Ports.free())));
            parties.add(opened(new HttpPublisher(i, Ports.free())));
        }
        soon("the first readings", () -> latest.size() >= topics());
        open.add(clock::shutdownNow);
        clock.scheduleAtFixedRate(
                this::tick, TICK.toMillis(), TICK.toMillis(), TimeUnit.MILLISECONDS);

        HubVitals vitals = opened(new HubVitals(hub.pid()));
        HubVitals.Sample before = null;
        HubVitals.Sample after = null;
        long start = System.nanoTime();
        for (int round = 0; round < rounds; round++) {
            round(round);
            after = vitals.sample();
            before = before == null ? after : before;
            System.out.printf(
                    "%d of %d cuts, %d s, %s%n",
                    (round + 1) * WIRES,
                    rounds * WIRES,
                    (System.nanoTime() - start) / 1_000_000_000,
                    after);
        }
        long seconds = (System.nanoTime() - start) / 1_000_000_000;
        after = calm(vitals, before);
        judgeVitals(before, after);
        return verdict(rounds, seconds, before, after);
    }

    @Override
    public void close() throws Exception {
        for (int i = open.size() - 1; i >= 0; i--) {
            open.get(i).close();
        }
    }

    private void round(int round) throws Exception {
        List<Party> whole = new ArrayList<>();
        for (int i = 0; i < parties.size(); i++) {
            Party party = parties.get(i);
            party.trouble(Trouble.values()[(i + round) % Trouble.values().length]);
            whole.add(party);
        }
        // each wire is mended as soon as its end has noticed
        List<Party> broken = new ArrayList<>(parties);
        soon(
                "a round",
                () -> {
                    look();
                    for (Party party : List.copyOf(broken)) {
                        if (party.noticed()) {
                            party.mend();
                            broken.remove(party);
                        }
                    }
                    if (broken.isEmpty()) {
                        whole.removeIf(Party::back);
                    }
                    return whole.isEmpty();
                });
    }

    /** The next value, everywhere. */
    private void tick() {
        try {
            int next = tick + 1;
            for (int i = 0; i < DEVICES; i++) {
                opcUa.push("counter-" + i, next);
            }
            poll(next);
            tick = next;
        } catch (RuntimeException e) {
            bad.add("the devices could not be given the value " + (tick + 1) + ": " + e);
        }
    }

    /** Gives all that is polled a value. */
    private void poll(int value) {
        for (int i = 0; i < DEVICES; i++) {
            for (int each = 0; each < 3; each++) {
                modbus.set(register(i, each), ByteBuffer.allocate(4).putInt(value));
                logix.setDint("Line" + i + ".Counter" + each, value);
            }
        }
        s7.fill(DEVICES * 3, value);
    }

    private Verdict verdict(
            int rounds, long seconds, HubVitals.Sample before, HubVitals.Sample after)
            throws Exception {
        clock.shutdown();
        clock.awaitTermination(10, TimeUnit.SECONDS);
        for (Party party : parties) {
            party.settle();
        }
        soon("the last values", () -> parties.stream().allMatch(Party::settled));
        look();
        Map<String, Double> counted = metrics;
        for (String part : List.of("connections", "tags")) {
            FileUtils.cleanDirectory(config.resolve(part).toFile());
        }
        soon(
                "the end of all polls",
                () -> {
                    look();
                    return metrics.isEmpty();
                });
        metrics = counted;
        JsonNode ledger = hub.quiet(LIMIT);
        List<String[]> events = EventHubsRead.all(hub, work.resolve("events"), ledger);
        Set<String> ids = new HashSet<>();
        Map<String, List<Integer>> arrived = new HashMap<>();
        for (String[] event : events) {
            JsonNode reading = EventHubsRead.body(event);
            String id = reading.path("messageId").asText();
            if (!ids.add(id)) {
                faults.add("twice at Event Hubs: " + reading);
            }
            arrived.computeIfAbsent(event[2], topic -> new ArrayList<>())
                    .add(reading.path("value").asInt());
        }
        soon("the last messages", () -> heard.size() >= ids.size());
        if (!ids.equals(heard)) {
            faults.add(
                    "%d different readings at Event Hubs, %d on the UNS"
                            .formatted(ids.size(), heard.size()));
        }
        for (Party party : parties) {
            party.judge(arrived);
        }
        JsonNode total = ledger.path("total");
        ledger.path("findings").forEach(finding -> faults.add("ledger: " + finding.asText()));
        if (total.path("forwarded").asLong() != events.size()
                || total.path("deadLettered").asLong() != 0) {
            faults.add("ledger, of " + events.size() + " events: " + total);
        }
        faults.addAll(bad.subList(0, Math.min(bad.size(), 10)));
        long reconnects =
                metrics.entrySet().stream()
                        .filter(each -> each.getKey().startsWith("unshub_connection_reconnects"))
                        .mapToLong(each -> each.getValue().longValue())
                        .sum();
        return new Verdict(
                rounds * WIRES,
                seconds,
                events.size(),
                reconnects,
                before,
                after,
                List.copyOf(faults));
    }

    private HubVitals.Sample calm(HubVitals vitals, HubVitals.Sample before) throws Exception {
        HubVitals.Sample[] last = {null};
        try {
            await().atMost(Duration.ofSeconds(60))
                    .pollInterval(Duration.ofSeconds(2))
                    .until(
                            () -> {
                                last[0] = vitals.sample();
                                return last[0].threads() <= before.threads() + MORE_THREADS
                                        && last[0].files() <= before.files() + MORE_FILES
                                        && last[0].heap() <= before.heap() + MORE_HEAP;
                            });
        } catch (ConditionTimeoutException e) {
            // judged below
        }
        return last[0];
    }

    private void judgeVitals(HubVitals.Sample before, HubVitals.Sample after) {
        if (after.threads() > before.threads() + MORE_THREADS
                || after.files() > before.files() + MORE_FILES
                || after.heap() > before.heap() + MORE_HEAP) {
            faults.add("the hub has grown from " + before + " to " + after);
        }
    }

    private void heard(Mqtt5Publish message) {
        try {
            JsonNode reading = JSON.readTree(message.getPayloadAsBytes());
            if (!reading.path("quality").asText().equals("GOOD")) {
                bad.add("on the UNS: " + reading);
            }
            if (heard.add(reading.path("messageId").asText())) {
                int value = reading.path("value").asInt();
                Integer before = latest.put(message.getTopic().toString(), value);
                if (before != null && value < before) {
                    bad.add("on the UNS, behind " + before + ": " + reading);
                }
            }
        } catch (IOException e) {
            bad.add("on the UNS: " + e.getMessage());
        }
    }

    private int last(String topic) {
        return latest.getOrDefault(topic, -1);
    }

    private int topics() {
        return DEVICES * (1 + 3 * 3) + 2 * PUBLISHERS;
    }

    private void look() throws IOException, InterruptedException {
        Map<String, Double> now = new HashMap<>();
        Matcher matcher = OF_CONNECTION.matcher(hub.metrics());
        while (matcher.find()) {
            now.put(matcher.group(1) + " " + matcher.group(2), Double.valueOf(matcher.group(3)));
        }
        metrics = now;
    }

    private void device(
            String protocol, int i, String scheme, int port, String path, List<String> addresses)
            throws IOException {
        String name = protocol + "-" + i;
        String options =
                protocol.equals("opcua")
                        ? "{samplingInterval: 0ms, publishingInterval: 100ms, queueSize: 10000}"
                        : "{pollInterval: 500ms, requestTimeout: 2s%s}"
                                .formatted(
                                        protocol.equals("modbus")
                                                ? ", unit: " + ModbusTestServer.UNIT
                                                : "");
        // a server of OPC UA names its port itself, so the wire has the same one elsewhere
        InetSocketAddress near =
                protocol.equals("opcua")
                        ? new InetSocketAddress("127.0.0." + (2 + i), port)
                        : new InetSocketAddress("127.0.0.1", Ports.free());
        Wire wire = opened(new Wire(near, new InetSocketAddress("127.0.0.1", port)));
        Files.writeString(
                config.resolve("connections/" + name + ".yaml"),
                """
                name: %s
                protocol: %s
                url: %s:/%s%s
                %s: %s
                """
                        .formatted(name, protocol, scheme, near, path, protocol, options));
        StringBuilder tags = new StringBuilder("connection: " + name + "\nversion: 1.0.0\ntags:\n");
        List<String> topics = new ArrayList<>();
        for (int each = 0; each < addresses.size(); each++) {
            String topic = "acme/plant1/packaging/line1/cell1/%s/counter-%d".formatted(name, each);
            topics.add(topic);
            tags.append(
                    """
                      - topic: %s
                        address: %s
                        units: "1"
                        interval: 1s
                    """
                            .formatted(topic, addresses.get(each)));
        }
        Files.writeString(config.resolve("tags/" + name + ".yaml"), tags);
        parties.add(new Device(name, protocol.equals("opcua"), wire, topics));
    }

    /** The third tag is far from the others: a request of its own. */
    private static int register(int device, int each) {
        return 1 + device * 4 + each * 2 + (each == 2 ? 1_000 : 0);
    }

    private static List<String> registers(int device) {
        return IntStream.range(0, 3)
                .mapToObj(each -> "holding-register:" + register(device, each) + ":DINT")
                .toList();
    }

    private static List<String> logixTags(int device) {
        return IntStream.range(0, 3).mapToObj(n -> "Line" + device + ".Counter" + n).toList();
    }

    private static List<String> blocks(int device) {
        return IntStream.range(0, 3)
                .mapToObj(each -> "\"%%DB1:%d:DINT\"".formatted(4 * (3 * device + each)))
                .toList();
    }

    private Wire wire(int from, int to) throws IOException {
        return opened(
                new Wire(
                        new InetSocketAddress("127.0.0.1", from),
                        new InetSocketAddress("127.0.0.1", to)));
    }

    private <T extends AutoCloseable> T opened(T resource) {
        open.add(resource);
        return resource;
    }

    private void soon(String what, Callable<Boolean> condition) {
        try {
            await(what).atMost(LIMIT).pollInterval(Duration.ofMillis(200)).until(condition);
        } catch (ConditionTimeoutException e) {
            throw new IllegalStateException(
                    what
                            + " did not come within "
                            + LIMIT.toSeconds()
                            + " s; waiting for "
                            + parties.stream().filter(party -> !party.back()).toList()
                            + "; the hub printed last\n"
                            + String.join(
                                    "\n",
                                    hub.lines()
                                            .subList(
                                                    Math.max(0, hub.lines().size() - 40),
                                                    hub.lines().size())),
                    e);
        }
    }

    /** What is at one end of a wire, and wants to hear from the other. */
    private abstract static class Party {

        final Wire wire;
        Trouble trouble;

        Party(Wire wire) {
            this.wire = wire;
        }

        void trouble(Trouble next) throws IOException {
            trouble = next;
            switch (next) {
                case CUT -> wire.cut();
                case HELD -> wire.hold();
                case SLOW -> wire.slow(SLOW);
                case DROPPED -> wire.drop();
            }
        }

        void mend() throws IOException {
            wire.mend();
        }

        /** Whether the trouble is known at the end that should notice it. */
        abstract boolean noticed();

        /** Whether values pass again that are of after the mending. */
        abstract boolean back();

        /** No more values come. */
        abstract void settle() throws Exception;

        /** Whether the last values are on the UNS. */
        abstract boolean settled();

        /** Looks at what stands at Event Hubs, by topic. */
        abstract void judge(Map<String, List<Integer>> arrived);
    }

    /** A device of which the hub reads. */
    private final class Device extends Party {

        private final String name;
        private final boolean subscribed;
        private final List<String> topics;
        private int cuts;
        private int goal;

        Device(String name, boolean subscribed, Wire wire, List<String> topics) {
            super(wire);
            this.name = name;
            this.subscribed = subscribed;
            this.topics = topics;
        }

        @Override
        void trouble(Trouble next) throws IOException {
            // a subscription takes a slow wire well
            super.trouble(subscribed && next == Trouble.SLOW ? Trouble.HELD : next);
            cuts++;
        }

        @Override
        boolean noticed() {
            return trouble == Trouble.DROPPED || metric("up") == 0;
        }

        @Override
        void mend() throws IOException {
            super.mend();
            goal = tick;
        }

        @Override
        boolean back() {
            return metric("up") == 1
                    && metric("reconnects_total") >= cuts
                    && topics.stream().allMatch(topic -> last(topic) >= goal);
        }

        @Override
        void settle() {
            goal = tick;
        }

        @Override
        boolean settled() {
            return topics.stream().allMatch(topic -> last(topic) == goal);
        }

        @Override
        void judge(Map<String, List<Integer>> arrived) {
            // a machine that is busy ends a connection now and then itself
            if (metric("reconnects_total") < cuts) {
                faults.add(
                        "%s: %.0f reconnects counted, %d cuts"
                                .formatted(name, metric("reconnects_total"), cuts));
            }
            for (String topic : topics) {
                List<Integer> seen = arrived.getOrDefault(topic, List.of());
                if (subscribed && !seen.equals(IntStream.rangeClosed(0, goal).boxed().toList())) {
                    faults.add(topic + " has not each value once and in order: " + odd(seen));
                }
                for (int i = 1; i < seen.size(); i++) {
                    if (seen.get(i) < seen.get(i - 1)) {
                        faults.add(
                                topic
                                        + " went back: "
                                        + seen.subList(
                                                Math.max(0, i - 3), Math.min(seen.size(), i + 4)));
                        break;
                    }
                }
            }
        }

        private double metric(String what) {
            return metrics.getOrDefault("unshub_connection_" + what + " " + name, Double.NaN);
        }

        @Override
        public String toString() {
            return "%s (%s, up %.0f, %.0f reconnects of %d, at %d of %d)"
                    .formatted(
                            name,
                            trouble,
                            metric("up"),
                            metric("reconnects_total"),
                            cuts,
                            last(topics.get(0)),
                            goal);
        }
    }

    private static String odd(List<Integer> values) {
        if (values.isEmpty()) {
            return "nothing";
        }
        for (int i = 1; i < values.size(); i++) {
            if (values.get(i) != values.get(i - 1) + 1) {
                return values.subList(Math.max(0, i - 3), Math.min(values.size(), i + 4))
                        + " from place "
                        + i;
            }
        }
        return values.size() + " values from " + values.get(0);
    }

    /** A client that sends a number, waits until it is taken, and sends the next. */
    private abstract class Publisher extends Party implements AutoCloseable {

        final String topic;
        private final Thread thread;
        private volatile int acknowledged = -1;
        private volatile boolean ended;
        private volatile int misses;
        private int missesBefore;
        private int goal;

        Publisher(Wire wire, String name) {
            super(wire);
            topic = "acme/plant9/packaging/line1/cell1/" + name + "/counter";
            thread = new Thread(this::publish, name);
            thread.setDaemon(true);
        }

        final void begin() {
            thread.start();
        }

        /** Sends, and returns once it is taken; throws if it is not known to be. */
        abstract void send(int number, byte[] envelope) throws Exception;

        /** Takes note that the other end is away. */
        final void missed() {
            misses++;
        }

        private void publish() {
            try {
                for (int number = 0; !ended; number++) {
                    byte[] envelope = envelope(number);
                    while (acknowledged < number) {
                        try {
                            send(number, envelope);
                            acknowledged = number;
                        } catch (IOException e) {
                            missed();
                        }
                        Thread.sleep(TICK.toMillis());
                    }
                }
            } catch (InterruptedException e) {
                // closed
            } catch (Exception e) {
                bad.add(topic + ": " + e);
            }
        }

        private byte[] envelope(int number) throws IOException {
            return JSON.writeValueAsBytes(
                    Map.of(
                            "messageId", UUID.randomUUID().toString(),
                            "tsUtc", Instant.now().toString(),
                            "topic", topic,
                            "value", number,
                            "quality", "GOOD",
                            "units", "1",
                            "sourceSystem", "soak",
                            "lineageVersion", "1.0.0",
                            "schemaVersion", "1.0"));
        }

        @Override
        void trouble(Trouble next) throws IOException {
            missesBefore = misses;
            super.trouble(next);
        }

        @Override
        boolean noticed() {
            return trouble == Trouble.DROPPED || misses > missesBefore;
        }

        @Override
        void mend() throws IOException {
            super.mend();
            goal = acknowledged + 1;
        }

        @Override
        boolean back() {
            return acknowledged >= goal && last(topic) >= goal;
        }

        @Override
        void settle() throws Exception {
            ended = true;
            thread.join(LIMIT.toMillis());
        }

        @Override
        boolean settled() {
            return last(topic) == acknowledged;
        }

        @Override
        void judge(Map<String, List<Integer>> arrived) {
            List<Integer> all = IntStream.rangeClosed(0, acknowledged).boxed().toList();
            if (!all.equals(arrived.get(topic))) {
                faults.add(
                        topic
                                + ": what was acknowledged is not there once and in order: "
                                + odd(arrived.getOrDefault(topic, List.of(0))));
            }
        }

        @Override
        public String toString() {
            return "%s (%s, %d misses, at %d of %d, heard %d)"
                    .formatted(topic, trouble, misses, acknowledged, goal, last(topic));
        }

        @Override
        public void close() throws Exception {
            ended = true;
            thread.interrupt();
        }
    }

    private final class MqttPublisher extends Publisher {

        private final Mqtt5AsyncClient client;

        MqttPublisher(int i, int port) throws IOException {
            super(Soak.this.wire(port, hub.mqttPort()), "mqtt-" + i);
            client =
                    Mqtt5Client.builder()
                            .identifier("soak-" + i)
                            .serverHost("127.0.0.1")
                            .serverPort(port)
                            .automaticReconnect()
                            .initialDelay(200, TimeUnit.MILLISECONDS)
                            .maxDelay(2, TimeUnit.SECONDS)
                            .applyAutomaticReconnect()
                            .addDisconnectedListener(context -> missed())
                            .buildAsync();
            client.connectWith()
                    .cleanStart(false)
                    .sessionExpiryInterval(600)
                    .keepAlive(1)
                    .send()
                    .join();
            begin();
        }

        @Override
        void send(int number, byte[] envelope) throws Exception {
            // the client sends it again by itself
            client.publishWith()
                    .topic(topic)
                    .qos(MqttQos.AT_LEAST_ONCE)
                    .payload(envelope)
                    .send()
                    .get();
        }

        @Override
        public void close() throws Exception {
            super.close();
            client.disconnect();
        }
    }

    private final class HttpPublisher extends Publisher {

        private final HttpClient client = HttpClient.newHttpClient();
        private final URI uri;
        private final String token;

        HttpPublisher(int i, int port) throws IOException {
            super(Soak.this.wire(port, hub.port("quarkus.http.port")), "http-" + i);
            uri = URI.create("http://127.0.0.1:" + port + "/api/v1/readings");
            token = Files.readString(hub.data().resolve("readings-token"));
            begin();
        }

        @Override
        void send(int number, byte[] envelope) throws Exception {
            var answer =
                    client.send(
                            HttpRequest.newBuilder(uri)
                                    .timeout(Duration.ofSeconds(4))
                                    .header("Authorization", "Bearer " + token)
                                    .header("Content-Type", "application/json")
                                    .header("Idempotency-Key", topic + number)
                                    .POST(BodyPublishers.ofByteArray(envelope))
                                    .build(),
                            BodyHandlers.ofString());
            if (answer.statusCode() != 202) {
                throw new IOException(answer.statusCode() + " " + answer.body());
            }
        }
    }
}
