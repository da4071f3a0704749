package io.unshub.collect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.awaitility.Awaitility.await;

import io.unshub.envelope.Envelope;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * A bad day of a plant's network in minutes: cuts of the wire to real servers, 1,000 with
 * -Dunshub.soak.cuts=1000.
 */
class DisconnectsIT {

    private static final int CUTS = Integer.getInteger("unshub.soak.cuts", 150);
    private static final int WARM = 50;
    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final Timing QUICK =
            new Timing(
                    Duration.ofMillis(20),
                    Duration.ofMillis(50),
                    Duration.ofMillis(300),
                    Duration.ofSeconds(1),
                    10_000);

    private final RecordingSink scada = new RecordingSink();
    private final RecordingSink plc = new RecordingSink();
    private final List<AutoCloseable> open = new ArrayList<>();

    @AfterEach
    void closeAll() throws Exception {
        for (int i = open.size() - 1; i >= 0; i--) {
            open.get(i).close();
        }
    }

    @Test
    void comesBackFromEachCutWithAllThatWasQueuedAndNothingLeftBehind() throws Exception {
        // not every system answers on all of 127/8
        assumeThat(System.getProperty("os.name")).isEqualTo("Linux");
        int opcUaPort = Ports.free();
        OpcUaTestServer opcUa = opened(new OpcUaTestServer(opcUaPort));
        opcUa.add("counter", -1);
        int modbusPort = Ports.free();
        ModbusTestServer modbus = opened(new ModbusTestServer(modbusPort));
        Wire scadaWire = opened(wire(opcUaPort));
        Wire plcWire = opened(wire(modbusPort));
        Collector fromScada = opened(opcUa(opcUaPort));
        Collector fromPlc = opened(modbus(modbusPort));
        fromScada.start();
        fromPlc.start();
        soon(() -> !scada.taken().isEmpty() && !plc.taken().isEmpty());

        int pushed = -1;
        boolean whole = true;
        int threads = 0;
        long heap = 0;
        for (int cuts = 0; cuts < CUTS; ) {
            // this session notices within five seconds only, so the other wire is cut meanwhile
            if (whole && last(scada).equals(String.valueOf(pushed))) {
                scadaWire.cut();
                whole = false;
                cuts++;
            } else if (!whole && !fromScada.status().connected()) {
                opcUa.push("counter", ++pushed);
                scadaWire.mend();
                whole = true;
            }
            plcWire.cut();
            cuts++;
            soon(() -> !fromPlc.status().connected());
            modbus.setShort(1, cuts);
            plcWire.mend();
            String now = String.valueOf(cuts);
            soon(() -> now.equals(last(plc)));
            if (cuts <= WARM) {
                threads = threads();
                heap = heap();
            }
        }
        if (!whole) {
            scadaWire.mend();
        }
        int all = pushed;
        soon(() -> last(scada).equals(String.valueOf(all)));

        assertThat(scada.values("counter"))
                .as("what the server queued while the wire was cut, each once")
                .isEqualTo(IntStream.rangeClosed(-1, all).mapToObj(String::valueOf).toList());
        assertThat(fromScada.status().reconnects() + fromPlc.status().reconnects())
                .isGreaterThanOrEqualTo(CUTS);
        assertThat(threads()).as("threads").isLessThanOrEqualTo(threads + 10);
        assertThat(heap() - heap).as("heap, in bytes").isLessThan(20L << 20);
    }

    private <T extends AutoCloseable> T opened(T resource) {
        open.add(resource);
        return resource;
    }

    private Wire wire(int port) throws Exception {
        return new Wire(
                port, InetAddress.getByName("127.0.0.2"), InetAddress.getByName("127.0.0.1"));
    }

    private Collector opcUa(int port) {
        Connection connection =
                new Connection(
                        "scada",
                        Protocol.OPCUA,
                        OpcUaTestServer.url("127.0.0.2", port),
                        false,
                        new OpcUaOptions(
                                Duration.ZERO, Duration.ofMillis(20), 1_000, OpcUaSecurity.NONE),
                        null);
        Tag tag = tag("counter", OpcUaTestServer.address("counter"), "scada");
        return new OpcUaCollector(connection, List.of(tag), Clock.systemUTC(), scada, QUICK);
    }

    private Collector modbus(int port) {
        Connection connection =
                new Connection(
                        "plc",
                        Protocol.MODBUS,
                        "modbus-tcp://127.0.0.2:" + port,
                        false,
                        null,
                        new ModbusOptions(
                                Duration.ofMillis(20),
                                Duration.ofSeconds(2),
                                ModbusTestServer.UNIT,
                                ModbusOptions.ByteOrder.ABCD));
        Tag tag = tag("register", "holding-register:1:INT", "plc");
        return new PlcCollector(connection, List.of(tag), Clock.systemUTC(), plc, QUICK);
    }

    private static Tag tag(String topic, String address, String connection) {
        return new Tag(topic, address, "1", null, null, Duration.ofSeconds(1), "1.0.0", connection);
    }

    private static String last(RecordingSink sink) {
        List<Envelope> all = sink.taken();
        return String.valueOf(all.get(all.size() - 1).value());
    }

    private static void soon(Callable<Boolean> condition) {
        await().atMost(LIMIT).pollInterval(Duration.ofMillis(5)).until(condition);
    }

    private static int threads() {
        return ManagementFactory.getThreadMXBean().getThreadCount();
    }

    private static long heap() {
        System.gc();
        return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
    }
}
