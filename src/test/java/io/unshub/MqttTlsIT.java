package io.unshub;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.hivemq.client.mqtt.datatypes.MqttQos;
import com.hivemq.client.mqtt.exceptions.ConnectionClosedException;
import com.hivemq.client.mqtt.mqtt5.Mqtt5BlockingClient;
import com.hivemq.client.mqtt.mqtt5.Mqtt5Client;
import com.hivemq.client.mqtt.mqtt5.exceptions.Mqtt5ConnAckException;
import io.unshub.access.AccessRules;
import io.unshub.load.HubProcess;
import io.unshub.load.MqttClients;
import io.unshub.pki.Issued;
import io.unshub.pki.Issued.Kind;
import io.unshub.pki.Pki;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** The hub outside the demo: TLS for all but itself, and nothing lost by it. */
class MqttTlsIT {

    private static final Duration LONG = Duration.ofSeconds(90);
    private static final Duration YEAR = Duration.ofDays(365);
    private static final String TOPIC = "acme/plant1/packaging/line1/cell1/pump-01/temperature";

    private final Path work = TestFolders.fresh("mqtt-tls");
    private final Path config = TestFolders.config(work.resolve("config"));
    private final Path folder = config.resolve("security/pki");
    private final Pki pki = new Pki(folder, Clock.systemUTC());

    @Test
    void takesWhoHasACertificateAndNobodyElseAndKeepsItThroughAKill() throws Exception {
        pki.init("acme", YEAR, YEAR, YEAR);
        pki.issue(new Pki.Order(Kind.SERVER, "CN=mqtt", List.of("localhost"), YEAR, false));
        pki.issue(
                new Pki.Order(
                        Kind.CLIENT,
                        "CN=pump-01,OU=cell1,OU=line1,OU=packaging,OU=plant1,O=acme",
                        List.of(),
                        YEAR,
                        false));
        int port = HubProcess.freePort();
        try (HubProcess hub =
                HubProcess.on(work.resolve("data"))
                        .inProfile("prod")
                        .forwardingTo(HubProcess.freePort())
                        .with("unshub.config-dir", config.toString())
                        .with("unshub.mqtt.tls.enabled", "true")
                        .with("unshub.mqtt.tls.port", Integer.toString(port))) {
            hub.start();
            assertThat(hub.lines()).contains("  MQTT TLS     mqtts://0.0.0.0:" + port);
            Mqtt5BlockingClient pump = MqttClients.withCertificate(port, folder, "pump-01");
            pump.connect();
            for (int i = 0; i < 50; i++) {
                publish(pump);
            }
            assertThatThrownBy(
                            () ->
                                    Mqtt5Client.builder()
                                            .serverHost("127.0.0.1")
                                            .serverPort(hub.mqttPort())
                                            .buildBlocking()
                                            .connect())
                    // the end of the connection may overtake the answer
                    .isInstanceOfAny(Mqtt5ConnAckException.class, ConnectionClosedException.class);
            awaitLine(hub, "PLAIN_TEXT");
            assertThat(hub.metrics())
                    .contains("unshub_mqtt_refused_total{reason=\"PLAIN_TEXT\"} 1.0");

            hub.kill9();
            hub.start();

            Mqtt5BlockingClient again = MqttClients.withCertificate(port, folder, "pump-01");
            again.connect();
            publish(again);
            await().atMost(LONG).until(() -> total(hub).path("accepted").asLong() == 51);
            assertThat(hub.ledger().path("balanced").asBoolean()).isTrue();

            pki.revoke("pump-01", Issued.Reason.CESSATION_OF_OPERATION, YEAR);
            await().atMost(LONG).until(() -> !again.getState().isConnected());
            awaitLine(hub, "CERTIFICATE_REVOKED");
            assertThat(hub.data().resolve("audit.ndjson"))
                    .content()
                    .contains("\"reason\":\"CERTIFICATE_REVOKED\"", "\"reason\":\"PLAIN_TEXT\"");
        }
    }

    @Test
    void doesNotStartWithWhatOnlyTheDemoMayOrWithoutItsFiles() throws Exception {
        try (HubProcess hub =
                HubProcess.on(work.resolve("data"))
                        .inProfile("prod")
                        .forwardingTo(HubProcess.freePort())
                        .with("unshub.config-dir", config.toString())
                        .with("unshub.mqtt.tls.enabled", "true")
                        .with("unshub.simulator.enabled", "true")) {
            assertThat(refusal(hub))
                    .isEqualTo(
                            "uns-hub: unshub.simulator.enabled is true, which only the demo profile allows; take it out, or start with --profile demo");
            hub.with("unshub.simulator.enabled", "false");
            assertThat(refusal(hub))
                    .startsWith("uns-hub: unshub.mqtt.tls: there is no ")
                    .contains("security/pki/issued/mqtt/certificate.pem; name an existing file");
            pki.init("acme", YEAR, YEAR, YEAR);
            pki.issue(new Pki.Order(Kind.SERVER, "CN=mqtt", List.of("localhost"), YEAR, false));
            Files.delete(config.resolve(AccessRules.FILE));
            assertThat(refusal(hub)).contains("no rules file at ", AccessRules.FILE);
            hub.with("unshub.mqtt.host", "0.0.0.0");
            Files.copy(
                    Path.of("config").resolve(AccessRules.FILE), config.resolve(AccessRules.FILE));
            assertThat(refusal(hub))
                    .startsWith(
                            "uns-hub: unshub.mqtt.host is 0.0.0.0, but MQTT without TLS is served on loopback only; use 127.0.0.1");
        }
    }

    private static String refusal(HubProcess hub) throws Exception {
        assertThat(hub.launch().awaitExit()).isEqualTo(2);
        return await().atMost(LONG).until(hub::lines, lines -> !lines.isEmpty()).get(0);
    }

    private static void awaitLine(HubProcess hub, String reason) {
        hub.awaitLine(".*MQTT refused, " + reason + ": .*", LONG);
    }

    private static JsonNode total(HubProcess hub) throws Exception {
        return hub.ledger().path("total");
    }

    private static void publish(Mqtt5BlockingClient client) {
        client.publishWith()
                .topic(TOPIC)
                .qos(MqttQos.AT_LEAST_ONCE)
                .payload(
                        """
                        {"messageId":"%s","tsUtc":"%s","topic":"%s","value":1,"quality":"GOOD",\
                        "units":"1","sourceSystem":"test","lineageVersion":"1.0.0","schemaVersion":"1.0"}"""
                                .formatted(UUID.randomUUID(), Instant.now(), TOPIC)
                                .getBytes(UTF_8))
                .send();
    }
}
