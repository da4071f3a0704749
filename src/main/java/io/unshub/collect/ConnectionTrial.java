package io.unshub.collect;

import io.unshub.envelope.Envelope;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.stream.Collectors;

/**
 * Connects as the hub would, and shows the first reading of each tag; publishes nothing.
 *
 * <p>Failure: never throws for what the other side does; the result says it.
 */
public final class ConnectionTrial {

    private static final int TIMES = 3;
    private static final int CONNECT_MILLIS = 3_000;
    private static final long LOOK_MILLIS = 20;
    private static final Map<String, Integer> PORTS = Map.of("opc.tcp", 4840, "modbus-tcp", 502);

    /** Stands for a reading that has not come yet. */
    private static final Envelope NONE =
            new Envelope(null, null, null, null, null, null, null, null, null, null, null);

    private ConnectionTrial() {}

    /**
     * What came of it.
     *
     * @param networkMillis time to open a TCP connection, the middle one of three; empty if it
     *     could not be opened
     * @param connectedMillis time to a session; empty if there was none
     * @param readings the first of each tag, in the order of the tags; tags without one are left
     *     out
     * @param problem what went wrong last; null if nothing did
     */
    public record Result(
            OptionalDouble networkMillis,
            OptionalDouble connectedMillis,
            Map<String, Envelope> readings,
            String problem) {}

    /**
     * Tries a connection.
     *
     * @param tags to read, at least one
     * @param limit how long to wait for the session and all readings
     */
    public static Result run(Connection connection, List<Tag> tags, Duration limit)
            throws InterruptedException {
        URI url = URI.create(connection.url());
        int port = url.getPort() == -1 ? PORTS.get(url.getScheme()) : url.getPort();
        OptionalDouble network = network(url.getHost(), port);
        Map<String, Envelope> readings =
                tags.stream()
                        .collect(
                                Collectors.toMap(
                                        Tag::topic, tag -> NONE, (a, b) -> a, LinkedHashMap::new));
        OptionalDouble connected = OptionalDouble.empty();
        ReadingSink sink =
                given -> {
                    synchronized (readings) {
                        given.forEach(r -> readings.replace(r.topic(), NONE, r));
                    }
                };
        long begin = System.nanoTime();
        try (Collector collector = Collector.create(connection, tags, Clock.systemUTC(), sink)) {
            collector.start();
            boolean all = false;
            while (!all && System.nanoTime() - begin < limit.toNanos()) {
                Thread.sleep(LOOK_MILLIS);
                if (connected.isEmpty() && collector.status().connected()) {
                    connected = OptionalDouble.of((System.nanoTime() - begin) / 1e6);
                }
                synchronized (readings) {
                    all = connected.isPresent() && !readings.containsValue(NONE);
                }
            }
            synchronized (readings) {
                readings.values().removeIf(NONE::equals);
                return new Result(
                        network,
                        connected,
                        new LinkedHashMap<>(readings),
                        collector.status().lastError());
            }
        }
    }

    private static OptionalDouble network(String host, int port) {
        double[] millis = new double[TIMES];
        for (int i = 0; i < TIMES; i++) {
            long begin = System.nanoTime();
            try (Socket socket = new Socket()) {
                socket.connect(new InetSocketAddress(host, port), CONNECT_MILLIS);
            } catch (IOException e) {
                return OptionalDouble.empty();
            }
            millis[i] = (System.nanoTime() - begin) / 1e6;
        }
        Arrays.sort(millis);
        return OptionalDouble.of(millis[TIMES / 2]);
    }
}
