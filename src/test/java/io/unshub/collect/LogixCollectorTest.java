package io.unshub.collect;

import static io.unshub.collect.Tags.tag;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.unshub.envelope.Envelope;
import io.unshub.quality.Quality;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.apache.plc4x.java.api.types.PlcResponseCode;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Against a controller on loopback that speaks the real protocol. */
class LogixCollectorTest {

    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final int STRING = 0x0FCE;
    private static final int RECONNECTS = 1_000;
    private static final Timing QUICK =
            new Timing(
                    Duration.ofMillis(20),
                    Duration.ofMillis(100),
                    Duration.ofMillis(500),
                    Duration.ofSeconds(1),
                    10_000);

    private final RecordingSink sink = new RecordingSink();
    private final List<AutoCloseable> open = new ArrayList<>();
    private int port;
    private String path = "1,0";
    private Duration limit = Duration.ofSeconds(5);

    @BeforeEach
    void reservePort() throws Exception {
        port = Ports.free();
    }

    @AfterEach
    void closeAll() throws Exception {
        for (int i = open.size() - 1; i >= 0; i--) {
            open.get(i).close();
        }
    }

    @Test
    void readsEveryTypeExactly() throws Exception {
        LogixTestServer server = server();
        server.setEachType();
        server.set("Grid[1,300,70000]", 0xC3, little(2).putShort((short) 7));
        server.set("Local:1:I.Data", 0xC4, little(4).putInt(0b1000));
        server.set("Long", 0xC5, little(8).putLong(Long.MIN_VALUE));

        start(
                tag("bool", "Bool"),
                tag("sint", "Sint"),
                tag("int", "Int"),
                tag("dint", "Dint"),
                tag("lint", "Lint"),
                tag("usint", "Usint"),
                tag("uint", "Uint"),
                tag("udint", "Udint"),
                tag("ulint", "Ulint"),
                tag("real", "Program:MainProgram.Pump.Speed"),
                tag("lreal", "Lreal"),
                tag("nan", "Nan"),
                tag("element", "Tank[3].Level"),
                tag("grid", "Grid[1,300,70000]"),
                tag("bit-on", "Local:1:I.Data.3"),
                tag("bit-off", "Local:1:I.Data.2"),
                tag("bit-last", "Long.63"),
                tag("bools-on", "Bits[37]"),
                tag("bools-off", "Bits[36]"),
                tag("string", "Name"),
                tag("own-string", "Recipe:STRING"));

        await().atMost(LIMIT).until(() -> sink.taken().size() >= 21);
        assertThat(first("bool")).isEqualTo("true GOOD null");
        assertThat(first("sint")).isEqualTo("-56 GOOD null");
        assertThat(first("int")).isEqualTo("-2 GOOD null");
        assertThat(first("dint")).isEqualTo("-70000 GOOD null");
        assertThat(first("lint")).isEqualTo("-9223372036854775807 GOOD null");
        assertThat(first("usint")).isEqualTo("200 GOOD null");
        assertThat(first("uint")).isEqualTo("65534 GOOD null");
        assertThat(first("udint")).isEqualTo("4000000000 GOOD null");
        assertThat(first("ulint")).isEqualTo("18446744073709551615 GOOD null");
        assertThat(first("real")).isEqualTo("21.7 GOOD null");
        assertThat(first("lreal")).isEqualTo("0.1 GOOD null");
        assertThat(first("nan")).isEqualTo("null ERROR NotANumber");
        assertThat(first("element")).isEqualTo("4.5 GOOD null");
        assertThat(first("grid")).isEqualTo("7 GOOD null");
        assertThat(first("bit-on")).isEqualTo("true GOOD null");
        assertThat(first("bit-off")).isEqualTo("false GOOD null");
        assertThat(first("bit-last")).isEqualTo("true GOOD null");
        assertThat(first("bools-on")).isEqualTo("true GOOD null");
        assertThat(first("bools-off")).isEqualTo("false GOOD null");
        assertThat(first("string")).isEqualTo("\"pump 1\" GOOD null");
        assertThat(first("own-string")).isEqualTo("\"br\u00FCn\" GOOD null");
    }

    @Test
    void readsTheExampleOfItsPage() throws Exception {
        open.add(LogixTestServer.ofThePage(port));
        Bindings example =
                Bindings.load(
                        Path.of("docs/examples/logix"), key -> null, topic -> Optional.empty());
        Connection written = example.connection("plant4-filler").orElseThrow();
        List<Tag> tags = example.tags("plant4-filler");
        Connection here =
                new Connection(
                        written.name(),
                        written.protocol(),
                        written.url().replace("10.0.4.11", "127.0.0.1:" + port),
                        written.simulated(),
                        null,
                        written.plc(),
                        written.budget());

        ConnectionTrial.Result result = ConnectionTrial.run(here, tags, LIMIT);

        assertThat(result.problem()).isNull();
        assertThat(tags)
                .extracting(tag -> result.readings().get(tag.topic()).value().asText())
                .containsExactly("1480.5", "4.5", "true", "12", "true", "cola");
        assertThat(result.readings().values())
                .allMatch(reading -> reading.quality() == Quality.GOOD);
        String page = Files.readString(Path.of("docs/connectors/logix.md"));
        Path file = Path.of("docs/examples/logix/connections/plant4-filler.yaml");
        assertThat(page).contains(Files.readString(file).indent(4));
    }

    @Test
    void saysThatAnAnswerMakesNoSense() throws Exception {
        LogixTestServer server = server();
        server.garble("Odd");
        Tag tag = tag("odd", "Odd");
        try (PlcLink link = PlcLink.open(connection())) {
            assertThatThrownBy(() -> link.read(List.of(tag)))
                    .isInstanceOf(IOException.class)
                    .hasMessage("the device's answer makes no sense");
        }
    }

    @Test
    void givesEachTagThatIsRefusedItsOwnCodeAndItsNeighboursTheirValues() throws Exception {
        LogixTestServer server = server();
        server.setDint("Good", 1);
        server.setDint("Array[0]", 2);
        server.set("Real", 0xCA, little(4).putFloat(1));
        server.setString("Motor", 0x4711, 40, "");
        server.setString("Broken", STRING, 84, "");
        server.set("Broken", 0x02A0, little(90).putShort((short) STRING).putInt(-1));
        // a type and nothing behind it
        server.set("Short", 0xC4, little(0));
        server.set("Bits[0]", 0xD3, little(4).putInt(1));
        server.set("Bits[0,1]", 0xD3, little(4).putInt(1));
        server.refuse("Secret", 0x0F);
        server.refuse("Busy", 0x02);
        server.refuse("Wrong", 0x2107);
        server.refuse("Odd", 0x26);
        Collector collector =
                start(
                        tag("good", "Good"),
                        tag("missing", "Missing"),
                        tag("missing-element", "Missing[3]"),
                        tag("beyond", "Array[9]"),
                        tag("beyond-bit", "Good.32"),
                        tag("real-bit", "Real.1"),
                        tag("structure", "Motor"),
                        tag("no-string", "Good:STRING"),
                        tag("broken", "Broken"),
                        tag("short", "Short"),
                        tag("bits", "Bits"),
                        tag("bits-bit", "Bits[0].0"),
                        tag("bits-grid", "Bits[0,1]"),
                        tag("secret", "Secret"),
                        tag("busy", "Busy"),
                        tag("wrong", "Wrong"),
                        tag("odd", "Odd"),
                        tag("next", "Array[0]"));

        await().atMost(LIMIT).until(() -> sink.of("next").size() > 3);
        assertThat(sink.of("good")).allMatch(reading -> reading.quality() == Quality.GOOD);
        assertThat(first("next")).isEqualTo("2 GOOD null");
        assertThat(first("missing")).isEqualTo("null ERROR NOT_FOUND");
        assertThat(first("missing-element")).isEqualTo("null ERROR NOT_FOUND");
        assertThat(first("beyond")).isEqualTo("null ERROR INVALID_ADDRESS");
        assertThat(first("beyond-bit")).isEqualTo("null ERROR INVALID_ADDRESS");
        assertThat(first("real-bit")).isEqualTo("null ERROR INVALID_DATATYPE");
        assertThat(first("structure")).isEqualTo("null ERROR INVALID_DATATYPE");
        assertThat(first("no-string")).isEqualTo("null ERROR INVALID_DATATYPE");
        assertThat(first("broken")).isEqualTo("null ERROR INVALID_DATA");
        assertThat(first("short")).isEqualTo("null ERROR INVALID_DATA");
        assertThat(first("bits")).isEqualTo("null ERROR INVALID_DATATYPE");
        assertThat(first("bits-bit")).isEqualTo("null ERROR INVALID_DATATYPE");
        assertThat(first("bits-grid")).isEqualTo("null ERROR INVALID_DATATYPE");
        assertThat(first("secret")).isEqualTo("null ERROR ACCESS_DENIED");
        assertThat(first("busy")).isEqualTo("null ERROR REMOTE_BUSY");
        assertThat(first("wrong")).isEqualTo("null ERROR INVALID_DATATYPE");
        assertThat(first("odd")).isEqualTo("null ERROR REMOTE_ERROR");
        assertThat(collector.status().failures()).isZero();

        server.setDint("Missing", 5);
        await().atMost(LIMIT).until(() -> sink.values("missing").contains("5"));
    }

    @Test
    void saysWhatTheControllerSaidOfATag() throws Exception {
        server();
        try (PlcLink link = PlcLink.open(connection())) {
            Tag missing = tag("missing", "Missing");
            assertThat(link.read(List.of(missing)).get(missing))
                    .isEqualTo(
                            new PlcLink.Answer(PlcResponseCode.NOT_FOUND, null, "CIP status 0x04"));
        }
    }

    @Test
    void readsAllTagsInAsManyPacketsAsTheyNeed() throws Exception {
        LogixTestServer server = server();
        List<Tag> tags = many(server);
        try (PlcLink link = PlcLink.open(connection())) {
            assertValues(link, tags);
            assertThat(server.packets()).hasSize(1);
        }
    }

    @Test
    void readsTheBitsOfAnIntegerAndOfAnArrayAtOnce() throws Exception {
        LogixTestServer server = server();
        server.setDint("Flags", 0xF0F0F0F0);
        server.set("Bits[0]", 0xD3, little(4).putInt(0x0F0F0F0F));
        List<Tag> tags = new ArrayList<>();
        for (int bit = 0; bit < 32; bit++) {
            tags.add(tag("flag-" + bit, "Flags." + bit));
            tags.add(tag("bit-" + bit, "Bits[" + bit + "]"));
        }
        try (PlcLink link = PlcLink.open(connection())) {
            link.read(tags);
            server.packets().clear();
            var answers = link.read(tags);
            assertThat(server.packets()).hasSize(1);
            assertThat(server.packets().get(0)).endsWith(" Flags Bits[0]");
            for (int bit = 0; bit < 32; bit++) {
                boolean high = bit / 4 % 2 == 1;
                assertThat(answers.get(tags.get(2 * bit)).value()).isEqualTo(high);
                assertThat(answers.get(tags.get(2 * bit + 1)).value()).isEqualTo(!high);
            }
        }
    }

    @Test
    void keepsToTheSizeThatAnOlderControllerTakes() throws Exception {
        LogixTestServer server = server();
        server.takesNoLargeConnections();
        List<Tag> tags = many(server);
        try (PlcLink link = PlcLink.open(connection())) {
            assertValues(link, tags);
            assertThat(server.packets()).hasSizeBetween(5, 12);
            assertThat(server.packets())
                    .allMatch(packet -> Integer.parseInt(packet.split(" ")[0]) <= 502);
        }
    }

    @Test
    void readsOneByOneWhereThereIsNoMultipleServicePacket() throws Exception {
        LogixTestServer server = server();
        server.takesOneRequestAPacket();
        List<Tag> tags = many(server);
        try (PlcLink link = PlcLink.open(connection())) {
            assertValues(link, tags);
            assertThat(server.packets()).hasSize(tags.size());
        }
    }

    @Test
    void readsStringsThatDoNotFitTogetherOrEvenAlone() throws Exception {
        LogixTestServer server = server();
        server.takesNoLargeConnections();
        List<Tag> tags = new ArrayList<>();
        for (int i = 0; i < 12; i++) {
            server.setString("Name" + i, STRING, 84, "pump " + i);
            tags.add(tag("name-" + i, "Name" + i));
        }
        String letter = "0123456789".repeat(150);
        server.setString("Letter", 0x2222, 2_000, letter);
        tags.add(tag("letter", "Letter:STRING"));
        try (PlcLink link = PlcLink.open(connection())) {
            for (int poll = 0; poll < 2; poll++) {
                server.packets().clear();
                var answers = link.read(tags);
                for (int i = 0; i < 12; i++) {
                    assertThat(answers.get(tags.get(i)).value()).isEqualTo("pump " + i);
                }
                assertThat(answers.get(tags.get(12)).value()).isEqualTo(letter);
            }
            // how long they are is known by then: five share a packet
            assertThat(server.packets()).filteredOn(p -> p.contains("Name")).hasSize(3);
        }
    }

    @Test
    void asksNoMoreOfAStructureThanItsFirstPacket() throws Exception {
        LogixTestServer server = server();
        server.takesNoLargeConnections();
        server.setString("Recipe", 0x3333, 5_000, "");
        Tag recipe = tag("recipe", "Recipe");
        try (PlcLink link = PlcLink.open(connection())) {
            assertThat(link.read(List.of(recipe)).get(recipe))
                    .isEqualTo(
                            new PlcLink.Answer(
                                    PlcResponseCode.INVALID_DATATYPE,
                                    null,
                                    "a structure; bind its members"));
            assertThat(server.packets()).hasSize(1);
        }
    }

    @Test
    void saysThatThePathLeadsNowhere() throws Exception {
        server();
        path = "1,3";
        assertThatThrownBy(() -> PlcLink.open(connection()))
                .hasMessage(
                        "the controller refused a connection, CIP status 0x01, 0x0312: the path"
                                + " leads nowhere; see logix.slot or logix.path");
    }

    @Test
    void setsAsideATagThatIsNeverAnswered() throws Exception {
        limit = Duration.ofMillis(300);
        LogixTestServer server = server();
        server.setDint("One", 1);
        server.setDint("Two", 2);
        server.setDint("Three", 3);
        server.mute("Two");
        start(tag("one", "One"), tag("two", "Two"), tag("three", "Three"));

        await().atMost(LIMIT).until(() -> sink.of("two").size() == 1);
        assertThat(first("two")).isEqualTo("null ERROR NoResponse");
        sink.forget();
        await().atMost(LIMIT).until(() -> sink.values("three").size() > 3);
        assertThat(sink.values("one")).contains("1");

        server.answer("Two");

        await().atMost(LIMIT).until(() -> sink.values("two").contains("2"));
    }

    @Test
    void findsAControllerThatIsOffAtStart() throws Exception {
        Collector collector = start(tag("one", "One"));
        await().atMost(LIMIT).until(() -> collector.status().failures() > 2);
        assertThat(collector.status().lastError())
                .isEqualTo("127.0.0.1:" + port + ": Connection refused");

        server().setDint("One", 5);

        await().atMost(LIMIT).until(() -> sink.values("one").contains("5"));
        assertThat(collector.status().reconnects()).isZero();
    }

    @Test
    void readsOnAfterTheConnectionWasDropped() throws Exception {
        LogixTestServer first = server();
        first.setDint("One", 1);
        Collector collector = start(tag("one", "One"));
        await().atMost(LIMIT).until(() -> sink.values("one").contains("1"));

        first.close();
        await().atMost(LIMIT).until(() -> !collector.status().connected());
        server().setDint("One", 2);

        await().atMost(LIMIT).until(() -> sink.values("one").contains("2"));
        assertThat(collector.status().reconnects()).isEqualTo(1);
    }

    @Test
    void givesUpOnAServerThatNeverAnswers() throws Exception {
        limit = Duration.ofMillis(300);
        ServerSocket hanging = new ServerSocket(port, 50, InetAddress.getLoopbackAddress());
        open.add(hanging);
        Collector collector = start(tag("one", "One"));

        await().atMost(LIMIT).until(() -> collector.status().failures() > 2);
        assertThat(collector.status().connected()).isFalse();
        assertThat(collector.status().lastError())
                .isEqualTo("the device did not accept a connection within 300 ms");
        assertThat(sink.taken()).isEmpty();
    }

    @Test
    void leavesNothingBehindWhenConnectionsEnd() throws Exception {
        LogixTestServer server = server();
        server.setDint("One", 1);
        Tag tag = tag("one", "One");
        for (int i = 0; i < RECONNECTS; i++) {
            try (PlcLink link = PlcLink.open(connection())) {
                assertThat(link.read(List.of(tag)).get(tag).value()).isEqualTo(1);
                assertThat(server.connections()).isLessThanOrEqualTo(2);
            }
        }

        await().atMost(LIMIT).until(() -> server.connections() == 0);
        await().atMost(LIMIT).until(() -> threads("collect-call") == 0);
        // the one that accepts
        await().atMost(LIMIT).until(() -> threads("logix-test-server") == 1);
    }

    @Test
    void leavesNothingBehindWhenConnectionsBreak() throws Exception {
        limit = Duration.ofMillis(100);
        LogixTestServer server = server();
        server.mute("One");
        Tag tag = tag("one", "One");
        for (int i = 0; i < 20; i++) {
            try (PlcLink link = PlcLink.open(connection())) {
                assertThatThrownBy(() -> link.read(List.of(tag)))
                        .hasMessage("the device did not answer within 100 ms");
            }
        }

        await().atMost(LIMIT).until(() -> server.connections() == 0);
        await().atMost(LIMIT).until(() -> threads("collect-call") == 0);
    }

    private static long threads(String name) {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().startsWith(name))
                .count();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "1,0                     | 0100",
                "1,3,2,192.168.1.10,1,0  | 0103120c3139322e3136382e312e31300100",
                "2,10.0.0.1,1,4          | 120831302e302e302e310104",
                "2,plc.1,1,0             | 1205706c632e31000100"
            })
    void encodesThePath(String path, String bytes) {
        assertThat(LogixOptions.problem(path)).isEmpty();
        assertThat(new LogixOptions(null, null, path).route())
                .isEqualTo(HexFormat.of().parseHex(bytes));
    }

    @ParameterizedTest
    @ValueSource(strings = {"1", "1,", "0,0", "1,256", "15,0", "1,0,2", "a,b", "1,0 "})
    void refusesPathsThatLeadNowhere(String path) {
        assertThat(LogixOptions.problem(path))
                .hasValueSatisfying(p -> assertThat(p).contains("write PORT,SLOT"));
    }

    private static List<Tag> many(LogixTestServer server) {
        return IntStream.range(0, 80)
                .mapToObj(
                        i -> {
                            server.setDint("Program:Main.Machine.Speed" + i, i);
                            return tag("t" + i, "Program:Main.Machine.Speed" + i);
                        })
                .toList();
    }

    private static void assertValues(PlcLink link, List<Tag> tags) throws Exception {
        var answers = link.read(tags);
        for (int i = 0; i < tags.size(); i++) {
            assertThat(answers.get(tags.get(i)).value()).isEqualTo(i);
        }
    }

    private static ByteBuffer little(int capacity) {
        return ByteBuffer.allocate(capacity).order(ByteOrder.LITTLE_ENDIAN);
    }

    private LogixTestServer server() throws IOException {
        LogixTestServer server = new LogixTestServer(port);
        open.add(server);
        return server;
    }

    private Connection connection() {
        return new Connection(
                "plc",
                Protocol.LOGIX,
                "logix://127.0.0.1:" + port,
                false,
                null,
                new LogixOptions(Duration.ofMillis(50), limit, path));
    }

    private Collector start(Tag... tags) {
        Collector collector =
                new PlcCollector(connection(), List.of(tags), Clock.systemUTC(), sink, QUICK);
        open.add(collector);
        collector.start();
        return collector;
    }

    private String first(String topic) {
        Envelope reading = sink.of(topic).get(0);
        return reading.value() + " " + reading.quality() + " " + reading.errorCode();
    }
}
