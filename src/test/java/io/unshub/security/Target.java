package io.unshub.security;

import com.hivemq.client.mqtt.MqttClientSslConfig;
import com.hivemq.client.mqtt.mqtt3.Mqtt3BlockingClient;
import com.hivemq.client.mqtt.mqtt3.Mqtt3Client;
import com.hivemq.client.mqtt.mqtt5.Mqtt5BlockingClient;
import com.hivemq.client.mqtt.mqtt5.Mqtt5Client;
import io.unshub.TestFolders;
import io.unshub.drill.FarSideProcess;
import io.unshub.load.HubProcess;
import io.unshub.load.JavaProcess;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;

/**
 * The hub that is attacked: outside the demo, with TLS, roles and API keys, and limits that are
 * lower than those shipped, so that they are reached sooner; Event Hubs is a process of its own.
 */
final class Target implements AutoCloseable {

    static final String CELL = "acme/plant1/packaging/line1/cell1/";
    static final int PACKET_BYTES = 65_536;
    static final int PER_ADDRESS = 30;
    static final int PER_SECOND = 50;
    static final int TOPICS = 500;
    static final int SUBSCRIPTIONS = 50;
    static final int REQUESTS_PER_SECOND = 20;

    private static final Duration START = Duration.ofMinutes(3);

    private final Path work;
    private final Path config;
    private final HubProcess hub;
    private final JavaProcess farSide;
    private final Certificates certificates;
    private final int farSidePort = HubProcess.freePort();
    private final int tlsPort = HubProcess.freePort();

    Target(Path work) throws IOException {
        this.work = work;
        config = TestFolders.config(work.resolve("config"));
        certificates = new Certificates(config.resolve("security"));
        certificates.make();
        farSide =
                JavaProcess.start(
                        work.resolve("event-hubs.log"),
                        FarSideProcess.class,
                        "--port=" + farSidePort,
                        "--data=" + work.resolve("event-hub"));
        hub =
                HubProcess.on(work.resolve("data"))
                        .inProfile("prod")
                        .forwardingTo(farSidePort)
                        .with("unshub.config-dir", config.toString())
                        .with("unshub.http.keys-required", "true")
                        .with("unshub.http.requests-per-second", "" + REQUESTS_PER_SECOND)
                        .with("unshub.http.body-timeout", "4s")
                        .with("unshub.mqtt.tls.enabled", "true")
                        .with("unshub.mqtt.tls.port", "" + tlsPort)
                        .with("unshub.mqtt.max-packet-bytes", "" + PACKET_BYTES)
                        .with("unshub.mqtt.max-connections-per-address", "" + PER_ADDRESS)
                        .with("unshub.mqtt.connections-per-second", "" + PER_SECOND)
                        .with("unshub.mqtt.connect-timeout", "5s")
                        .with("unshub.mqtt.max-topics-per-client", "" + TOPICS)
                        .with("unshub.mqtt.max-subscriptions-per-client", "" + SUBSCRIPTIONS);
    }

    /** Starts the hub, also once more. */
    Target start() throws IOException {
        keepLog();
        hub.launch();
        hub.awaitLine(".*Ctrl-C stops it.*", START);
        return this;
    }

    private void keepLog() throws IOException {
        Files.write(
                work.resolve("hub.log"),
                hub.lines(),
                StandardOpenOption.CREATE,
                StandardOpenOption.APPEND);
    }

    HubProcess hub() {
        return hub;
    }

    Certificates certificates() {
        return certificates;
    }

    /** A file of the hub's configuration. */
    Path config(String file) {
        return config.resolve(file);
    }

    int tlsPort() {
        return tlsPort;
    }

    int httpPort() {
        return hub.port("quarkus.http.port");
    }

    String eventHubs() {
        return FarSideProcess.connectionString(farSidePort);
    }

    /** The lines of the audit file. */
    List<String> audit() throws IOException {
        return Files.readAllLines(hub.data().resolve("audit.ndjson"));
    }

    /** Makes an API key. */
    String key(String name, String scope, String topics) throws Exception {
        return command("keys", "add", name, "--scope", scope, "--topics", topics, "--days", "1");
    }

    /** Makes an account of the console that may look, and returns its password. */
    String viewer(String name) throws Exception {
        return command("users", "add", name);
    }

    private String command(String... words) throws Exception {
        List<String> command = new ArrayList<>(List.of("./uns-hub"));
        command.addAll(List.of(words));
        command.addAll(List.of("--data", hub.data().toString()));
        HubProcess.Result result = HubProcess.Result.of(new ProcessBuilder(command), "");
        if (result.exit() != 0) {
            throw new IOException(result.err());
        }
        return result.out().strip();
    }

    /** A client that shows the certificate of its name. */
    Mqtt5BlockingClient client(String name) throws Exception {
        return client(name, certificates.ssl(name));
    }

    Mqtt5BlockingClient client(String clientId, MqttClientSslConfig ssl) {
        return Mqtt5Client.builder()
                .identifier(clientId)
                .serverHost("localhost")
                .serverPort(tlsPort)
                .sslConfig(ssl)
                .buildBlocking();
    }

    Mqtt3BlockingClient oldClient(String name) throws Exception {
        return Mqtt3Client.builder()
                .identifier(name)
                .serverHost("localhost")
                .serverPort(tlsPort)
                .sslConfig(certificates.ssl(name))
                .buildBlocking();
    }

    /**
     * A socket to a port of the hub, from an address of its own: so one attempt does not use up
     * what is allowed to the others.
     *
     * @param from the last number of the address, in {@code 127.1.0.0/16}
     */
    static Socket socket(int port, int from) throws IOException {
        Socket socket = new Socket();
        socket.bind(
                new InetSocketAddress(
                        InetAddress.getByAddress(
                                new byte[] {127, 1, (byte) (from >> 8), (byte) from}),
                        0));
        socket.connect(new InetSocketAddress("127.0.0.1", port));
        socket.setSoTimeout(30_000);
        return socket;
    }

    /** The same with TLS, by who may connect. */
    SSLSocket tlsSocket(SSLContext context, int from) throws IOException {
        SSLSocket socket =
                (SSLSocket)
                        context.getSocketFactory()
                                .createSocket(socket(tlsPort, from), "localhost", tlsPort, true);
        socket.startHandshake();
        return socket;
    }

    static String envelope(String id, String topic) {
        return """
        {"messageId":"%s","tsUtc":"%s","topic":"%s","value":1,"quality":"GOOD",\
        "units":"1","sourceSystem":"suite","lineageVersion":"1.0.0","schemaVersion":"1.0"}"""
                .formatted(id, Instant.now(), topic);
    }

    static String envelope(String topic) {
        return envelope(UUID.randomUUID().toString(), topic);
    }

    @Override
    public void close() throws IOException {
        keepLog();
        hub.close();
        farSide.close();
    }
}
