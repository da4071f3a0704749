package io.unshub.bench;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.hivemq.client.mqtt.MqttClient;
import com.hivemq.client.mqtt.datatypes.MqttQos;
import com.hivemq.client.mqtt.mqtt5.Mqtt5AsyncClient;
import io.unshub.load.HubProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.awaitility.Awaitility;

/**
 * What a plant would run in the hub's place: readings come in at one Mosquitto and go out to
 * another. Between the two is Mosquitto's own bridge, or a flow of Node-RED that reads the JSON and
 * checks three of its fields.
 *
 * <p>Neither syncs a reading to the disk before it acknowledges it. Limits that would throttle or
 * drop are lifted. Both brokers count what they receive ({@code $SYS}).
 */
final class Peer implements AutoCloseable {

    private static final String RECEIVED = "$SYS/broker/publish/messages/received";

    private final Path folder;
    private final List<Process> processes = new ArrayList<>();
    private final List<Mqtt5AsyncClient> clients = new ArrayList<>();
    private final int port = HubProcess.freePort();
    private final int farPort = HubProcess.freePort();
    private AtomicLong accepted;
    private AtomicLong forwarded;

    private Peer(Path folder) throws IOException {
        this.folder = Files.createDirectories(folder);
    }

    /**
     * Starts Mosquitto with a bridge.
     *
     * @throws IOException if {@code mosquitto} is not on the PATH
     */
    static Peer mosquittoBridge(Path folder) throws IOException {
        Peer peer = new Peer(folder);
        peer.brokers(
                """
                connection far
                address 127.0.0.1:%d
                topic # out 1
                cleansession false
                notifications false
                try_private false
                bridge_protocol_version mqttv50
                """
                        .formatted(peer.farPort));
        return peer;
    }

    /**
     * Starts Node-RED between two Mosquittos.
     *
     * @throws IOException if {@code mosquitto} or {@code node-red} is not on the PATH
     */
    static Peer nodeRed(Path folder) throws IOException {
        Peer peer = new Peer(folder);
        peer.brokers("");
        String flow =
                """
                [{"id":"tab","type":"tab","label":"bridge"},
                 {"id":"broker-in","type":"mqtt-broker","broker":"127.0.0.1","port":"%d",
                  "clientid":"near","autoConnect":true,"protocolVersion":"5","keepalive":"60",
                  "cleansession":false,"sessionExpiry":"86400"},
                 {"id":"broker-out","type":"mqtt-broker","broker":"127.0.0.1","port":"%d",
                  "clientid":"far","autoConnect":true,"protocolVersion":"5","keepalive":"60",
                  "cleansession":false,"sessionExpiry":"86400"},
                 {"id":"in","type":"mqtt in","z":"tab","topic":"#","qos":"1","datatype":"json",
                  "broker":"broker-in","wires":[["check"]]},
                 {"id":"check","type":"function","z":"tab","outputs":1,"wires":[["out"]],
                  "func":"const r = msg.payload; if (typeof r.value !== 'number' || !r.messageId \
                || !['GOOD','STALE','SIMULATED','ERROR'].includes(r.quality)) { return null; } \
                return msg;"},
                 {"id":"out","type":"mqtt out","z":"tab","topic":"","qos":"1","retain":"false",
                  "broker":"broker-out","wires":[]}]
                """
                        .formatted(peer.port, peer.farPort);
        Path flows = Files.writeString(folder.resolve("flow.json"), flow);
        Path settings =
                Files.writeString(
                        folder.resolve("settings.js"),
                        "module.exports = {httpAdminRoot: false, httpNodeRoot: false,"
                                + " uiPort: "
                                + HubProcess.freePort()
                                + ", uiHost: '127.0.0.1'}");
        try {
            peer.run(
                    "node-red",
                    "--userDir",
                    folder.resolve("user").toString(),
                    "--settings",
                    settings.toString(),
                    flows.toString());
            Awaitility.await("Node-RED's connection to the far broker")
                    .atMost(Duration.ofSeconds(60))
                    .until(
                            () ->
                                    Files.readString(folder.resolve("node-red.log"))
                                                    .split("Connected to broker", -1)
                                                    .length
                                            == 3);
        } catch (IOException | RuntimeException e) {
            peer.close();
            throw e;
        }
        return peer;
    }

    private void brokers(String bridge) throws IOException {
        try {
            broker("far", farPort, "");
            broker("near", port, bridge);
            forwarded = received(farPort);
            accepted = received(port);
        } catch (IOException | RuntimeException e) {
            close();
            throw e;
        }
    }

    private void broker(String name, int listener, String more) throws IOException {
        Path data = Files.createDirectories(folder.resolve(name));
        Path file =
                Files.writeString(
                        folder.resolve(name + ".conf"),
                        """
                        user root
                        listener %d 127.0.0.1
                        allow_anonymous true
                        persistence true
                        persistence_location %s/
                        max_inflight_messages 2000
                        max_queued_messages 0
                        sys_interval 1
                        """
                                        .formatted(listener, data)
                                + more);
        run("mosquitto", "-c", file.toString());
    }

    private void run(String... command) throws IOException {
        processes.add(
                new ProcessBuilder(command)
                        .redirectErrorStream(true)
                        .redirectOutput(folder.resolve(command[0] + ".log").toFile())
                        .start());
    }

    private AtomicLong received(int broker) {
        AtomicLong count = new AtomicLong();
        Mqtt5AsyncClient client =
                MqttClient.builder()
                        .useMqttVersion5()
                        .serverHost("127.0.0.1")
                        .serverPort(broker)
                        .buildAsync();
        clients.add(client);
        Awaitility.await("a broker on port " + broker)
                .atMost(Duration.ofSeconds(15))
                .ignoreExceptions()
                .until(() -> client.connect().join() != null);
        client.subscribeWith()
                .topicFilter(RECEIVED)
                .qos(MqttQos.AT_MOST_ONCE)
                .callback(
                        publish ->
                                count.set(
                                        Long.parseLong(
                                                new String(publish.getPayloadAsBytes(), UTF_8))))
                .send()
                .join();
        return count;
    }

    /** The port that takes readings. */
    int port() {
        return port;
    }

    /**
     * What the first broker received, and the second, at the moment of the second's next count: it
     * counts once a second, and not while nothing changes.
     */
    Load.Counts counts() {
        long end = System.nanoTime() + 1_500_000_000L;
        long before = forwarded.get();
        while (forwarded.get() == before && System.nanoTime() < end) {
            LockSupport.parkNanos(5_000_000);
        }
        return new Load.Counts(System.nanoTime(), accepted.get(), forwarded.get());
    }

    @Override
    public void close() {
        clients.forEach(client -> client.disconnect().exceptionally(gone -> null).join());
        processes.forEach(Process::destroyForcibly);
    }
}
