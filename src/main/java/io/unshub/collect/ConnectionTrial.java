package io.unshub.collect;

import io.unshub.envelope.Envelope;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Connects as the hub would, and shows the first reading of each tag; publishes nothing.
 *
 * <p>Failure: never throws for what the other side does; the result says it.
 */
public final class ConnectionTrial {

    private static final int TIMES = 3;
    private static final int CONNECT_MILLIS = 3_000;
    private static final long LOOK_MILLIS = 20;

    private ConnectionTrial() {}

    /**
     * What came of it.
     *
     * @param networkMillis time to open a TCP connection, the middle one of three; empty if it
     *     could not be opened
     * @param connectedMillis time to a session; empty if there was none
     * @param readings the first of each topic; those without one are left out
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
        OptionalDouble network = network(url.getHost(), connection.protocol().port(url));
        OptionalDouble connected = OptionalDouble.empty();
        Map<String, Envelope> readings = new ConcurrentHashMap<>();
        ReadingSink sink = given -> given.forEach(r -> readings.putIfAbsent(r.topic(), r));
        long begin = System.nanoTime();
        try (Collector collector = Collector.create(connection, tags, Clock.systemUTC(), sink)) {
            collector.start();
            boolean all = false;
            while (!all && System.nanoTime() - begin < limit.toNanos()) {
                Thread.sleep(LOOK_MILLIS);
                if (connected.isEmpty() && collector.status().connected()) {
                    connected = OptionalDouble.of((System.nanoTime() - begin) / 1e6);
                }
                all = connected.isPresent() && readings.size() == tags.size();
            }
            return new Result(
                    network, connected, Map.copyOf(readings), collector.status().lastError());
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
