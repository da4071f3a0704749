package io.unshub.collect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A device that is off for a night, in seconds. */
class PlcOffTest {

    private static final Duration LIMIT = Duration.ofMinutes(2);
    private static final int WARM = 50;
    private static final int RECONNECTS = 1_000;
    private static final long MORE_HEAP = 8L << 20;
    private static final Map<Protocol, String> ADDRESSES =
            Map.of(
                    Protocol.MODBUS, "holding-register:1:INT",
                    Protocol.S7, "%DB1:0:REAL",
                    Protocol.LOGIX, "One");

    private final RecordingSink sink = new RecordingSink();

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "OPCUA")
    void leavesNothingBehindHoweverOftenItIsTried(Protocol protocol) throws Exception {
        int port = Ports.free();
        try (Collector collector = collector(protocol, port)) {
            collector.start();
            await().atMost(LIMIT).until(() -> collector.status().failures() >= WARM);
            long threads = threads();
            long heap = heap();

            await().atMost(LIMIT).until(() -> collector.status().failures() >= RECONNECTS);

            assertThat(heap() - heap).as("heap, in bytes").isLessThan(MORE_HEAP);
            assertThat(threads()).as("threads").isLessThanOrEqualTo(threads + 5);
            // a machine that stands still for half a second makes one of them a time-out
            assertThat(collector.status().failuresByCause().get(FailureCause.UNREACHABLE))
                    .isGreaterThan(RECONNECTS * 9L / 10);
            assertThat(collector.status().failuresByCause().keySet())
                    .isSubsetOf(FailureCause.UNREACHABLE, FailureCause.TIMEOUT);
            assertThat(sink.taken()).isEmpty();
        }
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "OPCUA")
    void leavesNothingBehindWhereItHangsUp(Protocol protocol) throws Exception {
        try (ServerSocket door = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
            Thread porter = new Thread(() -> hangUp(door), "porter");
            porter.setDaemon(true);
            porter.start();
            try (Collector collector = collector(protocol, door.getLocalPort())) {
                collector.start();
                await().atMost(LIMIT).until(() -> collector.status().failures() >= 5);
                long threads = threads();

                await().atMost(LIMIT).until(() -> collector.status().failures() >= 25);

                await().atMost(LIMIT).until(() -> threads() <= threads + 5);
            }
        }
        await().atMost(LIMIT).until(() -> ofTheDriver() == 0);
    }

    private static void hangUp(ServerSocket door) {
        try {
            while (true) {
                door.accept().close();
            }
        } catch (IOException e) {
            // the end
        }
    }

    private Collector collector(Protocol protocol, int port) {
        Duration poll = Duration.ofMillis(50);
        Duration limit = Duration.ofMillis(500);
        Connection connection =
                new Connection(
                        "plc",
                        protocol,
                        protocol.scheme() + "://127.0.0.1:" + port,
                        false,
                        null,
                        switch (protocol) {
                            case MODBUS ->
                                    new ModbusOptions(poll, limit, 1, ModbusOptions.ByteOrder.ABCD);
                            case S7 -> new S7Options(poll, limit, 0, 1);
                            case LOGIX -> new LogixOptions(poll, limit, "1,0");
                            case OPCUA -> throw new IllegalArgumentException("is not polled");
                        });
        Tag tag =
                new Tag(
                        "topic",
                        ADDRESSES.get(protocol),
                        "1",
                        null,
                        null,
                        Duration.ofSeconds(1),
                        "1.0.0",
                        "plc");
        Duration soon = Duration.ofMillis(1);
        Timing timing = new Timing(soon, soon, LIMIT, LIMIT, 10);
        return new PlcCollector(connection, List.of(tag), Clock.systemUTC(), sink, timing);
    }

    private static long threads() {
        return Thread.getAllStackTraces().size();
    }

    private static long ofTheDriver() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().matches("plc4x.*|nioEventLoop.*|collect-call.*"))
                .count();
    }

    private static long heap() {
        System.gc();
        return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
    }
}
