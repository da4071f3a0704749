package io.unshub.collect;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.eclipse.milo.opcua.stack.core.types.builtin.unsigned.Unsigned.ubyte;
import static org.eclipse.milo.opcua.stack.core.types.builtin.unsigned.Unsigned.uint;
import static org.eclipse.milo.opcua.stack.core.types.builtin.unsigned.Unsigned.ulong;
import static org.eclipse.milo.opcua.stack.core.types.builtin.unsigned.Unsigned.ushort;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.hivemq.client.mqtt.mqtt5.message.publish.Mqtt5Publish;
import io.unshub.EventHubsRead;
import io.unshub.TestFolders;
import io.unshub.load.HubProcess;
import io.unshub.load.MqttClients;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.apache.commons.io.FileUtils;
import org.eclipse.milo.opcua.sdk.server.identity.UsernameIdentityValidator;
import org.eclipse.milo.opcua.stack.core.StatusCodes;
import org.eclipse.milo.opcua.stack.core.security.MemoryTrustListManager;
import org.eclipse.milo.opcua.stack.core.types.builtin.DateTime;
import org.eclipse.milo.opcua.stack.core.types.builtin.LocalizedText;
import org.eclipse.milo.opcua.stack.core.types.builtin.StatusCode;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * The whole hub between devices that speak the real protocols and whoever listens: seen are UNS
 * messages and events at Event Hubs, nothing else.
 */
class ConnectorsIT {

    private static final Duration LIMIT = Duration.ofMinutes(2);
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Pattern VALUE =
            Pattern.compile(
                    "\"value\":(.*?),\"quality\":\"(\\w+)\"(?:.*\"errorCode\":\"(\\w+)\")?");

    private final Path work = TestFolders.fresh("connectors");
    private final Path config = TestFolders.config(work.resolve("config"));
    private final Map<String, List<String>> messages = new ConcurrentHashMap<>();
    private final List<AutoCloseable> open = new ArrayList<>();
    private HubProcess hub;

    @BeforeEach
    void startWithoutConnections() throws Exception {
        for (String part : List.of("connections", "tags")) {
            FileUtils.cleanDirectory(config.resolve(part).toFile());
        }
        hub =
                opened(
                        HubProcess.on(work.resolve("data"))
                                .with("unshub.simulator.enabled", "false")
                                .with("unshub.config-dir", config.toString())
                                .start());
        open.add(MqttClients.hear(hub.mqttPort(), this::heard));
    }

    @AfterEach
    void closeAll() throws Exception {
        for (int i = open.size() - 1; i >= 0; i--) {
            open.get(i).close();
        }
    }

    @Test
    void carriesEveryTypeOfEveryProtocolExactly() throws Exception {
        Map<String, String> expected = new LinkedHashMap<>();
        opcUaTypes(expected);
        modbusTypes(expected);
        s7Types(expected);
        logixTypes(expected);

        awaitAll(expected);
        sameAtEventHubs();
    }

    @Test
    void comesThroughWhateverAnEncryptedOpcUaServerDoes() throws Exception {
        int port = Ports.free();
        MemoryTrustListManager clients = new MemoryTrustListManager();
        OpcUaTestServer server = opened(secured(port, clients));
        Map<String, String> tags = new LinkedHashMap<>();
        IntStream.range(0, 120)
                .forEach(
                        i -> {
                            server.add("many-" + i, i);
                            tags.put("many-" + i, OpcUaTestServer.address("many-" + i));
                        });
        tags.put("not-there", OpcUaTestServer.address("not-there"));
        server.add("level", 1);
        tags.put("level", OpcUaTestServer.address("level"));
        Files.writeString(work.resolve("password"), "s3cret");
        connect(
                "scada",
                """
                protocol: opcua
                url: %s
                opcua: {security: Basic256Sha256, user: hub, passwordFile: %s, publishingInterval: 50ms}
                """
                        .formatted(
                                OpcUaTestServer.url("127.0.0.1", port), work.resolve("password")),
                tags);

        // the first connect, as its page has it
        trust();
        Path own = hub.data().resolve("opcua/own/certificate.der");
        clients.addTrustedCertificate(OpcUaPki.certificate(own));

        Map<String, String> expected = new LinkedHashMap<>();
        IntStream.range(0, 120).forEach(i -> expected.put("scada/many-" + i, i + " GOOD"));
        expected.put("scada/not-there", "null ERROR Bad_NodeIdUnknown");
        expected.put("scada/level", "1 GOOD");
        awaitAll(expected);

        Instant time = Instant.parse("2026-03-01T10:00:00.1234567Z");
        push(server, 2, StatusCodes.Good_Clamped, time);
        push(server, 3, StatusCodes.Uncertain_LastUsableValue, time.plusSeconds(1));
        push(server, 4, StatusCodes.Bad_OutOfService, time.plusSeconds(2));
        push(server, 5, StatusCodes.Bad_SensorFailure, time.plusSeconds(3));
        push(server, 6, StatusCodes.Good, time.plusSeconds(4));
        await().atMost(LIMIT).until(() -> shown("scada/level").size() == 6);
        assertThat(shown("scada/level"))
                .containsExactly(
                        "1 GOOD",
                        "2 GOOD",
                        "3 STALE Uncertain_LastUsableValue",
                        "4 ERROR Bad_OutOfService",
                        "5 ERROR Bad_SensorFailure",
                        "6 GOOD");
        assertThat(messages.get("scada/level").get(1))
                .contains("\"tsUtc\":\"2026-03-01T10:00:00.123456700Z\"");

        // it starts again with another certificate, and without most of its variables
        server.close();
        open.remove(server);
        OpcUaTestServer again = opened(secured(port, clients));
        again.add("level", 7);
        trust();
        await().atMost(LIMIT).until(() -> shown("scada/level").contains("7 GOOD"));
        await().atMost(LIMIT)
                .until(() -> shown("scada/many-0").contains("null ERROR Bad_NodeIdUnknown"));
        sameAtEventHubs();
    }

    @Test
    void comesThroughDelaysExceptionsAndDropsOfAModbusDevice() throws Exception {
        int port = Ports.free();
        ModbusTestServer server = opened(new ModbusTestServer(port));
        int near = Ports.free();
        Wire wire =
                opened(
                        new Wire(
                                new InetSocketAddress("127.0.0.1", near),
                                new InetSocketAddress("127.0.0.1", port)));
        server.setShort(1, 1);
        server.setShort(2, 2);
        server.setShort(200, 3);
        server.illegal(2);
        connect(
                "plc",
                """
                protocol: modbus
                url: modbus-tcp://127.0.0.1:%d
                modbus: {pollInterval: 200ms, requestTimeout: 1s, unit: %d}
                """
                        .formatted(near, ModbusTestServer.UNIT),
                Map.of(
                        "one", "holding-register:1:INT",
                        "bad", "holding-register:2:INT",
                        "far", "holding-register:200:INT"));
        awaitAll(
                Map.of(
                        "plc/one", "1 GOOD",
                        "plc/bad", "null ERROR INVALID_ADDRESS",
                        "plc/far", "3 GOOD"));

        server.setShort(1, 11);
        awaitAll(Map.of("plc/one", "11 GOOD"));
        wire.slow(Duration.ofSeconds(2));
        await().atMost(LIMIT).until(() -> hub.metrics().contains(failures("plc", "timeout", 1)));
        server.setShort(1, 12);
        wire.mend();
        awaitAll(Map.of("plc/one", "12 GOOD"));

        String closed = failures("plc", "closed", 1);
        // a request that is under way when the wire is dropped is seen to have no answer
        for (int drops = 1; drops <= 5 && !hub.metrics().contains(closed); drops++) {
            String unanswered = failures("plc", "timeout", 1 + drops);
            wire.drop();
            server.setShort(1, 12 + drops);
            awaitAll(Map.of("plc/one", 12 + drops + " GOOD"));
            await().atMost(LIMIT)
                    .until(
                            hub::metrics,
                            metrics -> metrics.contains(closed) || metrics.contains(unanswered));
        }
        assertThat(hub.metrics()).contains(closed);

        server.legal(2);
        awaitAll(Map.of("plc/bad", "2 GOOD"));
        sameAtEventHubs();
        assertThat(shown("plc/one")).allMatch(reading -> reading.endsWith(" GOOD"));
        assertThat(shown("plc/far")).allMatch("3 GOOD"::equals);
    }

    private void opcUaTypes(Map<String, String> expected) throws Exception {
        int port = Ports.free();
        OpcUaTestServer server = opened(new OpcUaTestServer(port));
        Map<String, Object> values = new LinkedHashMap<>();
        give(values, expected, "boolean", true, "true");
        give(values, expected, "sbyte", (byte) -56, "-56");
        give(values, expected, "byte", ubyte(200), "200");
        give(values, expected, "int16", (short) -2, "-2");
        give(values, expected, "uint16", ushort(65_534), "65534");
        give(values, expected, "int32", -70_000, "-70000");
        give(values, expected, "uint32", uint(4_000_000_000L), "4000000000");
        give(values, expected, "int64", Long.MIN_VALUE + 1, "-9223372036854775807");
        give(values, expected, "uint64", ulong("18446744073709551615"), "18446744073709551615");
        give(values, expected, "float", 21.7f, "21.7");
        give(values, expected, "double", 0.1, "0.1");
        give(
                values,
                expected,
                "string",
                "br\u00FCn \"x\" \u6C34",
                "\"br\u00FCn \\\"x\\\" \u6C34\"");
        Instant time = Instant.parse("2026-03-01T10:00:00.1234567Z");
        give(values, expected, "datetime", new DateTime(time), "\"" + time + "\"");
        UUID guid = UUID.fromString("72962b91-fa75-4ae6-8d28-b404dc7daf63");
        give(values, expected, "guid", guid, "\"" + guid + "\"");
        give(values, expected, "text", LocalizedText.english("open"), "\"open\"");
        expected.put("opcua/nan", "null ERROR NotANumber");
        values.put("nan", Double.NaN);
        expected.put("opcua/array", "null ERROR UnsupportedType");
        values.put("array", new Integer[] {1, 2});
        values.forEach(server::add);
        Map<String, String> tags = new LinkedHashMap<>();
        values.keySet().forEach(name -> tags.put(name, OpcUaTestServer.address(name)));
        tags.put("elements", OpcUaTestServer.address("array") + "[0..2]");
        expected.put("opcua/elements-0", "1 GOOD");
        expected.put("opcua/elements-1", "2 GOOD");
        expected.put("opcua/elements-2", "null ERROR Bad_IndexRangeNoData");
        connect(
                "opcua",
                "protocol: opcua\nurl: " + OpcUaTestServer.url("127.0.0.1", port) + "\n",
                tags);
    }

    private static void give(
            Map<String, Object> values,
            Map<String, String> expected,
            String name,
            Object value,
            String json) {
        values.put(name, value);
        expected.put("opcua/" + name, json + " GOOD");
    }

    private void modbusTypes(Map<String, String> expected) throws Exception {
        int port = Ports.free();
        ModbusTestServer server = opened(new ModbusTestServer(port));
        server.set(1, block());
        server.setCoil(3);
        server.setDiscrete(9);
        server.setInput(2, 1_234);
        Map<String, String> tags = new LinkedHashMap<>();
        bind(tags, expected, "modbus", "real", "holding-register:1:REAL", "21.7");
        bind(tags, expected, "modbus", "int", "holding-register:3:INT", "-2");
        bind(tags, expected, "modbus", "uint", "holding-register:4:UINT", "65534");
        bind(tags, expected, "modbus", "word", "holding-register:4:WORD", "65534");
        bind(tags, expected, "modbus", "dint", "holding-register:5:DINT", "-70000");
        bind(tags, expected, "modbus", "udint", "holding-register:7:UDINT", "4000000000");
        bind(tags, expected, "modbus", "dword", "holding-register:7:DWORD", "4000000000");
        bind(tags, expected, "modbus", "lint", "holding-register:9:LINT", "-9223372036854775807");
        bind(
                tags,
                expected,
                "modbus",
                "ulint",
                "holding-register:13:ULINT",
                "18446744073709551615");
        bind(
                tags,
                expected,
                "modbus",
                "lword",
                "holding-register:13:LWORD",
                "18446744073709551615");
        bind(tags, expected, "modbus", "lreal", "holding-register:17:LREAL", "0.1");
        bind(tags, expected, "modbus", "text", "holding-register:22:CHAR[8]", "\"batch-12\"");
        bind(tags, expected, "modbus", "coil", "coil:3", "true");
        bind(tags, expected, "modbus", "coil-off", "coil:4", "false");
        bind(tags, expected, "modbus", "discrete", "discrete-input:9", "true");
        bind(tags, expected, "modbus", "input", "input-register:2:UINT", "1234");
        bindArray(tags, expected, "modbus", "ints", "holding-register:3:INT[2]", "-2", "-2");
        bindArray(tags, expected, "modbus", "coils", "coil:3:BOOL[2]", "true", "false");
        bindArray(
                tags,
                expected,
                "modbus",
                "texts",
                "holding-register:22:CHAR[4][2]",
                "\"batc\"",
                "\"h-12\"");
        connect(
                "modbus",
                """
                protocol: modbus
                url: modbus-tcp://127.0.0.1:%d
                modbus: {pollInterval: 300ms, unit: %d}
                """
                        .formatted(port, ModbusTestServer.UNIT),
                tags);
        // the same, low word first
        int swappedPort = Ports.free();
        ModbusTestServer swapped = opened(new ModbusTestServer(swappedPort));
        ByteBuffer words = block();
        for (int[] value : new int[][] {{0, 2}, {8, 2}, {16, 4}, {32, 4}}) {
            for (int i = 0; i < value[1] / 2; i++) {
                int low = value[0] + 2 * i;
                int high = value[0] + 2 * (value[1] - 1 - i);
                short word = words.getShort(low);
                words.putShort(low, words.getShort(high)).putShort(high, word);
            }
        }
        swapped.set(1, words);
        Map<String, String> others = new LinkedHashMap<>();
        bind(others, expected, "swapped", "real", "holding-register:1:REAL", "21.7");
        bind(others, expected, "swapped", "dint", "holding-register:5:DINT", "-70000");
        bind(
                others,
                expected,
                "swapped",
                "lint",
                "holding-register:9:LINT",
                "-9223372036854775807");
        bind(others, expected, "swapped", "lreal", "holding-register:17:LREAL", "0.1");
        connect(
                "swapped",
                """
                protocol: modbus
                url: modbus-tcp://127.0.0.1:%d
                modbus: {pollInterval: 300ms, unit: %d, byteOrder: CDAB}
                """
                        .formatted(swappedPort, ModbusTestServer.UNIT),
                others);
    }

    /** Values from the first register, or byte, on. */
    private static ByteBuffer block() {
        return ByteBuffer.allocate(50)
                .putFloat(21.7f)
                .putShort((short) -2)
                .putShort((short) 0xFFFE)
                .putInt(-70_000)
                .putInt((int) 4_000_000_000L)
                .putLong(Long.MIN_VALUE + 1)
                .putLong(-1)
                .putDouble(0.1)
                .put(new byte[] {0b101, (byte) 200})
                .put("batch-12".getBytes(ISO_8859_1));
    }

    private void s7Types(Map<String, String> expected) throws Exception {
        int port = Ports.free();
        S7TestServer server = opened(new S7TestServer(port));
        ByteBuffer bytes = ByteBuffer.allocate(80).put(block().array());
        bytes.put(new byte[] {20, 6}).put("pump 1".getBytes(ISO_8859_1));
        server.set(bytes);
        Map<String, String> tags = new LinkedHashMap<>();
        bind(tags, expected, "s7", "real", "%DB1:0:REAL", "21.7");
        bind(tags, expected, "s7", "int", "%DB1:4:INT", "-2");
        bind(tags, expected, "s7", "uint", "%DB1:6:UINT", "65534");
        bind(tags, expected, "s7", "word", "%DB1:6:WORD", "65534");
        bind(tags, expected, "s7", "dint", "%DB1:8:DINT", "-70000");
        bind(tags, expected, "s7", "udint", "%DB1:12:UDINT", "4000000000");
        bind(tags, expected, "s7", "dword", "%DB1:12:DWORD", "4000000000");
        bind(tags, expected, "s7", "lint", "%DB1:16:LINT", "-9223372036854775807");
        bind(tags, expected, "s7", "ulint", "%DB1:24:ULINT", "18446744073709551615");
        bind(tags, expected, "s7", "lreal", "%DB1:32:LREAL", "0.1");
        bind(tags, expected, "s7", "bit-on", "%DB1:40.2:BOOL", "true");
        bind(tags, expected, "s7", "bit-off", "%DB1:40.1:BOOL", "false");
        bind(tags, expected, "s7", "usint", "%DB1:41:USINT", "200");
        bind(tags, expected, "s7", "sint", "%DB1:41:SINT", "-56");
        bind(tags, expected, "s7", "byte", "%DB1:41:BYTE", "200");
        bind(tags, expected, "s7", "string", "%DB1:50:STRING(20)", "\"pump 1\"");
        bindArray(tags, expected, "s7", "words", "%DB1:4:WORD[2]", "65534", "65534");
        bindArray(tags, expected, "s7", "strings", "%DB1:50:STRING(20)[1]", "\"pump 1\"");
        bindArray(
                tags,
                expected,
                "s7",
                "bits",
                "%DB1:40.2:BOOL[8]",
                "true",
                "false",
                "false",
                "false",
                "false",
                "false",
                "false",
                "false");
        connect(
                "s7",
                "protocol: s7\nurl: s7://127.0.0.1:" + port + "\ns7: {pollInterval: 300ms}\n",
                tags);
    }

    private void logixTypes(Map<String, String> expected) throws Exception {
        int port = Ports.free();
        LogixTestServer server = opened(new LogixTestServer(port));
        server.setEachType();
        server.set("Flags", 0xC4, little(4).putInt(0b1000));
        server.setString("Motor", 0x4711, 40, "");
        Map<String, String> tags = new LinkedHashMap<>();
        bind(tags, expected, "logix", "bool", "Bool", "true");
        bind(tags, expected, "logix", "sint", "Sint", "-56");
        bind(tags, expected, "logix", "int", "Int", "-2");
        bind(tags, expected, "logix", "dint", "Dint", "-70000");
        bind(tags, expected, "logix", "lint", "Lint", "-9223372036854775807");
        bind(tags, expected, "logix", "usint", "Usint", "200");
        bind(tags, expected, "logix", "uint", "Uint", "65534");
        bind(tags, expected, "logix", "udint", "Udint", "4000000000");
        bind(tags, expected, "logix", "ulint", "Ulint", "18446744073709551615");
        bind(tags, expected, "logix", "real", "Program:MainProgram.Pump.Speed", "21.7");
        bind(tags, expected, "logix", "lreal", "Lreal", "0.1");
        bind(tags, expected, "logix", "element", "Tank[3].Level", "4.5");
        bind(tags, expected, "logix", "bit-on", "Flags.3", "true");
        bind(tags, expected, "logix", "bit-off", "Flags.2", "false");
        bind(tags, expected, "logix", "bools-on", "Bits[37]", "true");
        bind(tags, expected, "logix", "bools-off", "Bits[36]", "false");
        bindArray(tags, expected, "logix", "levels", "Tank[3..3].Level");
        expected.put("logix/levels-3", "4.5 GOOD");
        bindArray(tags, expected, "logix", "bools", "Bits[36..37]");
        expected.put("logix/bools-36", "false GOOD");
        expected.put("logix/bools-37", "true GOOD");
        bind(tags, expected, "logix", "string", "Name", "\"pump 1\"");
        bind(tags, expected, "logix", "own-string", "Recipe:STRING", "\"br\u00FCn\"");
        tags.put("nan", "Nan");
        expected.put("logix/nan", "null ERROR NotANumber");
        tags.put("structure", "Motor");
        expected.put("logix/structure", "null ERROR INVALID_DATATYPE");
        tags.put("missing", "Missing");
        expected.put("logix/missing", "null ERROR NOT_FOUND");
        connect(
                "logix",
                "protocol: logix\nurl: logix://127.0.0.1:"
                        + port
                        + "\nlogix: {pollInterval: 300ms}\n",
                tags);
    }

    private static ByteBuffer little(int capacity) {
        return ByteBuffer.allocate(capacity).order(ByteOrder.LITTLE_ENDIAN);
    }

    private static void bind(
            Map<String, String> tags,
            Map<String, String> expected,
            String connection,
            String name,
            String address,
            String json) {
        tags.put(name, address);
        expected.put(connection + "/" + name, json + " GOOD");
    }

    private static void bindArray(
            Map<String, String> tags,
            Map<String, String> expected,
            String connection,
            String name,
            String address,
            String... json) {
        tags.put(name, address);
        for (int i = 0; i < json.length; i++) {
            expected.put(connection + "/" + name + "-" + i, json[i] + " GOOD");
        }
    }

    private static OpcUaTestServer secured(int port, MemoryTrustListManager clients)
            throws Exception {
        return OpcUaTestServer.secured(
                port,
                clients,
                new UsernameIdentityValidator(
                        challenge ->
                                challenge.getUsername().equals("hub")
                                        && challenge.getPassword().equals("s3cret")),
                "127.0.0.1");
    }

    private static void push(OpcUaTestServer server, int value, long code, Instant time) {
        server.push("level", value, new StatusCode(code), new DateTime(time));
    }

    /** What an operator does once the hub has shown whom it does not trust. */
    private void trust() {
        Path folder = hub.data().resolve("opcua");
        await().atMost(LIMIT)
                .until(
                        () -> {
                            if (!Files.isDirectory(folder.resolve("rejected"))) {
                                return false;
                            }
                            try (var files = Files.list(folder.resolve("rejected"))) {
                                for (Path file : files.toList()) {
                                    Files.move(
                                            file,
                                            folder.resolve("trusted/certs")
                                                    .resolve(file.getFileName()),
                                            StandardCopyOption.REPLACE_EXISTING);
                                    return true;
                                }
                            }
                            return false;
                        });
    }

    /** Adds a connection and its tags to the hub while it runs. */
    private void connect(String name, String connection, Map<String, String> tags)
            throws IOException {
        StringBuilder text = new StringBuilder("connection: " + name + "\nversion: 1.0.0\ntags:\n");
        tags.forEach(
                (tag, address) ->
                        text.append(
                                """
                                  - topic: acme/plant1/packaging/line1/cell1/%s/%s
                                    address: '%s'
                                    units: "1"
                                    interval: 1s
                                """
                                        .formatted(name, tag, address)));
        Path written = Files.writeString(work.resolve("tags.yaml"), text);
        Files.writeString(
                config.resolve("connections/" + name + ".yaml"),
                "name: " + name + "\n" + connection);
        Files.move(written, config.resolve("tags/" + name + ".yaml"));
    }

    private void heard(Mqtt5Publish message) {
        String topic = message.getTopic().toString();
        messages.computeIfAbsent(
                        topic.substring("acme/plant1/packaging/line1/cell1/".length()),
                        each -> new CopyOnWriteArrayList<>())
                .add(new String(message.getPayloadAsBytes(), UTF_8));
    }

    /** Value as it stands in the message, flag and code. */
    private List<String> shown(String tag) {
        return messages.getOrDefault(tag, List.of()).stream().map(ConnectorsIT::shownOf).toList();
    }

    private static String shownOf(String message) {
        Matcher matcher = VALUE.matcher(message);
        assertThat(matcher.find()).as(message).isTrue();
        return matcher.group(1)
                + " "
                + matcher.group(2)
                + (matcher.group(3) == null ? "" : " " + matcher.group(3));
    }

    private void awaitAll(Map<String, String> expected) {
        await().atMost(LIMIT)
                .untilAsserted(
                        () ->
                                expected.forEach(
                                        (tag, reading) ->
                                                assertThat(shown(tag)).as(tag).contains(reading)));
    }

    /** Ends the connections, and looks whether Event Hubs has each message, byte for byte. */
    private void sameAtEventHubs() throws Exception {
        for (String part : List.of("connections", "tags")) {
            FileUtils.cleanDirectory(config.resolve(part).toFile());
        }
        await().atMost(LIMIT).until(() -> !hub.metrics().contains("unshub_connection_up{"));
        JsonNode ledger = hub.quiet(LIMIT);
        assertThat(ledger.path("findings")).isEmpty();
        Map<String, String> events = new LinkedHashMap<>();
        for (String[] event : EventHubsRead.all(hub, work.resolve("events"), ledger)) {
            String body = new String(Base64.getDecoder().decode(event[5]), UTF_8);
            assertThat(events.put(id(body), body)).as("once: " + body).isNull();
        }
        Map<String, String> heard = new LinkedHashMap<>();
        for (List<String> all : messages.values()) {
            for (String message : all) {
                heard.put(id(message), message);
            }
        }
        assertThat(events).isEqualTo(heard);
    }

    private static String id(String message) throws IOException {
        return JSON.readTree(message).path("messageId").asText();
    }

    private static String failures(String connection, String cause, int count) {
        return "unshub_connection_failures_total{cause=\"%s\",connection=\"%s\"} %d.0"
                .formatted(cause, connection, count);
    }

    private <T extends AutoCloseable> T opened(T resource) {
        open.add(resource);
        return resource;
    }
}
