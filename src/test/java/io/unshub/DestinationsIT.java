package io.unshub;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.hivemq.client.mqtt.datatypes.MqttQos;
import com.hivemq.client.mqtt.mqtt5.Mqtt5BlockingClient;
import com.hivemq.client.mqtt.mqtt5.Mqtt5Client;
import io.unshub.load.HubProcess;
import io.unshub.load.KafkaBroker;
import io.unshub.load.PostgresServer;
import io.unshub.route.Patterns;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.Test;

/** A hub that is killed while it gives readings to Kafka and to a database. */
class DestinationsIT {

    private static final List<String> TOPICS =
            List.of(
                    "acme/plant9/mixing/line1/cell1/mixer-01/torque",
                    "acme/plant9/mixing/line1/cell1/mixer-02/torque");
    private static final Duration LONG = Duration.ofSeconds(120);
    private static final int READINGS = 1000;

    private final Path work = TestFolders.fresh("destinations");
    private final Path config = TestFolders.config(work.resolve("config"));

    @Test
    void missesNothingAndWritesNoRowTwiceThoughItIsKilledInTheMiddleOfABatch() throws Exception {
        Path routes = Files.createDirectories(config.resolve("routes"));
        try (KafkaBroker kafka = KafkaBroker.start(work.resolve("kafka"));
                PostgresServer postgres = PostgresServer.start(work.resolve("postgres"));
                HubProcess hub =
                        HubProcess.on(work.resolve("data"))
                                .with("unshub.config-dir", config.toString())
                                .with("unshub.simulator.enabled", "false")) {
            kafka.topic("plant1-readings", Map.of());
            // so slow that the kill finds a batch under way
            postgres.execute(
                    "CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS"
                            + " 'BEGIN PERFORM pg_sleep(0.01); RETURN NEW; END'",
                    "CREATE TRIGGER slow BEFORE INSERT ON readings FOR EACH ROW"
                            + " EXECUTE FUNCTION slow()");
            Path password = Files.writeString(work.resolve("secret"), KafkaBroker.PASSWORD);
            Files.writeString(
                    routes.resolve("kafka.yaml"),
                    route("recipient-list-kafka", "kafka")
                            .replace("kafka.plant:9093", "\"{{plant.kafka}}\"")
                            .replace(
                                    "file:/run/secrets/kafka",
                                    "file:"
                                            + password
                                            + "\n              trustedCertificates: "
                                            + kafka.certificate()));
            Files.writeString(
                    routes.resolve("sql.yaml"),
                    route("recipient-list-sql", "sql")
                            .replaceAll("jdbc:.*", postgres.url())
                            .replace("/run/secrets/historian", password.toString()));
            hub.with("plant.kafka", kafka.secureServers());
            hub.start();
            publish(hub);
            await().atMost(LONG).until(() -> rows(postgres) > 0);

            hub.kill9();
            assertThat(rows(postgres)).isLessThan(TOPICS.size() * READINGS);
            hub.start();

            await().atMost(LONG).until(() -> rows(postgres) == TOPICS.size() * READINGS);
            await().atMost(LONG)
                    .until(
                            () ->
                                    hub.metrics()
                                            .contains(
                                                    "unshub_subscription_waiting_readings{subscription=\"kafka\"} 0"));
            List<String> all = IntStream.range(0, READINGS).mapToObj(Integer::toString).toList();
            List<ConsumerRecord<String, String>> records = kafka.records("plant1-readings");
            for (String topic : TOPICS) {
                assertThat(
                                postgres.query(
                                        "SELECT number FROM readings WHERE topic = '%s' ORDER BY ts_utc"
                                                .formatted(topic)))
                        .isEqualTo(all);
                assertThat(
                                records.stream()
                                        .filter(each -> each.key().equals(topic))
                                        .map(
                                                each ->
                                                        each.value()
                                                                .replaceAll(
                                                                        ".*\"value\":(\\d+),.*",
                                                                        "$1"))
                                        .distinct())
                        .containsExactlyElementsOf(all);
            }
            assertThat(hub.ledger().path("balanced").asBoolean()).isTrue();
        }
    }

    private static String route(String pattern, String id) {
        return Patterns.start(pattern, id).orElseThrow().replace("acme/plant1/#", "acme/plant9/#");
    }

    private static int rows(PostgresServer postgres) throws Exception {
        return Integer.parseInt(postgres.query("SELECT count(*) FROM readings").get(0));
    }

    private static void publish(HubProcess hub) {
        Instant start = Instant.now().minusSeconds(READINGS);
        Mqtt5BlockingClient client =
                Mqtt5Client.builder()
                        .serverHost("127.0.0.1")
                        .serverPort(hub.mqttPort())
                        .buildBlocking();
        client.connect();
        for (int i = 0; i < READINGS; i++) {
            for (String topic : TOPICS) {
                client.publishWith()
                        .topic(topic)
                        .qos(MqttQos.AT_LEAST_ONCE)
                        .payload(
                                ("{\"messageId\":\"%s\",\"tsUtc\":\"%s\",\"topic\":\"%s\",\"value\":%d,"
                                                + "\"quality\":\"GOOD\",\"units\":\"1\","
                                                + "\"sourceSystem\":\"test\",\"lineageVersion\":\"1\","
                                                + "\"schemaVersion\":\"1.0\"}")
                                        .formatted(
                                                new UUID(0x4000, i * 10L + TOPICS.indexOf(topic)),
                                                start.plusSeconds(i),
                                                topic,
                                                i)
                                        .getBytes(UTF_8))
                        .send();
            }
        }
        client.disconnect();
    }
}
