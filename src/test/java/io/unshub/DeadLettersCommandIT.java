package io.unshub;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.hivemq.client.mqtt.MqttGlobalPublishFilter;
import com.hivemq.client.mqtt.datatypes.MqttQos;
import com.hivemq.client.mqtt.mqtt5.Mqtt5BlockingClient;
import com.hivemq.client.mqtt.mqtt5.Mqtt5Client;
import io.unshub.load.HubProcess;
import io.unshub.load.HubProcess.Result;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** The workbench, from the command line, on a running hub. */
class DeadLettersCommandIT {

    private static final String TOPIC = "acme/plant9/mixing/line1/cell1/mixer-01/torque";
    private static final Path OPENAPI = Path.of("docs/reference/openapi.yaml");

    private final Path work = TestFolders.fresh("dead-letters");

    @Test
    void showsGroupsFixesAndReplays() throws Exception {
        try (HubProcess hub =
                HubProcess.on(work.resolve("data"))
                        .with("unshub.simulator.enabled", "false")
                        .start()) {
            assertThat(hub.command("dead-letters", "groups").out()).isEqualTo("no dead letters\n");
            publish(hub, 3, "unit", "good");
            publish(hub, 1, "units", "GOOD");
            await().atMost(Duration.ofSeconds(60)).until(() -> total(hub, "forwarded") == 1);

            hub.awaitLine(
                    ".*alarm dead-letter-rate: 3 of 4 readings.*see uns-hub dead-letters.*",
                    Duration.ofSeconds(60));
            assertThat(retained(hub, "_hub/alarm/dead-letter-rate"))
                    .contains("\"name\":\"dead-letter-rate\",\"raised\":true")
                    .contains("\"severity\":\"WARNING\"");

            Result groups = hub.command("dead-letters", "groups");
            assertThat(groups.exit()).as(groups.err()).isZero();
            assertThat(groups.out()).startsWith("       3  FIELD_MISSING units  " + TOPIC);

            Result list = hub.command("dead-letters", "list", "--topic", "acme/#", "--limit", "2");
            assertThat(list.out())
                    .contains("payload lacks units, an envelope needs ")
                    .endsWith("(the first 2; --limit shows more, groups shows all)\n");
            String id = list.out().substring(0, 36);
            assertThat(hub.command("dead-letters", "show", id).out())
                    .contains("id             " + id)
                    .contains("payload        {\"messageId\":");

            Path exported = work.resolve("letters.ndjson");
            assertThat(hub.command("dead-letters", "export", "--out", exported.toString()).exit())
                    .isZero();
            assertThat(Files.readAllLines(exported))
                    .hasSize(3)
                    .allSatisfy(line -> assertThat(line).contains("\\\"quality\\\":\\\"good\\\""));
            Result again = hub.command("dead-letters", "export", "--out", exported.toString());
            assertThat(again.exit()).isEqualTo(2);
            assertThat(again.err()).endsWith("exists already; name another file\n");

            Result asTheyAre = hub.command("dead-letters", "replay", "--all");
            assertThat(asTheyAre.exit()).isEqualTo(1);
            assertThat(asTheyAre.out())
                    .contains("       3 would fail: FIELD_MISSING units")
                    .endsWith("0 of 3 letters would pass\n");

            Result fix =
                    hub.command("dead-letters", "fix", "docs/examples/fixes/unit-to-units.yaml");
            assertThat(fix.exit()).as(fix.err()).isZero();
            assertThat(fix.out())
                    .contains("passes " + id)
                    .contains("\"quality\":\"good\",\"unit\":\"1\"")
                    .contains("\"quality\":\"GOOD\",\"units\":\"1\"")
                    .contains("3 of 3 letters would pass; replay them with: ");
            assertThat(total(hub, "deadLettered")).as("nothing has happened yet").isEqualTo(3);

            String plan = fix.out().trim().replaceAll("(?s).*--plan ", "");
            Result replay = hub.command("dead-letters", "replay", "--plan", plan);
            assertThat(replay.exit()).as(replay.err()).isZero();
            assertThat(replay.out()).contains("3 of 3 letters published again");
            await().atMost(Duration.ofSeconds(60)).until(() -> total(hub, "forwarded") == 4);
            assertThat(hub.ledger().path("balanced").asBoolean()).isTrue();
            assertThat(total(hub, "deadLettered")).isZero();

            Result twice = hub.command("dead-letters", "replay", "--plan", plan);
            assertThat(twice.exit()).isEqualTo(2);
            assertThat(twice.err()).startsWith("uns-hub: there is no plan " + plan);
            assertThat(Files.readAllLines(hub.data().resolve("audit.ndjson")))
                    .filteredOn(line -> line.contains("\"action\":\"replay\""))
                    .singleElement()
                    .asString()
                    .contains("\"plan\":\"" + plan, "\"letters\":3");
        }
    }

    @Test
    void saysWhatIsWrongWithARequest() throws Exception {
        try (HubProcess hub =
                HubProcess.on(work.resolve("requests"))
                        .with("unshub.simulator.enabled", "false")
                        .start()) {
            Result none = hub.command("dead-letters", "replay");
            assertThat(none.exit()).isEqualTo(2);
            assertThat(none.err())
                    .startsWith(
                            "uns-hub: replay needs --plan, or --all, or some of --id, --reason,"
                                    + " --field, --topic");
            Path broken = Files.writeString(work.resolve("broken.yaml"), "steps: [{drop: {}}]");
            Result fix = hub.command("dead-letters", "fix", broken.toString());
            assertThat(fix.exit()).isEqualTo(2);
            assertThat(fix.err())
                    .isEqualTo(
                            "uns-hub: the mapping has the unknown key drop, known are rename,"
                                    + " retopic, scale, set; correct it\n");
            Result reason = hub.command("dead-letters", "list", "--reason", "WRONG");
            assertThat(reason.err()).startsWith("uns-hub: reason is WRONG; give one of [PARSE_ER");

            HttpResponse<String> unknown =
                    request(hub, "dead-letters/plans", "{\"resaon\":\"PARSE_ERROR\"}");
            assertThat(unknown.statusCode()).isEqualTo(400);
            assertThat(unknown.headers().firstValue("Content-Type"))
                    .contains("application/problem+json");
            JsonNode problem = new ObjectMapper().readTree(unknown.body());
            assertThat(problem.path("rule").asText()).isEqualTo("request-body");
            assertThat(problem.path("detail").asText()).contains("resaon");
            assertThat(problem.path("nextStep").asText()).isNotBlank();

            HttpResponse<String> parity = request(hub, "parity", "{\"missing\":1}");
            assertThat(parity.statusCode()).isEqualTo(400);
            assertThat(parity.body())
                    .contains("the finding has no at", "give the time of the ledger's cut");

            String described = request(hub, "openapi", null).body();
            if (Boolean.getBoolean("unshub.docs.write")) {
                Files.writeString(OPENAPI, described);
            }
            assertThat(OPENAPI).as("rewrite with -Dunshub.docs.write=true").hasContent(described);
        }
    }

    private static long total(HubProcess hub, String term) throws Exception {
        return hub.ledger().path("total").path(term).asLong();
    }

    private static HttpResponse<String> request(HubProcess hub, String path, String body)
            throws Exception {
        HttpRequest.Builder request =
                HttpRequest.newBuilder(
                                URI.create(
                                        "http://127.0.0.1:"
                                                + hub.port("quarkus.http.port")
                                                + "/api/v1/"
                                                + path))
                        .header("Content-Type", "application/json")
                        .header(
                                "Authorization",
                                "Bearer " + Files.readString(hub.data().resolve("control-token")));
        if (body != null) {
            request.POST(HttpRequest.BodyPublishers.ofString(body));
        }
        return HttpClient.newHttpClient()
                .send(request.build(), HttpResponse.BodyHandlers.ofString());
    }

    /** What who subscribes late is told. */
    private static String retained(HubProcess hub, String topic) {
        return await().atMost(Duration.ofSeconds(60))
                .until(() -> retainedNow(hub, topic), Optional::isPresent)
                .orElseThrow();
    }

    private static Optional<String> retainedNow(HubProcess hub, String topic) throws Exception {
        Mqtt5BlockingClient client =
                Mqtt5Client.builder()
                        .serverHost("127.0.0.1")
                        .serverPort(hub.mqttPort())
                        .buildBlocking();
        client.connect();
        try (var received = client.publishes(MqttGlobalPublishFilter.ALL)) {
            client.subscribeWith().topicFilter(topic).send();
            return received.receive(2, TimeUnit.SECONDS)
                    .map(publish -> new String(publish.getPayloadAsBytes(), UTF_8));
        } finally {
            client.disconnect();
        }
    }

    private static void publish(HubProcess hub, int count, String units, String quality) {
        Mqtt5BlockingClient client =
                Mqtt5Client.builder()
                        .serverHost("127.0.0.1")
                        .serverPort(hub.mqttPort())
                        .buildBlocking();
        client.connect();
        for (int i = 0; i < count; i++) {
            String payload =
                    ("{\"messageId\":\"%s\",\"tsUtc\":\"%s\",\"topic\":\"%s\",\"value\":%d,"
                                    + "\"quality\":\"%s\",\"%s\":\"1\",\"sourceSystem\":\"test\","
                                    + "\"lineageVersion\":\"1.0.0\",\"schemaVersion\":\"1.0\"}")
                            .formatted(UUID.randomUUID(), Instant.now(), TOPIC, i, quality, units);
            client.publishWith()
                    .topic(TOPIC)
                    .qos(MqttQos.AT_LEAST_ONCE)
                    .payload(payload.getBytes(UTF_8))
                    .send();
        }
        client.disconnect();
    }
}
