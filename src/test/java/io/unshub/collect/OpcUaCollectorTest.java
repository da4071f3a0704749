package io.unshub.collect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;
import static org.awaitility.Awaitility.await;
import static org.eclipse.milo.opcua.stack.core.types.builtin.unsigned.Unsigned.uint;
import static org.eclipse.milo.opcua.stack.core.types.builtin.unsigned.Unsigned.ulong;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.unshub.envelope.Envelope;
import io.unshub.quality.Quality;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.stream.IntStream;
import org.eclipse.milo.opcua.stack.core.StatusCodes;
import org.eclipse.milo.opcua.stack.core.types.builtin.DateTime;
import org.eclipse.milo.opcua.stack.core.types.builtin.StatusCode;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Against a real server on loopback. */
class OpcUaCollectorTest {

    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final boolean LINUX = System.getProperty("os.name").equals("Linux");
    private static final Timing QUICK =
            new Timing(
                    Duration.ofMillis(50),
                    Duration.ofMillis(500),
                    Duration.ofMillis(300),
                    Duration.ofSeconds(1),
                    10_000);

    private final RecordingSink sink = new RecordingSink();
    private final List<AutoCloseable> open = new ArrayList<>();
    private String host = "127.0.0.1";
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
    void deliversEachChangeWithSourceTimeUnitsAndQuality() throws Exception {
        OpcUaTestServer server = server();
        server.add("temperature", 20.5f);
        start(QUICK, tag("temperature"));
        await().atMost(LIMIT).until(() -> sink.of("temperature").size() == 1);

        Instant time = Instant.parse("2026-03-01T10:00:00.1234567Z");
        server.push("temperature", 21.7f, StatusCode.GOOD, new DateTime(time));

        await().atMost(LIMIT).until(() -> sink.of("temperature").size() == 2);
        Envelope reading = sink.of("temperature").get(1);
        assertThat(reading.tsUtc()).isEqualTo(time);
        assertThat(reading.value()).hasToString("21.7");
        assertThat(reading.quality()).isEqualTo(Quality.GOOD);
        assertThat(reading.units()).isEqualTo("Cel");
        assertThat(reading.sourceSystem()).isEqualTo("scada");
        assertThat(reading.lineageVersion()).isEqualTo("1.2.0");
        assertThat(reading.errorCode()).isNull();
    }

    @Test
    void readsEachElementOfAnArrayByItself() throws Exception {
        OpcUaTestServer server = server();
        server.add("levels", new Integer[] {3, 4});
        Tag[] tags =
                Elements.of(Protocol.OPCUA, OpcUaTestServer.address("levels") + "[0..2]")
                        .entrySet()
                        .stream()
                        .map(each -> Tags.tag("levels" + each.getKey(), each.getValue()))
                        .toArray(Tag[]::new);
        start(QUICK, tags);

        await().atMost(LIMIT).until(() -> sink.taken().size() >= 3);
        assertThat(sink.values("levels-0")).containsExactly("3");
        assertThat(sink.values("levels-1")).containsExactly("4");
        assertThat(sink.of("levels-2").get(0).errorCode()).isEqualTo("Bad_IndexRangeNoData");

        server.push("levels", new Integer[] {5, 4});

        await().atMost(LIMIT).until(() -> sink.values("levels-0").contains("5"));
        assertThat(sink.of("levels-1")).allMatch(each -> each.value().intValue() == 4);
    }

    @Test
    void deliversEqualValuesWithANewSourceTime() throws Exception {
        OpcUaTestServer server = server();
        server.add("level", 5);
        start(QUICK, tag("level"));
        await().atMost(LIMIT).until(() -> sink.of("level").size() == 1);

        Instant base = Instant.parse("2026-03-01T10:00:00Z");
        for (int i = 0; i < 10; i++) {
            server.push("level", 5, StatusCode.GOOD, new DateTime(base.plusSeconds(i)));
        }

        await().atMost(LIMIT).until(() -> sink.of("level").size() == 11);
        assertThat(sink.of("level").stream().skip(1).map(Envelope::tsUtc))
                .containsExactlyElementsOf(
                        IntStream.range(0, 10).mapToObj(base::plusSeconds).toList());
    }

    @Test
    void losesNothingOfABurstAndKeepsItsOrder() throws Exception {
        OpcUaTestServer server = server();
        server.add("counter", -1);
        server.add("other", -1);
        start(QUICK, tag("counter"), tag("other"));
        await().atMost(LIMIT).until(() -> sink.taken().size() == 2);

        for (int i = 0; i < 4_000; i++) {
            server.push("counter", i);
            server.push("other", i);
        }

        List<String> expected = IntStream.range(-1, 4_000).mapToObj(String::valueOf).toList();
        await().atMost(LIMIT).until(() -> sink.taken().size() >= 8_002);
        assertThat(sink.values("counter")).isEqualTo(expected);
        assertThat(sink.values("other")).isEqualTo(expected);
        assertThat(sink.sizes()).allMatch(size -> size <= 500);
    }

    @Test
    void keepsGoodItemsWhenOneNodeIsUnknown() throws Exception {
        OpcUaTestServer server = server();
        server.add("good", 1);
        Collector collector = start(QUICK, tag("unknown"), tag("good"), foreign("stranger"));

        await().atMost(LIMIT).until(() -> sink.taken().size() == 3);
        assertThat(sink.values("good")).containsExactly("1");
        for (String topic : List.of("unknown", "stranger")) {
            Envelope refused = sink.of(topic).get(0);
            assertThat(refused.value().isNull()).isTrue();
            assertThat(refused.quality()).isEqualTo(Quality.ERROR);
            assertThat(refused.errorCode()).isEqualTo("Bad_NodeIdUnknown");
        }
        assertThat(collector.status().connected()).isTrue();
    }

    @Test
    void readsARefusedTagOnceTheServerKnowsIt() throws Exception {
        OpcUaTestServer server = server();
        server.add("good", 1);
        start(QUICK, tag("late"), tag("good"));
        await().atMost(LIMIT).until(() -> sink.of("late").size() == 1);

        server.add("late", 7);

        await().atMost(LIMIT).until(() -> sink.of("late").size() == 2);
        assertThat(sink.of("late").get(1).value()).hasToString("7");
        assertThat(sink.of("late").get(1).quality()).isEqualTo(Quality.GOOD);
        assertThat(sink.values("good")).containsExactly("1");
    }

    @Test
    void tagsTheServersStatusAsQuality() throws Exception {
        OpcUaTestServer server = server();
        server.add("flow", 1.0);
        start(QUICK, tag("flow"));
        await().atMost(LIMIT).until(() -> sink.of("flow").size() == 1);

        server.push("flow", 2.0, new StatusCode(StatusCodes.Bad_SensorFailure), DateTime.now());
        server.push(
                "flow", 3.0, new StatusCode(StatusCodes.Uncertain_LastUsableValue), DateTime.now());
        server.push("flow", Double.NaN);
        server.push("flow", new Integer[] {1, 2});
        server.push("flow", ulong(-1));
        server.push("flow", uint(4_000_000_000L));
        server.push("flow", 4.0);

        await().atMost(LIMIT).until(() -> sink.of("flow").size() == 8);
        assertThat(sink.of("flow"))
                .extracting(Envelope::quality, Envelope::errorCode, r -> r.value().toString())
                .containsExactly(
                        tuple(Quality.GOOD, null, "1.0"),
                        tuple(Quality.ERROR, "Bad_SensorFailure", "2.0"),
                        tuple(Quality.STALE, "Uncertain_LastUsableValue", "3.0"),
                        tuple(Quality.ERROR, "NotANumber", "null"),
                        tuple(Quality.ERROR, "UnsupportedType", "null"),
                        tuple(Quality.ERROR, "OutOfRange", "18446744073709551615"),
                        tuple(Quality.ERROR, "OutOfRange", "4000000000"),
                        tuple(Quality.GOOD, null, "4.0"));
    }

    @Test
    void findsAServerThatIsOffAtStart() throws Exception {
        Collector collector = start(QUICK, tag("temperature"));
        await().atMost(LIMIT).until(() -> collector.status().failures() > 1);
        assertThat(collector.status().connected()).isFalse();
        assertThat(collector.status().lastError()).contains("Connection refused");

        OpcUaTestServer server = server();
        server.add("temperature", 20.5f);

        await().atMost(LIMIT).until(() -> sink.values("temperature").contains("20.5"));
        await().atMost(LIMIT).until(() -> collector.status().connected());
    }

    @Test
    void readsOnAfterTheServerRestartedWithOtherNamespaceIndexes() throws Exception {
        OpcUaTestServer first = server();
        first.add("temperature", 1);
        Collector collector = start(QUICK, tag("temperature"));
        await().atMost(LIMIT).until(() -> sink.values("temperature").contains("1"));

        first.close();
        open.remove(first);
        await().atMost(LIMIT).until(() -> !collector.status().connected());
        OpcUaTestServer second = server("urn:unshub:newcomer");
        second.add("temperature", 2);

        await().atMost(LIMIT).until(() -> sink.values("temperature").contains("2"));
        second.push("temperature", 3);
        await().atMost(LIMIT).until(() -> sink.values("temperature").contains("3"));
        assertThat(collector.status().connected()).isTrue();
        assertThat(collector.status().reconnects()).isPositive();
        assertThat(second.monitored()).isEqualTo(1);
    }

    @Test
    void losesNothingThatTheServerQueuedWhileTheWireWasCut() throws Exception {
        OpcUaTestServer server = server();
        server.add("counter", -1);
        host = "127.0.0.2";
        Wire wire = wire();
        Collector collector = start(QUICK, tag("counter"));
        await().atMost(LIMIT).until(() -> sink.of("counter").size() == 1);

        wire.cut();
        await().atMost(LIMIT).until(() -> !collector.status().connected());
        for (int i = 0; i < 500; i++) {
            server.push("counter", i);
        }
        wire.mend();

        await().atMost(LIMIT).until(() -> sink.values("counter").contains("499"));
        assertThat(sink.values("counter"))
                .isEqualTo(IntStream.range(-1, 500).mapToObj(String::valueOf).toList());
        await().atMost(LIMIT).until(() -> collector.status().connected());
        assertThat(collector.status().reconnects()).isEqualTo(1);
    }

    @Test
    void letsTheServerQueueWhileTheSinkBlocks() throws Exception {
        OpcUaTestServer server = server();
        server.add("counter", -1);
        Timing narrow =
                new Timing(
                        QUICK.retryMin(),
                        QUICK.retryMax(),
                        QUICK.retryBad(),
                        QUICK.lastCall(),
                        100);
        OpcUaCollector collector = start(narrow, tag("counter"));
        await().atMost(LIMIT).until(() -> sink.of("counter").size() == 1);
        sink.block();

        for (int i = 0; i < 4_000; i++) {
            server.push("counter", i);
        }
        await().atMost(LIMIT).until(() -> collector.handOver.room() == 0);
        sink.unblock();

        await().atMost(LIMIT).until(() -> sink.of("counter").size() == 4_001);
        assertThat(sink.values("counter"))
                .isEqualTo(IntStream.range(-1, 4_000).mapToObj(String::valueOf).toList());
        assertThat(collector.status().overflows()).isZero();
    }

    @Test
    void countsValuesThatTellOfAnOverflow() throws Exception {
        OpcUaTestServer server = server();
        server.add("counter", -1);
        Collector collector = start(QUICK, 5, tag("counter"));
        await().atMost(LIMIT).until(() -> sink.of("counter").size() == 1);

        for (int i = 0; i < 10_000; i++) {
            server.push("counter", i);
        }

        await().atMost(LIMIT).until(() -> sink.values("counter").contains("9999"));
        assertThat(collector.status().overflows()).isPositive();
    }

    @Test
    void offersTheSameReadingsAgainWhenTheSinkRefuses() throws Exception {
        OpcUaTestServer server = server();
        server.add("counter", -1);
        sink.refuse(true);
        start(QUICK, tag("counter"));
        await().atMost(LIMIT).until(() -> sink.refusals() > 2);
        server.push("counter", 0);

        sink.refuse(false);

        await().atMost(LIMIT).until(() -> sink.of("counter").size() == 2);
        assertThat(sink.values("counter")).containsExactly("-1", "0");
    }

    @Test
    void appliesSamplingAndQueueToTheServersItem() throws Exception {
        OpcUaTestServer server = server();
        server.add("counter", -1);
        start(QUICK, 77, tag("counter"));

        await().atMost(LIMIT).until(() -> server.monitored() == 1);
        assertThat(server.items("counter").get(0).getQueueSize()).isEqualTo(77);
        assertThat(server.items("counter").get(0).getSamplingInterval()).isLessThan(100);
    }

    @Test
    void hasTheServerPassOverSmallChanges() throws Exception {
        OpcUaTestServer server = server();
        server.add("level", 10.0);
        Tag plain = tag("level");
        Tag coarse = Tags.with(plain, null, null, null, new Tag.Deadband(0.5, false), null);
        start(QUICK, coarse);
        await().atMost(LIMIT).until(() -> sink.of("level").size() == 1);

        for (double value : new double[] {10.4, 10.6, 10.9, 11.2, 11.6, 20}) {
            server.push("level", value);
        }

        await().atMost(LIMIT).until(() -> sink.values("level").contains("20.0"));
        assertThat(sink.values("level")).containsExactly("10.0", "10.6", "11.2", "20.0");
    }

    @Test
    void subscribesMoreTagsThanOneCallTakes() throws Exception {
        OpcUaTestServer server = server();
        Tag[] tags =
                IntStream.range(0, 2_500)
                        .mapToObj(i -> tag("tag" + i))
                        .peek(tag -> server.add(tag.topic(), 1))
                        .toArray(Tag[]::new);

        start(QUICK, tags);

        await().atMost(LIMIT).until(() -> sink.taken().size() == 2_500);
        assertThat(sink.taken()).allMatch(reading -> reading.quality() == Quality.GOOD);
    }

    @Test
    void subscribesFewerAtATimeWhereAServerHasALimitThatItDoesNotTell() throws Exception {
        OpcUaTestServer server = OpcUaTestServer.monitoringAtMost(7, port);
        open.add(server);
        Tag[] tags =
                IntStream.range(0, 40)
                        .mapToObj(i -> tag("tag" + i))
                        .peek(tag -> server.add(tag.topic(), 1))
                        .toArray(Tag[]::new);

        start(QUICK, tags);

        await().atMost(LIMIT).until(() -> sink.taken().size() >= 40);
        assertThat(sink.taken()).hasSize(40).allMatch(reading -> reading.quality() == Quality.GOOD);
        assertThat(server.monitored()).isEqualTo(40);
    }

    @Test
    void closesWhileTheSinkBlocksForEver() throws Exception {
        OpcUaTestServer server = server();
        server.add("counter", -1);
        CountDownLatch inSink = new CountDownLatch(1);
        CountDownLatch never = new CountDownLatch(1);
        Collector collector =
                create(
                        QUICK,
                        1000,
                        readings -> {
                            inSink.countDown();
                            never.await();
                        },
                        tag("counter"));
        collector.start();
        inSink.await();

        collector.close();

        assertThat(Thread.getAllStackTraces().keySet())
                .noneMatch(thread -> thread.getName().startsWith("collect-scada"));
        await().atMost(LIMIT).until(() -> server.monitored() == 0);
    }

    private Wire wire() throws Exception {
        InetAddress near = InetAddress.getByName("127.0.0.2");
        // not every system answers on all of 127/8
        assumeTrue(NetworkInterface.getByInetAddress(near) != null || LINUX);
        Wire wire =
                new Wire(
                        new InetSocketAddress(near, port),
                        new InetSocketAddress("127.0.0.1", port));
        open.add(wire);
        return wire;
    }

    private OpcUaTestServer server(String... before) throws Exception {
        OpcUaTestServer server = new OpcUaTestServer(port, before);
        open.add(server);
        return server;
    }

    private OpcUaCollector start(Timing timing, Tag... tags) {
        return start(timing, 10_000, tags);
    }

    private OpcUaCollector start(Timing timing, int queueSize, Tag... tags) {
        OpcUaCollector collector = create(timing, queueSize, sink, tags);
        open.add(collector);
        collector.start();
        return collector;
    }

    private OpcUaCollector create(Timing timing, int queueSize, ReadingSink to, Tag... tags) {
        Connection connection =
                new Connection(
                        "scada",
                        Protocol.OPCUA,
                        OpcUaTestServer.url(host, port),
                        false,
                        new OpcUaOptions(
                                Duration.ZERO,
                                Duration.ofMillis(20),
                                queueSize,
                                OpcUaSecurity.NONE),
                        null);
        return new OpcUaCollector(connection, List.of(tags), Clock.systemUTC(), to, timing);
    }

    private static Tag tag(String name) {
        return new Tag(
                name,
                OpcUaTestServer.address(name),
                "Cel",
                -100.0,
                1_000_000.0,
                Duration.ofSeconds(1),
                "1.2.0",
                "scada");
    }

    private static Tag foreign(String name) {
        return new Tag(
                name,
                "nsu=urn:nowhere;s=x",
                "1",
                null,
                null,
                Duration.ofSeconds(1),
                "1.2.0",
                "scada");
    }
}
