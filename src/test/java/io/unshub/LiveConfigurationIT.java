package io.unshub;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.hivemq.client.mqtt.datatypes.MqttQos;
import com.hivemq.client.mqtt.mqtt5.Mqtt5BlockingClient;
import com.hivemq.client.mqtt.mqtt5.Mqtt5Client;
import io.unshub.load.HubProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** A running hub takes a changed mapping over, and a broken file stops no running hub. */
class LiveConfigurationIT {

    private static final String TOPIC = "acme/plant9/mixing/line1/cell1/mixer-01/torque";
    private static final Duration LONG = Duration.ofSeconds(60);

    private final Path work = TestFolders.fresh("live");
    private final Path config = TestFolders.config(work.resolve("config"));
    private final Path mapping = config.resolve("eventhubs-bridge-mapping.yaml");

    @Test
    void takesAChangedMappingOverAndKeepsItWhenTheFileBreaks() throws Exception {
        try (HubProcess hub = hub("data").start()) {
            publish(hub);
            awaitTotal(hub, "forwarded", 1);

            Files.writeString(
                    mapping,
                    """
                    version: "2.0.0"
                    rules:
                      - name: not-yet
                        exclude: [acme/plant9/#]
                      - name: everything
                        include: ["#"]
                    """);
            hub.awaitLine(".*version 2.0.0 with 2 rules is in force", LONG);
            publish(hub);
            awaitTotal(hub, "withheld", 1);

            Files.writeString(mapping, "version: '3'\nrules: [{name: x}]");
            hub.awaitLine(
                    ".*rule 1 \\(x\\) needs either include or exclude; give one; the mapping before,"
                            + " version 2.0.0, stays in force",
                    LONG);
            publish(hub);
            awaitTotal(hub, "withheld", 2);
            assertThat(hub.ledger().path("balanced").asBoolean()).isTrue();
        }
    }

    @Test
    void doesNotStartWithAMappingOrASchemaThatIsBroken() throws Exception {
        Files.writeString(mapping, "version: '3'\nrules: []");
        try (HubProcess hub = hub("mapping")) {
            assertThat(hub.launch().awaitExit()).isEqualTo(2);
            assertThat(hub.lines().get(0))
                    .endsWith(mapping + " has no rules; to let everything leave, include [\"#\"]");
        }
        Files.delete(mapping);
        Files.createDirectories(config.resolve("schemas/envelope/v2"));
        try (HubProcess hub = hub("schema")) {
            assertThat(hub.launch().awaitExit()).isEqualTo(2);
            assertThat(hub.lines().get(0))
                    .contains("v2/envelope.schema.json cannot be read")
                    .endsWith("; put the version's schema there");
        }
    }

    private HubProcess hub(String data) throws IOException {
        return HubProcess.on(work.resolve(data))
                .with("unshub.config-dir", config.toString())
                .with("unshub.simulator.enabled", "false");
    }

    private static void awaitTotal(HubProcess hub, String term, long count) {
        await().atMost(LONG)
                .ignoreExceptions()
                .until(() -> hub.ledger().path("total").path(term).asLong() == count);
    }

    private static void publish(HubProcess hub) {
        Mqtt5BlockingClient client =
                Mqtt5Client.builder()
                        .serverHost("127.0.0.1")
                        .serverPort(hub.mqttPort())
                        .buildBlocking();
        client.connect();
        client.publishWith()
                .topic(TOPIC)
                .qos(MqttQos.AT_LEAST_ONCE)
                .payload(
                        ("{\"messageId\":\"%s\",\"tsUtc\":\"%s\",\"topic\":\"%s\",\"value\":1,"
                                        + "\"quality\":\"GOOD\",\"units\":\"1\","
                                        + "\"sourceSystem\":\"test\",\"lineageVersion\":\"1\","
                                        + "\"schemaVersion\":\"1.0\"}")
                                .formatted(UUID.randomUUID(), Instant.now(), TOPIC)
                                .getBytes(UTF_8))
                .send();
        client.disconnect();
    }
}
