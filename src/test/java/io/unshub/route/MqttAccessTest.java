package io.unshub.route;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.hivemq.client.mqtt.MqttClientSslConfig;
import com.hivemq.client.mqtt.MqttClientState;
import com.hivemq.client.mqtt.MqttGlobalPublishFilter;
import com.hivemq.client.mqtt.datatypes.MqttQos;
import com.hivemq.client.mqtt.mqtt3.Mqtt3BlockingClient;
import com.hivemq.client.mqtt.mqtt3.Mqtt3Client;
import com.hivemq.client.mqtt.mqtt5.Mqtt5BlockingClient;
import com.hivemq.client.mqtt.mqtt5.Mqtt5Client;
import com.hivemq.client.mqtt.mqtt5.exceptions.Mqtt5ConnAckException;
import com.hivemq.client.mqtt.mqtt5.exceptions.Mqtt5PubAckException;
import com.hivemq.client.mqtt.mqtt5.exceptions.Mqtt5SubAckException;
import com.hivemq.client.mqtt.mqtt5.message.connect.connack.Mqtt5ConnAckReasonCode;
import com.hivemq.client.mqtt.mqtt5.message.publish.puback.Mqtt5PubAckReasonCode;
import com.hivemq.client.mqtt.mqtt5.message.subscribe.suback.Mqtt5SubAckReasonCode;
import io.unshub.TestFolders;
import io.unshub.access.AccessRules;
import io.unshub.access.Refusal.Reason;
import io.unshub.pki.ClientTls;
import io.unshub.pki.Issued;
import io.unshub.pki.Issued.Kind;
import io.unshub.pki.Pem;
import io.unshub.pki.Pki;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.Period;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.eclipse.milo.opcua.stack.core.util.SelfSignedCertificateBuilder;
import org.eclipse.milo.opcua.stack.core.util.SelfSignedCertificateGenerator;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.io.TempDir;

/**
 * What the TLS listener refuses, each attempt with its reason in count and audit, while a device
 * that may goes on publishing and loses nothing.
 */
@TestInstance(Lifecycle.PER_CLASS)
class MqttAccessTest {

    private static final Duration DAY = Duration.ofDays(1);
    private static final Duration YEAR = Duration.ofDays(365);
    private static final Instant NOW = Instant.now();
    private static final String CELL = "acme/plant1/packaging/line1/cell1/";
    private static final String IN_CELL = ",OU=cell1,OU=line1,OU=packaging,OU=plant1,O=acme";

    @TempDir private static Path work;

    private final HubFixture hub = new HubFixture();
    private final AtomicBoolean done = new AtomicBoolean();
    private final AtomicInteger acknowledged = new AtomicInteger();
    private final AtomicInteger tooDeep = new AtomicInteger();
    private final AtomicInteger others = new AtomicInteger();
    private Path config;
    private Pki pki;
    private int port;
    private Thread device;
    private Throwable lost;

    @BeforeAll
    void start() throws Exception {
        config = TestFolders.config(work.resolve("config"));
        pki = pki("pki", NOW.minus(DAY.multipliedBy(30)));
        pki.init("acme", YEAR, YEAR, YEAR);
        pki.issue(new Pki.Order(Kind.SERVER, "CN=mqtt", List.of("localhost"), YEAR, false));
        pki = pki("pki", NOW);
        for (String name : List.of("pump-01", "pump-02", "lost-01", "lost-02", "old-01")) {
            issue(pki, "CN=" + name + IN_CELL);
        }
        issue(pki, "CN=spark,OU=analytics,O=acme");
        issue(pki, "CN=flink,OU=analytics,O=acme");
        issue(pki, "CN=ann,OU=mqtt-admin,O=acme");
        issue(pki, "CN=nobody,O=acme");
        issue(pki("pki", NOW.minus(DAY.multipliedBy(10))), "CN=expired-01" + IN_CELL, DAY);
        issue(pki("pki", NOW.plus(DAY.multipliedBy(10))), "CN=early-01" + IN_CELL, DAY);
        Pki other = pki("other", NOW);
        other.init("acme", YEAR, YEAR, YEAR);
        issue(other, "CN=pump-01" + IN_CELL);
        try (ServerSocket free = new ServerSocket(0)) {
            port = free.getLocalPort();
        }
        hub.with("unshub.config-dir", config.toString())
                .with("unshub.mqtt.tls.enabled", "true")
                .with("unshub.mqtt.tls.host", "127.0.0.1")
                .with("unshub.mqtt.tls.port", Integer.toString(port));
        hub.start(Files.createDirectories(work.resolve("data")));
        hub.run(HubFixture.TO_BUFFER);
        Mqtt5BlockingClient publisher = client("pump-01");
        publisher.connect();
        device = new Thread(() -> publish(publisher), "device");
        device.start();
    }

    private void publish(Mqtt5BlockingClient publisher) {
        try {
            String topic = CELL + "pump-01/temperature";
            while (!done.get()) {
                publish(publisher, topic, acknowledged.get() % 50 == 0);
                acknowledged.incrementAndGet();
            }
            publisher.disconnect();
        } catch (RuntimeException e) {
            lost = e;
        }
    }

    @AfterAll
    void theDeviceHasLostNothing() throws Exception {
        done.set(true);
        device.join(HubFixture.LONG.toMillis());
        assertThat(lost).isNull();
        assertThat(acknowledged).hasPositiveValue();
        hub.awaitAccepted(acknowledged.get() + others.get());
        assertThat(hub.report().findings()).isEmpty();
        assertThat(hub.deadLetters()).hasSize(tooDeep.get());
        hub.close();
    }

    @Test
    void refusesWhoShowsNoCertificate() throws Exception {
        MqttClientSslConfig none =
                MqttClientSslConfig.builder()
                        .trustManagerFactory(ClientTls.trust(config.resolve("security/pki")))
                        .build();

        refuses(Reason.NO_CERTIFICATE, "(unknown)", () -> connect("pump-02", none));
    }

    @Test
    void refusesACertificateThatSignedItself() throws Exception {
        KeyPair pair = SelfSignedCertificateGenerator.generateRsaKeyPair(2048);
        X509Certificate self =
                new SelfSignedCertificateBuilder(pair)
                        .setCommonName("pump-02")
                        .setValidityPeriod(Period.ofYears(1))
                        .build();

        refuses(
                Reason.CERTIFICATE_UNTRUSTED,
                "C=,ST=,L=,OU=,O=,CN=pump-02",
                () -> connect("pump-02", ssl(List.of(self), pair.getPrivate())));
    }

    @Test
    void refusesACertificateOfAnotherAuthority() throws Exception {
        refuses(
                Reason.CERTIFICATE_UNTRUSTED,
                "CN=pump-01" + IN_CELL,
                () -> connect("pump-01", ssl("other", "pump-01")));
    }

    @Test
    void refusesACertificateThatHasExpired() throws Exception {
        refuses(Reason.CERTIFICATE_EXPIRED, "CN=expired-01" + IN_CELL, () -> connect("expired-01"));
    }

    @Test
    void refusesACertificateWhoseTimeHasNotCome() throws Exception {
        refuses(
                Reason.CERTIFICATE_NOT_YET_VALID,
                "CN=early-01" + IN_CELL,
                () -> connect("early-01"));
    }

    @Test
    void refusesACertificateThatIsForServers() throws Exception {
        refuses(Reason.CERTIFICATE_UNFIT, "CN=mqtt", () -> connect("mqtt"));
    }

    @Test
    void endsTheConnectionOfWhoIsRevokedAndRefusesTheNext() throws Exception {
        Mqtt5BlockingClient client = client("lost-01");
        client.connect();
        publish(client, CELL + "lost-01/temperature", false);
        others.incrementAndGet();

        pki.revoke("lost-01", Issued.Reason.KEY_COMPROMISE, DAY.multipliedBy(90));
        refuses(
                Reason.CERTIFICATE_REVOKED,
                "CN=lost-01" + IN_CELL,
                () -> {
                    tick();
                    await().atMost(HubFixture.LONG)
                            .until(() -> client.getState() == MqttClientState.DISCONNECTED);
                });

        // with the TLS session of before, too
        refuses(Reason.CERTIFICATE_REVOKED, "CN=lost-01" + IN_CELL, client::connect);
    }

    @Test
    void takesANewCertificateOfItsOwnOverForTheNextConnections() throws Exception {
        Mqtt5BlockingClient client = client("pump-02");
        client.connect();

        Issued renewed = pki.renew("mqtt", YEAR, false, YEAR);
        tick();

        SSLContext context = SSLContext.getInstance("TLS");
        context.init(
                ClientTls.keys(pems("pki", "pump-02"), key("pki", "pump-02")).getKeyManagers(),
                ClientTls.trust(config.resolve("security/pki")).getTrustManagers(),
                null);
        try (SSLSocket socket =
                (SSLSocket) context.getSocketFactory().createSocket("localhost", port)) {
            socket.startHandshake();
            X509Certificate shown = (X509Certificate) socket.getSession().getPeerCertificates()[0];
            assertThat(shown.getSerialNumber().toString(16)).isEqualTo(renewed.serial());
        }
        assertThat(client.getState()).isEqualTo(MqttClientState.CONNECTED);
        publish(client, CELL + "pump-02/temperature", false);
        others.incrementAndGet();
        client.disconnect();
    }

    @Test
    void isRefusedByAClientThatCalledItByAnotherName() throws Exception {
        refuses(
                Reason.CLIENT_REFUSED_SERVER,
                "(unknown)",
                () ->
                        Mqtt5Client.builder()
                                .identifier("pump-02")
                                .serverHost("127.0.0.1")
                                .serverPort(port)
                                .sslConfig(ssl("pki", "pump-02"))
                                .buildBlocking()
                                .connect());
    }

    @Test
    void refusesTls11() throws Exception {
        refuses(
                Reason.TLS_VERSION,
                "(unknown)",
                () -> {
                    try (Socket socket = new Socket("127.0.0.1", port)) {
                        socket.getOutputStream().write(ClientTls.hello(0x0302));
                        // 21: an alert
                        assertThat(socket.getInputStream().read()).isEqualTo(21);
                        throw new IOException("refused");
                    }
                });
    }

    @Test
    void refusesCiphersWithoutAuthentication() throws Exception {
        MqttClientSslConfig weak =
                ssl("pki", "pump-02")
                        .extend()
                        .protocols(List.of("TLSv1.2"))
                        .cipherSuites(List.of("TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA"))
                        .build();

        refuses(Reason.TLS_CIPHER, "(unknown)", () -> connect("pump-02", weak));
    }

    @Test
    void refusesPlainText() throws Exception {
        refuses(
                Reason.NOT_TLS,
                "(unknown)",
                () ->
                        Mqtt5Client.builder()
                                .identifier("pump-02")
                                .serverHost("127.0.0.1")
                                .serverPort(port)
                                .buildBlocking()
                                .connect());
    }

    @Test
    void refusesWhoHasNoRole() throws Exception {
        assertThat(answer(Reason.NO_ROLE, "CN=nobody,O=acme", () -> connect("nobody")))
                .isEqualTo(Mqtt5ConnAckReasonCode.BAD_USER_NAME_OR_PASSWORD);
    }

    @Test
    void refusesTheClientIdOfAnother() throws Exception {
        assertThat(
                        answer(
                                Reason.CLIENT_ID,
                                "CN=pump-02" + IN_CELL,
                                () -> connect("pump-01", ssl("pki", "pump-02"))))
                .isEqualTo(Mqtt5ConnAckReasonCode.CLIENT_IDENTIFIER_NOT_VALID);
        connect("pump-02/second", ssl("pki", "pump-02")).disconnect();
        connect("", ssl("pki", "pump-02")).disconnect();
    }

    @Test
    void refusesAPublishOutsideTheRoleAndKeepsNothingOfIt() throws Exception {
        Mqtt5BlockingClient client = client("pump-02");
        client.connect();
        for (String topic :
                List.of(
                        CELL + "pump-01/temperature",
                        "acme/plant2/packaging/line1/cell1/pump-02/temperature",
                        "_hub/alarm/fire",
                        "$SYS/broker/uptime",
                        "$hub/lane/00")) {
            for (boolean retain : new boolean[] {false, true}) {
                Throwable refused =
                        refuses(
                                Reason.PUBLISH,
                                "CN=pump-02" + IN_CELL,
                                () -> publish(client, topic, retain));
                assertThat(((Mqtt5PubAckException) refused).getMqttMessage().getReasonCode())
                        .isEqualTo(Mqtt5PubAckReasonCode.NOT_AUTHORIZED);
            }
        }
        assertThat(ManagementFactory.getPlatformMBeanServer().queryNames(null, null))
                .as("queues and addresses")
                .noneMatch(name -> name.toString().contains("fire"));
        // its own subtree is judged by the rules for topics, and not refused
        publish(client, CELL + "pump-02/too/deep", false);
        tooDeep.incrementAndGet();
        others.incrementAndGet();
        client.disconnect();
    }

    @Test
    void refusesAPublishOutsideTheNamespaceToAdminsToo() throws Exception {
        Mqtt5BlockingClient client = client("ann");
        client.connect();

        refuses(
                Reason.PUBLISH,
                "CN=ann,OU=mqtt-admin,O=acme",
                () -> publish(client, "_other/plant1/x", false));
        client.disconnect();
    }

    @Test
    void endsTheConnectionOfAnOldClientThatCannotBeTold() throws Exception {
        Mqtt3BlockingClient client =
                Mqtt3Client.builder()
                        .identifier("old-01")
                        .serverHost("localhost")
                        .serverPort(port)
                        .sslConfig(ssl("pki", "old-01"))
                        .buildBlocking();
        client.connect();

        refuses(
                Reason.PUBLISH,
                "CN=old-01" + IN_CELL,
                () ->
                        client.publishWith()
                                .topic(CELL + "pump-01/temperature")
                                .qos(MqttQos.AT_LEAST_ONCE)
                                .payload("1".getBytes(UTF_8))
                                .send());
    }

    @Test
    void refusesASubscriptionThatCoversMoreThanTheRole() throws Exception {
        Mqtt5BlockingClient client = client("spark");
        client.connect();
        for (String filter :
                List.of(
                        "#",
                        "+/plant1/#",
                        "$share/group/#",
                        "$share/group/other/#",
                        "$SYS/#",
                        "$hub/ingest",
                        "_hub/#")) {
            Throwable refused =
                    refuses(
                            Reason.SUBSCRIBE,
                            "CN=spark,OU=analytics,O=acme",
                            () -> subscribe(client, filter));
            assertThat(((Mqtt5SubAckException) refused).getMqttMessage().getReasonCodes())
                    .containsExactly(Mqtt5SubAckReasonCode.NOT_AUTHORIZED);
            assertThat(lastAudited().path("detail").asText()).startsWith(filter + ": ");
        }
        client.disconnect();
    }

    @Test
    void givesASubscriberAllAlsoWhenAnotherNamesAGroupLikeIt() throws Exception {
        Mqtt5BlockingClient spark = client("spark");
        spark.connect();
        Mqtt5BlockingClient thief = client("flink");
        thief.connect();
        try (var received = spark.publishes(MqttGlobalPublishFilter.ALL)) {
            subscribe(spark, CELL + "pump-02/#");
            subscribe(thief, "$share/spark/" + CELL + "pump-02/#");
            Mqtt5BlockingClient pump = client("pump-02");
            pump.connect();
            for (int i = 0; i < 10; i++) {
                publish(pump, CELL + "pump-02/speed", false);
                others.incrementAndGet();
            }
            for (int i = 0; i < 10; i++) {
                assertThat(received.receive(60, TimeUnit.SECONDS)).as("reading " + i).isPresent();
            }
            pump.disconnect();
        }
        spark.disconnect();
        thief.disconnect();
    }

    @Test
    void refusesALastWillOutsideTheRole() throws Exception {
        refuses(
                Reason.WILL,
                "CN=pump-02" + IN_CELL,
                () ->
                        client("pump-02")
                                .connectWith()
                                .willPublish()
                                .topic(CELL + "pump-01/_alarm")
                                .payload("gone".getBytes(UTF_8))
                                .applyWillPublish()
                                .send());
    }

    @Test
    void takesChangedRulesOverForWhoIsConnected() throws Exception {
        Mqtt5BlockingClient client = client("spark");
        client.connect();
        subscribe(client, CELL + "none/#");
        Path rules = config.resolve(AccessRules.FILE);
        String before = Files.readString(rules);

        Files.writeString(rules, before.replace("subscribe: [\"acme/#\"]", "subscribe: nothing"));
        tick();
        assertThat(hub.alarms().active()).extracting(alarm -> alarm.name()).contains("mqtt-acl");
        assertThat(client.getState()).isEqualTo(MqttClientState.CONNECTED);

        Files.writeString(
                rules, before.replace("subscribe: [\"acme/#\"]", "subscribe: [acme/plant2/#]"));
        refuses(
                Reason.SUBSCRIBE,
                "CN=spark,OU=analytics,O=acme",
                () -> {
                    tick();
                    await().atMost(HubFixture.LONG)
                            .until(() -> client.getState() == MqttClientState.DISCONNECTED);
                });
        assertThat(hub.alarms().active())
                .extracting(alarm -> alarm.name())
                .doesNotContain("mqtt-acl");

        Files.writeString(rules, before);
        tick();
        assertThat(hub.data().resolve("audit.ndjson"))
                .content()
                .contains("\"what\":\"security/mqtt-acl.yaml\",\"outcome\":\"refused\"")
                .containsPattern(
                        "\"what\":\"security/mqtt-acl.yaml\",[^}]*\"outcome\":\"in force\"");
        client.connectWith().cleanStart(true).send();
        subscribe(client, CELL + "none/#");
        client.disconnect();
    }

    /** Does what is refused, and returns what the client was told. */
    private Throwable refuses(Reason reason, String who, ThrowingCallable attempt)
            throws Exception {
        long before = hub.refusals().count(reason);
        Throwable refused = catchThrowable(attempt);
        await(reason.name())
                .atMost(HubFixture.LONG)
                .until(() -> hub.refusals().count(reason) > before);
        hub.refusals().tick();
        JsonNode line = lastAudited();
        assertThat(line.path("action").asText()).isEqualTo("mqtt-refused");
        assertThat(line.path("reason").asText()).isEqualTo(reason.name());
        assertThat(line.path("who").asText()).isEqualTo(who);
        assertThat(line.path("peer").asText()).isEqualTo("127.0.0.1");
        return refused;
    }

    /** The answer to a CONNECT that is refused; the end of the connection may overtake it. */
    private Mqtt5ConnAckReasonCode answer(Reason reason, String who, ThrowingCallable attempt)
            throws Exception {
        for (int i = 0; i < 20; i++) {
            if (refuses(reason, who, attempt) instanceof Mqtt5ConnAckException answer) {
                return answer.getMqttMessage().getReasonCode();
            }
        }
        throw new AssertionError("no answer in twenty attempts");
    }

    private JsonNode lastAudited() throws IOException {
        List<String> lines = Files.readAllLines(hub.data().resolve("audit.ndjson"));
        return new ObjectMapper().readTree(lines.get(lines.size() - 1));
    }

    private void tick() {
        hub.gate().tick(hub.broker());
    }

    private Mqtt5BlockingClient client(String name) {
        return client(name, ssl("pki", name));
    }

    private Mqtt5BlockingClient client(String clientId, MqttClientSslConfig ssl) {
        return Mqtt5Client.builder()
                .identifier(clientId)
                .serverHost("localhost")
                .serverPort(port)
                .sslConfig(ssl)
                .buildBlocking();
    }

    private Mqtt5BlockingClient connect(String name) {
        return connect(name, ssl("pki", name));
    }

    private Mqtt5BlockingClient connect(String clientId, MqttClientSslConfig ssl) {
        Mqtt5BlockingClient client = client(clientId, ssl);
        client.connect();
        return client;
    }

    private void publish(Mqtt5BlockingClient client, String topic, boolean retain) {
        client.publishWith()
                .topic(topic)
                .qos(MqttQos.AT_LEAST_ONCE)
                .retain(retain)
                .payload(hub.envelope(topic, 1, Instant.now()).getBytes(UTF_8))
                .send();
    }

    private static void subscribe(Mqtt5BlockingClient client, String filter) {
        client.subscribeWith().topicFilter(filter).qos(MqttQos.AT_LEAST_ONCE).send();
    }

    private Pki pki(String folder, Instant at) {
        return new Pki(config.resolve("security").resolve(folder), InstantSource.fixed(at));
    }

    private static void issue(Pki by, String subject) throws IOException {
        issue(by, subject, YEAR);
    }

    private static void issue(Pki by, String subject, Duration valid) throws IOException {
        by.issue(new Pki.Order(Kind.CLIENT, subject, List.of(), valid, false));
    }

    private MqttClientSslConfig ssl(String folder, String name) {
        try {
            return ssl(pems(folder, name), key(folder, name));
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    private MqttClientSslConfig ssl(List<X509Certificate> chain, PrivateKey key) throws Exception {
        return ClientTls.config(chain, key, config.resolve("security/pki"));
    }

    private List<X509Certificate> pems(String folder, String name) throws IOException {
        return Pem.certificates(pki(folder, NOW).issued(name).resolve(Pki.CERTIFICATE));
    }

    private PrivateKey key(String folder, String name) throws IOException {
        return Pem.key(pki(folder, NOW).issued(name).resolve(Pki.KEY));
    }
}
