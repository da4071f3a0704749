package io.unshub.collect;

import static io.unshub.collect.Tags.tag;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.github.xingshuangs.iot.protocol.s7.enums.EPlcType;
import com.github.xingshuangs.iot.protocol.s7.service.S7PLC;
import com.github.xingshuangs.iot.protocol.s7.service.S7PLCServer;
import io.unshub.envelope.Envelope;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.time.Clock;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Against a real server on loopback. */
class S7CollectorTest {

    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final Timing QUICK =
            new Timing(
                    Duration.ofMillis(20),
                    Duration.ofMillis(100),
                    Duration.ofMillis(500),
                    Duration.ofSeconds(1),
                    10_000);

    private final RecordingSink sink = new RecordingSink();
    private int port;
    private S7PLCServer server;
    private Collector collector;

    @BeforeEach
    void reservePort() throws Exception {
        port = Ports.free();
    }

    @AfterEach
    void closeAll() {
        if (collector != null) {
            collector.close();
        }
        if (server != null) {
            server.stop();
        }
    }

    @Test
    void readsEveryTypeExactly() throws Exception {
        serve(
                ByteBuffer.allocate(80)
                        .putFloat(21.7f)
                        .putShort((short) -2)
                        .putShort((short) 0xFFFE)
                        .putInt(-70_000)
                        .putInt((int) 4_000_000_000L)
                        .putLong(Long.MIN_VALUE + 1)
                        .putLong(-1)
                        .putDouble(0.1)
                        .put((byte) 0b101)
                        .put((byte) 200)
                        .put(new byte[] {20, 5, 'p', 'u', 'm', 'p', '1'})
                        .position(72)
                        .putFloat(Float.NaN));

        start(
                tag("real", "%DB1:0:REAL"),
                tag("int", "%DB1:4:INT"),
                tag("uint", "%DB1:6:UINT"),
                tag("word", "%DB1:6:WORD"),
                tag("dint", "%DB1:8:DINT"),
                tag("udint", "%DB1:12:UDINT"),
                tag("lint", "%DB1:16:LINT"),
                tag("ulint", "%DB1:24:ULINT"),
                tag("lreal", "%DB1:32:LREAL"),
                tag("bit-on", "%DB1:40.2:BOOL"),
                tag("bit-off", "%DB1:40.1:BOOL"),
                tag("usint", "%DB1:41:USINT"),
                tag("sint", "%DB1:41:SINT"),
                tag("byte", "%DB1:41:BYTE"),
                tag("string", "%DB1:42:STRING(20)"),
                tag("nan", "%DB1:72:REAL"));

        await().atMost(LIMIT).until(() -> sink.taken().size() >= 16);
        assertThat(first("real")).isEqualTo("21.7 GOOD null");
        assertThat(first("int")).isEqualTo("-2 GOOD null");
        assertThat(first("uint")).isEqualTo("65534 GOOD null");
        assertThat(first("word")).isEqualTo("65534 GOOD null");
        assertThat(first("dint")).isEqualTo("-70000 GOOD null");
        assertThat(first("udint")).isEqualTo("4000000000 GOOD null");
        assertThat(first("lint")).isEqualTo("-9223372036854775807 GOOD null");
        assertThat(first("ulint")).isEqualTo("18446744073709551615 GOOD null");
        assertThat(first("lreal")).isEqualTo("0.1 GOOD null");
        assertThat(first("bit-on")).isEqualTo("true GOOD null");
        assertThat(first("bit-off")).isEqualTo("false GOOD null");
        assertThat(first("usint")).isEqualTo("200 GOOD null");
        assertThat(first("sint")).isEqualTo("-56 GOOD null");
        assertThat(first("byte")).isEqualTo("200 GOOD null");
        assertThat(first("string")).isEqualTo("\"pump1\" GOOD null");
        assertThat(first("nan")).isEqualTo("null ERROR NotANumber");
    }

    @Test
    void hasThePatienceOfItsRequestTimeout() throws Exception {
        serve(ByteBuffer.allocate(4).putFloat(1));
        int far = port;
        port = Ports.free();
        Tag tag = tag("real", "%DB1:0:REAL");
        try (Wire wire =
                new Wire(
                        new InetSocketAddress("127.0.0.1", port),
                        new InetSocketAddress("127.0.0.1", far))) {
            Connection patient =
                    new Connection(
                            "plc",
                            Protocol.S7,
                            "s7://127.0.0.1:" + port,
                            false,
                            null,
                            new S7Options(Duration.ofSeconds(1), LIMIT, 0, 1));
            try (PlcLink link = PlcLink.open(patient)) {
                wire.slow(Duration.ofMillis(500));
                assertThat(link.read(List.of(tag)).get(tag).value()).isEqualTo(1f);
            }
        }
    }

    @Test
    void keepsReadingItsNeighboursWhereOneBlockIsNotThere() throws Exception {
        serve(ByteBuffer.allocate(8).putFloat(21.7f));

        start(tag("good", "%DB1:0:REAL"), tag("bad", "%DB9:0:REAL"), tag("next", "%DB1:4:INT"));

        await().atMost(LIMIT).until(() -> !sink.of("bad").isEmpty());
        int before = sink.of("good").size();
        await().atMost(LIMIT).until(() -> sink.of("good").size() > before + 5);
        assertThat(first("bad")).startsWith("null ERROR ");
        assertThat(first("next")).isEqualTo("0 GOOD null");
    }

    @Test
    void findsAPlcThatIsSwitchedOnLater() throws Exception {
        start(tag("real", "%DB1:0:REAL"));
        serve(ByteBuffer.allocate(4).putFloat(1));

        await().atMost(LIMIT).until(() -> !sink.of("real").isEmpty());
    }

    @Test
    void readsTagsThatBeginInTheSamePlaceInRequestsOfTheirOwn() {
        List<Tag> tags =
                List.of(
                        tag("byte", "%DB1:41:BYTE"),
                        tag("word", "%DB1:41:WORD"),
                        tag("first", "%DB1:41.0:BOOL"),
                        tag("second", "%DB1:41.1:BOOL"),
                        tag("other", "%DB2:41:BYTE"));

        assertThat(ReadPlan.of(Protocol.S7).wide(tags))
                .extracting(block -> block.tags().stream().map(Tag::topic).toList())
                .containsExactly(
                        List.of("byte", "second", "other"), List.of("word"), List.of("first"));
    }

    @Test
    void leavesNoThreadsBehindWhenConnectionsEnd() throws Exception {
        serve(ByteBuffer.allocate(4).putFloat(1));
        Tag tag = tag("real", "%DB1:0:REAL");
        long before = threads();
        for (int i = 0; i < 20; i++) {
            try (PlcLink link = PlcLink.open(connection())) {
                assertThat(link.read(List.of(tag)).get(tag).value()).isEqualTo(1f);
            }
        }

        await().atMost(LIMIT).until(() -> threads() <= before);
    }

    /** Those of the driver: the server's and the test's own have other names. */
    private static long threads() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().matches("plc4x.*|nioEventLoop.*|collect-call.*"))
                .count();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "%DB1:0:REAL",
                "%DB1.DBD4:DINT",
                "%DB1:38.2:BOOL",
                "%DB1:44:STRING(20)",
                "%MW4:INT",
                "%M0.3:BOOL",
                "%I0.0:BOOL",
                "%Q1.7:BOOL"
            })
    void takesAddresses(String address) {
        assertThat(S7Address.problem(address)).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    holding-register:1:REAL | is no S7 address
                    %DB1:0                  | is no S7 address
                    %DB1:0:FLOAT            | is no S7 address
                    %DB1:0:REAL[4][2]       | is no S7 address
                    %DB1:38:BOOL            | is no S7 address
                    %DB1:44:STRING          | without its length
                    %DB1:44:DATE_AND_TIME   | which is not read
                    """)
    void saysWhatIsWrongWithAnAddress(String address, String words) {
        assertThat(S7Address.problem(address))
                .hasValueSatisfying(p -> assertThat(p).contains(words));
    }

    private void serve(ByteBuffer block) {
        server = new S7PLCServer(port);
        server.addDBArea(1);
        server.start();
        S7PLC programmer = new S7PLC(EPlcType.S1200, "127.0.0.1", port);
        try {
            programmer.writeByte("DB1.0", block.array());
        } finally {
            programmer.close();
        }
    }

    private void start(Tag... tags) {
        Connection connection =
                new Connection(
                        "plc",
                        Protocol.S7,
                        "s7://127.0.0.1:" + port,
                        false,
                        null,
                        new S7Options(Duration.ofMillis(50), Duration.ofSeconds(2), 0, 1));
        collector =
                new PlcCollector(connection, Arrays.asList(tags), Clock.systemUTC(), sink, QUICK);
        collector.start();
    }

    private Connection connection() {
        return new Connection(
                "plc",
                Protocol.S7,
                "s7://127.0.0.1:" + port,
                false,
                null,
                new S7Options(Duration.ofMillis(50), Duration.ofSeconds(2), 0, 1));
    }

    private String first(String topic) {
        Envelope reading = sink.of(topic).get(0);
        return reading.value() + " " + reading.quality() + " " + reading.errorCode();
    }
}
