package io.unshub.collect;

import static io.unshub.collect.Tags.tag;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.unshub.envelope.Envelope;
import io.unshub.quality.Quality;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.ByteBuffer;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Against a real server on loopback. */
class PlcCollectorTest {

    private static final Duration LIMIT = Duration.ofSeconds(60);
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

    @BeforeEach
    void reservePort() throws Exception {
        port = Ports.free();
    }

    @AfterEach
    void closeAll() throws Exception {
        sink.unblock();
        for (int i = open.size() - 1; i >= 0; i--) {
            open.get(i).close();
        }
    }

    @Test
    void readsEveryTypeExactly() throws Exception {
        ModbusTestServer server = server();
        server.set(1, ByteBuffer.allocate(4).putFloat(21.7f));
        server.setShort(3, -2);
        server.setShort(4, 0xFFFE);
        server.set(5, ByteBuffer.allocate(4).putInt(-70_000));
        server.set(7, ByteBuffer.allocate(4).putInt((int) 4_000_000_000L));
        server.set(9, ByteBuffer.allocate(8).putLong(Long.MIN_VALUE + 1));
        server.set(13, ByteBuffer.allocate(8).putLong(-1));
        server.set(17, ByteBuffer.allocate(8).putDouble(0.1));
        server.setShort(21, 1);
        server.setCoil(3);
        server.setDiscrete(9);
        server.setInput(2, 1234);
        server.set(30, ByteBuffer.allocate(4).putFloat(Float.NaN));

        start(
                tag("real", "holding-register:1:REAL"),
                tag("int", "holding-register:3:INT"),
                tag("uint", "holding-register:4:UINT"),
                tag("dint", "holding-register:5:DINT"),
                tag("udint", "holding-register:7:UDINT"),
                tag("lint", "holding-register:9:LINT"),
                tag("ulint", "holding-register:13:ULINT"),
                tag("lreal", "holding-register:17:LREAL"),
                tag("bool", "holding-register:21:BOOL"),
                tag("word", "holding-register:4:WORD"),
                tag("coil", "coil:3"),
                tag("coil-off", "coil:4"),
                tag("discrete", "discrete-input:9"),
                tag("input", "input-register:2:UINT"),
                tag("nan", "holding-register:30:REAL"));

        await().atMost(LIMIT).until(() -> !sink.of("nan").isEmpty());
        await().atMost(LIMIT).until(() -> sink.taken().size() >= 15);
        assertThat(first("real")).isEqualTo("21.7 GOOD null");
        assertThat(first("int")).isEqualTo("-2 GOOD null");
        assertThat(first("uint")).isEqualTo("65534 GOOD null");
        assertThat(first("dint")).isEqualTo("-70000 GOOD null");
        assertThat(first("udint")).isEqualTo("4000000000 GOOD null");
        assertThat(first("lint")).isEqualTo("-9223372036854775807 GOOD null");
        assertThat(first("ulint")).isEqualTo("18446744073709551615 GOOD null");
        assertThat(first("lreal")).isEqualTo("0.1 GOOD null");
        assertThat(first("bool")).isEqualTo("true GOOD null");
        assertThat(first("word")).isEqualTo("65534 GOOD null");
        assertThat(first("coil")).isEqualTo("true GOOD null");
        assertThat(first("coil-off")).isEqualTo("false GOOD null");
        assertThat(first("discrete")).isEqualTo("true GOOD null");
        assertThat(first("input")).isEqualTo("1234 GOOD null");
        assertThat(first("nan")).isEqualTo("null ERROR NotANumber");
    }

    @ParameterizedTest
    @EnumSource(ModbusOptions.ByteOrder.class)
    void readsTextOfTwoCharactersARegisterBesideNumbers(ModbusOptions.ByteOrder order)
            throws Exception {
        byteOrder = order;
        ModbusTestServer server = server();
        boolean swapped = order == ModbusOptions.ByteOrder.BADC;
        swapped |= order == ModbusOptions.ByteOrder.DCBA;
        server.setShort(1, swapped ? 'x' << 8 : 'x');
        server.set(2, ByteBuffer.wrap((swapped ? "abct-h21" : "batch-12").getBytes(UTF_8)));
        server.set(6, ByteBuffer.wrap((swapped ? "pob\0" : "op\0b").getBytes(UTF_8)));
        server.setShort(8, swapped ? 9 << 8 : 9);
        start(
                tag("before", "holding-register:1:UINT"),
                tag("text", "holding-register:2:CHAR[8]"),
                tag("shorter", "holding-register:6:CHAR[3]"),
                tag("behind", "holding-register:8:INT"));

        await().atMost(LIMIT).until(() -> sink.taken().size() >= 4);
        assertThat(first("before")).isEqualTo("120 GOOD null");
        assertThat(first("text")).isEqualTo("\"batch-12\" GOOD null");
        assertThat(first("shorter")).isEqualTo("\"op\" GOOD null");
        assertThat(first("behind")).isEqualTo("9 GOOD null");
    }

    /** The bytes A to H of a value, highest first, as a device of that order puts them. */
    @ParameterizedTest
    @CsvSource({
        "ABCD, 0123, 01234567",
        "CDAB, 2301, 67452301",
        "BADC, 1032, 10325476",
        "DCBA, 3210, 76543210"
    })
    void readsValuesOfMoreThanOneRegisterInEveryOrder(
            ModbusOptions.ByteOrder order, String four, String eight) throws Exception {
        byteOrder = order;
        ModbusTestServer server = server();
        server.set(1, placed(ByteBuffer.allocate(4).putFloat(21.7f), four));
        server.set(3, placed(ByteBuffer.allocate(4).putInt(-70_000), four));
        server.set(5, placed(ByteBuffer.allocate(8).putLong(Long.MIN_VALUE + 1), eight));
        server.set(9, placed(ByteBuffer.allocate(8).putDouble(0.1), eight));
        start(
                tag("real", "holding-register:1:REAL"),
                tag("dint", "holding-register:3:DINT"),
                tag("lint", "holding-register:5:LINT"),
                tag("lreal", "holding-register:9:LREAL"));

        await().atMost(LIMIT).until(() -> sink.taken().size() >= 4);
        assertThat(first("real")).isEqualTo("21.7 GOOD null");
        assertThat(first("dint")).isEqualTo("-70000 GOOD null");
        assertThat(first("lint")).isEqualTo("-9223372036854775807 GOOD null");
        assertThat(first("lreal")).isEqualTo("0.1 GOOD null");
    }

    private static ByteBuffer placed(ByteBuffer value, String order) {
        ByteBuffer placed = ByteBuffer.allocate(value.capacity());
        order.chars().forEach(digit -> placed.put(value.get(digit - '0')));
        return placed;
    }

    @Test
    void asksNoMoreOftenThanItsBudgetAllows() throws Exception {
        ModbusTestServer server = server();
        budget = new Connection.Budget(null, null, 20.0);
        long begin = System.nanoTime();
        Collector collector =
                start(tag("near", "holding-register:1:INT"), tag("far", "coil:1:BOOL"));

        await().atMost(LIMIT).until(() -> server.requests().size() >= 9);

        long took = System.nanoTime() - begin;
        assertThat(took).isGreaterThanOrEqualTo(8 * 50_000_000L);
        assertThat(collector.status().reads()).isGreaterThanOrEqualTo(9);
        await().atMost(LIMIT).until(() -> collector.status().skippedPolls() > 0);
    }

    @Test
    void readsNeighboursInOneRequest() throws Exception {
        ModbusTestServer server = server();
        start(
                tag("a", "holding-register:1:REAL"),
                tag("b", "holding-register:3:INT"),
                tag("c", "holding-register:10:INT"));

        await().atMost(LIMIT).until(() -> sink.of("c").size() > 2);
        assertThat(server.requests()).containsOnly("1+10");
    }

    @Test
    void keepsNeighboursOfARefusedRegister() throws Exception {
        ModbusTestServer server = server();
        server.setShort(1, 1);
        server.setShort(3, 3);
        server.illegal(2);
        Collector collector =
                start(
                        tag("one", "holding-register:1:INT"),
                        tag("two", "holding-register:2:INT"),
                        tag("three", "holding-register:3:INT"));

        await().atMost(LIMIT).until(() -> sink.of("three").size() > 3);
        assertThat(sink.of("one")).allMatch(reading -> reading.quality() == Quality.GOOD);
        assertThat(sink.of("three")).allMatch(reading -> reading.quality() == Quality.GOOD);
        assertThat(first("two")).isEqualTo("null ERROR INVALID_ADDRESS");
        assertThat(collector.status().failures()).isZero();

        server.setShort(2, 2);
        server.legal(2);

        await().atMost(LIMIT).until(() -> sink.values("two").contains("2"));
    }

    @Test
    void readsTogetherAgainWhatWasAllRefusedForAWhile() throws Exception {
        ModbusTestServer server = server();
        server.setShort(1, 1);
        server.setShort(2, 2);
        server.illegal(1);
        server.illegal(2);
        start(tag("one", "holding-register:1:INT"), tag("two", "holding-register:2:INT"));
        await().atMost(LIMIT).until(() -> sink.of("two").size() > 2);
        assertThat(first("one")).isEqualTo("null ERROR INVALID_ADDRESS");

        server.legal(1);
        server.legal(2);
        await().atMost(LIMIT).until(() -> sink.values("two").contains("2"));
        int before = server.requests().size();

        await().atMost(LIMIT).until(() -> Collections.frequency(later(server, before), "1+2") > 2);
        sink.forget();
        await().atMost(LIMIT).until(() -> sink.values("two").contains("2"));
        assertThat(sink.taken()).allMatch(reading -> reading.quality() == Quality.GOOD);
    }

    private static List<String> later(ModbusTestServer server, int before) {
        List<String> all = List.copyOf(server.requests());
        return all.subList(before, all.size());
    }

    @Test
    void readsAroundARefusedGap() throws Exception {
        ModbusTestServer server = server();
        server.setShort(1, 1);
        server.setShort(9, 9);
        server.illegal(5);
        start(tag("one", "holding-register:1:INT"), tag("nine", "holding-register:9:INT"));

        await().atMost(LIMIT).until(() -> sink.of("nine").size() > 3);
        assertThat(sink.taken()).allMatch(reading -> reading.quality() == Quality.GOOD);
        assertThat(Collections.frequency(server.requests(), "1+9")).isEqualTo(1);
    }

    @Test
    void setsAsideATagThatIsNeverAnswered() throws Exception {
        ModbusTestServer server = server();
        server.setShort(1, 1);
        server.setShort(3, 3);
        server.mute(2);
        start(
                tag("one", "holding-register:1:INT"),
                tag("two", "holding-register:2:INT"),
                tag("three", "holding-register:3:INT"));

        await().atMost(LIMIT).until(() -> sink.of("two").size() == 1);
        assertThat(first("two")).isEqualTo("null ERROR NoResponse");
        sink.forget();
        await().atMost(LIMIT).until(() -> sink.values("three").size() > 3);
        assertThat(sink.values("one")).contains("1");

        server.setShort(2, 2);
        server.answer(2);

        await().atMost(LIMIT).until(() -> sink.values("two").contains("2"));
    }

    @Test
    void takesANetworkThatFailsAtTheSameTagTwiceForNoFaultOfTheTag() throws Exception {
        ModbusTestServer server = server();
        server.setShort(1, 1);
        server.setShort(1_000, 2);
        server.mute(1_000, 2);
        Collector collector =
                start(
                        tag("near", "holding-register:1:INT"),
                        tag("far", "holding-register:1000:INT"));

        await().atMost(LIMIT).until(() -> !sink.of("far").isEmpty());
        assertThat(first("far")).isEqualTo("2 GOOD null");
        assertThat(collector.status().failures()).isEqualTo(2);
    }

    @Test
    void findsAPlcThatIsOffAtStart() throws Exception {
        Collector collector = start(tag("one", "holding-register:1:INT"));
        await().atMost(LIMIT).until(() -> collector.status().failures() > 2);
        assertThat(collector.status().connected()).isFalse();
        assertThat(collector.status().lastError())
                .isEqualTo("127.0.0.1:" + port + ": Connection refused");
        assertThat(sink.taken()).isEmpty();

        server().setShort(1, 5);

        await().atMost(LIMIT).until(() -> sink.values("one").contains("5"));
        assertThat(collector.status().connected()).isTrue();
        assertThat(collector.status().reconnects()).isZero();
    }

    @Test
    void readsOnAfterTheConnectionWasDropped() throws Exception {
        ModbusTestServer first = server();
        first.setShort(1, 1);
        Collector collector = start(tag("one", "holding-register:1:INT"));
        await().atMost(LIMIT).until(() -> sink.values("one").contains("1"));

        first.close();
        await().atMost(LIMIT).until(() -> !collector.status().connected());
        await().atMost(LIMIT).until(() -> collector.status().readings() == sink.taken().size());
        sink.forget();
        await().atMost(LIMIT).until(() -> collector.status().failures() > 3);
        assertThat(sink.taken()).isEmpty();
        server().setShort(1, 2);

        await().atMost(LIMIT).until(() -> sink.values("one").contains("2"));
        assertThat(collector.status().reconnects()).isEqualTo(1);
    }

    @Test
    void givesUpOnAServerThatNeverAnswers() throws Exception {
        ServerSocket hanging = new ServerSocket(port, 50, InetAddress.getLoopbackAddress());
        open.add(hanging);
        Collector collector =
                start(tag("one", "holding-register:1:INT"), tag("two", "holding-register:2:INT"));

        await().atMost(LIMIT).until(() -> collector.status().failures() > 4);
        assertThat(collector.status().connected()).isFalse();
        assertThat(collector.status().lastError())
                .isEqualTo("the device did not answer within 300 ms");
        assertThat(sink.taken()).isEmpty();

        hanging.close();
        ModbusTestServer server = server();
        server.setShort(1, 1);
        server.setShort(2, 2);

        await().atMost(LIMIT).until(() -> sink.values("two").contains("2"));
        assertThat(sink.taken()).allMatch(reading -> reading.quality() == Quality.GOOD);
        server.requests().clear();
        await().atMost(LIMIT).until(() -> server.requests().contains("1+2"));
    }

    @Test
    void skipsPollsWhileTheSinkBlocks() throws Exception {
        server().setShort(1, 1);
        sink.block();
        Timing narrow =
                new Timing(
                        QUICK.retryMin(), QUICK.retryMax(), QUICK.retryBad(), QUICK.lastCall(), 3);
        Collector collector = start(narrow, tag("one", "holding-register:1:INT"));
        await().atMost(LIMIT).until(() -> collector.status().skippedPolls() > 2);
        assertThat(collector.status().connected()).isTrue();

        sink.unblock();

        await().atMost(LIMIT).until(() -> sink.of("one").size() > 6);
        assertThat(sink.of("one").stream().map(Envelope::messageId)).doesNotHaveDuplicates();
    }

    @Test
    void leavesNoThreadsBehindWhenConnectionsDrop() throws Exception {
        ModbusTestServer server = server();
        Collector collector = start(tag("one", "holding-register:1:INT"));
        await().atMost(LIMIT).until(() -> !sink.taken().isEmpty());

        for (int i = 1; i <= 8; i++) {
            server.close();
            open.remove(server);
            await().atMost(LIMIT).until(() -> !collector.status().connected());
            server = server();
            int times = i;
            await().atMost(LIMIT).until(() -> collector.status().reconnects() == times);
        }

        // one connection: up to four of the driver's own, of which each drop must free all
        await().atMost(LIMIT).until(() -> driverThreads() <= 4);
        collector.close();
        await().atMost(LIMIT).until(() -> driverThreads() == 0);
    }

    private static long driverThreads() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().startsWith("plc4x-tm-thread"))
                .count();
    }

    private String first(String topic) {
        Envelope reading = sink.of(topic).get(0);
        return reading.value() + " " + reading.quality() + " " + reading.errorCode();
    }

    private ModbusTestServer server() throws Exception {
        ModbusTestServer server = new ModbusTestServer(port);
        open.add(server);
        return server;
    }

    private Connection.Budget budget = Connection.Budget.NONE;
    private ModbusOptions.ByteOrder byteOrder = ModbusOptions.ByteOrder.ABCD;

    private Collector start(Tag... tags) throws IOException {
        return start(QUICK, tags);
    }

    private Collector start(Timing timing, Tag... tags) throws IOException {
        Connection connection =
                new Connection(
                        "plc",
                        Protocol.MODBUS,
                        "modbus-tcp://127.0.0.1:" + port,
                        false,
                        null,
                        new ModbusOptions(
                                Duration.ofMillis(50),
                                Duration.ofMillis(300),
                                ModbusTestServer.UNIT,
                                byteOrder),
                        budget);
        Collector collector =
                new PlcCollector(connection, List.of(tags), Clock.systemUTC(), sink, timing);
        open.add(collector);
        collector.start();
        return collector;
    }
}
