package io.unshub;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import com.hivemq.client.mqtt.MqttGlobalPublishFilter;
import com.hivemq.client.mqtt.datatypes.MqttQos;
import com.hivemq.client.mqtt.mqtt5.Mqtt5AsyncClient;
import com.hivemq.client.mqtt.mqtt5.Mqtt5Client;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SpecVersion;
import io.unshub.load.HubProcess;
import io.unshub.load.HubProcess.Result;
import io.unshub.scoring.CircuitConfig;
import io.unshub.scoring.Circuits;
import io.unshub.simulator.plant.CmapssGenerator;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** Models on a hub in its own process, whose Event Hubs nobody reaches. */
class ScoringIT {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final String MODEL = "fleet/engines/rul";
    private static final String PLACE = "acme/fleet/test/bench1/cell1/engine-";
    private static final String ENGINES =
            """
            plant_id: fleet
            circuit_id: engines
            model: rul
            version: 1.0.0
            environment_version: "1"
            equipment: acme/fleet/test/bench1/cell1/+
            inputs: {s4: s4, s11: s11, s21: s21}
            trigger: s21
            max_age: 1h
            features:
              - {of: s4, as: mean, over: 10s}
              - {of: s11, as: mean, over: 10s}
              - {of: s21}
            task: regression
            target: rul
            target_cap: 125
            judge: rows
            algorithm: xgboost
            on_drift: retrain
            training_data: recent.txt
            """;
    private static final int S4 = 8;
    private static final int S11 = 15;
    private static final int S21 = 25;

    private final Path work = TestFolders.fresh("scoring");
    private final Path config = TestFolders.config(work.resolve("config"));
    private final Path data = work.resolve("data");
    private final Map<String, AtomicInteger> seen = new ConcurrentHashMap<>();
    private int published;

    private HubProcess hub() throws IOException {
        return HubProcess.on(data)
                .with("unshub.config-dir", config.toString())
                .with("unshub.simulator.enabled", "false")
                .with("unshub.scoring.drift-interval", "1s")
                .forwardingTo(HubProcess.freePort());
    }

    private String ml(int exit, String... words) throws Exception {
        List<String> command = new ArrayList<>(List.of("./uns-hub", "ml"));
        command.addAll(List.of(words));
        command.addAll(List.of("--config", config.toString(), "--data-dir", data.toString()));
        Result result = Result.of(new ProcessBuilder(command), "");
        assertThat(result.exit()).as(result.err() + result.out()).isEqualTo(exit);
        return result.out();
    }

    @Test
    void keepsItsModelsRightThroughADriftWithoutTheCloud() throws Exception {
        Files.createDirectories(data);
        Files.createDirectories(config.resolve("ml/fleet"));
        Files.writeString(config.resolve("ml/fleet/engines.yml"), ENGINES);
        Path lives = work.resolve("lives.txt");
        new CmapssGenerator(7).write(lives, 40);
        Path recent = work.resolve("recent.txt");
        new CmapssGenerator(8).write(recent, 40);
        Files.write(
                data.resolve("recent.txt"),
                Files.readAllLines(recent).stream().map(ScoringIT::drifted).toList());
        ml(0, "train", MODEL, "--data", lives.toString(), "--seeds", "1");
        ml(0, "approve", MODEL, "1");
        ml(0, "promote", MODEL, "1");

        try (HubProcess hub = hub().start()) {
            Mqtt5AsyncClient client = client(hub);
            String first = sha256(1);
            play(client, Files.readAllLines(lives), 1, 4);
            awaitScores(published);
            assertThat(seen).containsOnlyKeys(first);

            play(client, Files.readAllLines(data.resolve("recent.txt")), 1, 8);
            awaitScores(published);
            hub.awaitLine(".*alarm drift-fleet-engines-rul: drift_detected: .*", PATIENCE);
            hub.awaitLine(".*fleet/engines/rul drifts and is trained on recent data", PATIENCE);
            hub.awaitLine(".*alarm staged-fleet-engines-rul: .* version 2 .*waits.*", PATIENCE);
            assertThat(scoresOf(2)).as("a person decides").isZero();

            ml(0, "try", MODEL, "2");
            hub.awaitLine(".*fleet/engines/rul version 2 is loaded", PATIENCE);
            play(client, Files.readAllLines(data.resolve("recent.txt")), 9, 12);
            awaitScores(published);
            ml(0, "approve", MODEL, "2");
            await().atMost(PATIENCE)
                    .untilAsserted(
                            () ->
                                    assertThat(ml(0, "compare", MODEL))
                                            .contains("go: uns-hub ml promote " + MODEL + " 2"));
            assertThat(hub.metrics())
                    .contains(
                            "unshub_scoring_trial_compared{model=\"fleet/engines/rul\",version=\"2\"}");
            assertThat(ml(0, "promote", MODEL, "2")).contains("version 1 in production");
            awaitVersion(hub, 2);
            play(client, Files.readAllLines(data.resolve("recent.txt")), 13, 14);
            awaitScores(published);
            int ofTheSecond = scoresOf(2);
            assertThat(ofTheSecond).isPositive();

            ml(0, "rollback", MODEL);
            awaitVersion(hub, 1);
            play(client, Files.readAllLines(lives), 5, 5);
            awaitScores(published);
            assertThat(scoresOf(2)).isEqualTo(ofTheSecond);

            // the last scores are seen by who subscribes before they are in a transaction
            await().atMost(PATIENCE)
                    .untilAsserted(
                            () ->
                                    assertThat(hub.ledger().at("/total/generated").asInt())
                                            .isEqualTo(published));
            JsonNode ledger = hub.ledger();
            assertThat(ledger.path("balanced").asBoolean()).isTrue();
            assertThat(ledger.at("/total/accepted").asInt()).isEqualTo(3 * published);
            assertThat(ledger.at("/total/generated").asInt()).isEqualTo(published);
            assertThat(ledger.at("/total/buffered").asInt()).isEqualTo(4 * published);
            assertThat(hub.metrics()).contains("unshub_scoring_skipped_total 0.0");
            client.disconnect().join();
        }
    }

    /** Another calibration of two sensors. */
    private static String drifted(String line) {
        String[] cells = line.split(" ");
        cells[S4] = String.format(Locale.ROOT, "%.4f", Double.parseDouble(cells[S4]) + 20);
        cells[S11] = String.format(Locale.ROOT, "%.4f", Double.parseDouble(cells[S11]) + 1);
        return String.join(" ", cells);
    }

    /** Publishes lives, a cycle a second of event time, which ends now. */
    private void play(Mqtt5AsyncClient client, List<String> lines, int from, int to) {
        Instant end = Instant.now();
        List<CompletableFuture<?>> sent = new ArrayList<>();
        for (int unit = from; unit <= to; unit++) {
            String prefix = unit + " ";
            List<String[]> life =
                    lines.stream()
                            .filter(line -> line.startsWith(prefix))
                            .map(line -> line.split(" "))
                            .toList();
            // each play has engines of its own: event time of one never goes back
            String engine = PLACE + published + "-" + unit;
            for (int i = 0; i < life.size(); i++) {
                Instant time = end.minusSeconds(life.size() - i);
                sent.add(publish(client, engine + "/s4", life.get(i)[S4], time));
                sent.add(publish(client, engine + "/s11", life.get(i)[S11], time));
                sent.add(publish(client, engine + "/s21", life.get(i)[S21], time));
            }
            published += life.size();
        }
        sent.forEach(CompletableFuture::join);
    }

    private static CompletableFuture<?> publish(
            Mqtt5AsyncClient client, String topic, String value, Instant time) {
        String payload =
                ("{\"messageId\":\"%s\",\"tsUtc\":\"%s\",\"topic\":\"%s\",\"value\":%s,"
                                + "\"quality\":\"GOOD\",\"units\":\"1\",\"sourceSystem\":\"test\","
                                + "\"lineageVersion\":\"1.0.0\",\"schemaVersion\":\"1.0\"}")
                        .formatted(UUID.randomUUID(), time, topic, value);
        return client.publishWith()
                .topic(topic)
                .qos(MqttQos.AT_LEAST_ONCE)
                .payload(payload.getBytes(UTF_8))
                .send();
    }

    /** A client that counts the scores by the hash of their model. */
    private Mqtt5AsyncClient client(HubProcess hub) {
        Mqtt5AsyncClient client =
                Mqtt5Client.builder()
                        .serverHost("127.0.0.1")
                        .serverPort(hub.mqttPort())
                        .buildAsync();
        client.connect().join();
        client.publishes(
                MqttGlobalPublishFilter.ALL,
                publish -> {
                    String text = new String(publish.getPayloadAsBytes(), UTF_8);
                    String sha = text.replaceFirst("(?s).*\"sha256\":\"([0-9a-f]+)\".*", "$1");
                    seen.computeIfAbsent(sha, s -> new AtomicInteger()).incrementAndGet();
                });
        client.subscribeWith()
                .topicFilter(PLACE.replace("engine-", "+/_score-rul"))
                .qos(MqttQos.AT_LEAST_ONCE)
                .send()
                .join();
        return client;
    }

    private void awaitScores(int count) {
        await().atMost(PATIENCE)
                .untilAsserted(
                        () ->
                                assertThat(
                                                seen.values().stream()
                                                        .mapToInt(AtomicInteger::get)
                                                        .sum())
                                        .isEqualTo(count));
    }

    private int scoresOf(int version) throws Exception {
        AtomicInteger count = seen.get(sha256(version));
        return count == null ? 0 : count.get();
    }

    private String sha256(int version) throws IOException {
        return JSON.readTree(
                        data.resolve("models/%s/%d/card.json".formatted(MODEL, version)).toFile())
                .path("sha256")
                .asText();
    }

    private static void awaitVersion(HubProcess hub, int version) {
        await().atMost(PATIENCE)
                .until(
                        () ->
                                hub.get("inference/health").at("/models/0/version").asInt()
                                        == version);
    }

    @Test
    void answersOverHttpAsItsContractSays() throws Exception {
        CircuitConfig circuit = Circuits.configure(config, Circuits.YAML);
        Files.createDirectories(data);
        Circuits.produce(data, circuit, Circuits.record(work, 40, 1));
        try (HubProcess hub = hub().with("quarkus.log.console.json.enabled", "true").start()) {
            HttpResponse<String> answer =
                    predict(
                            hub,
                            """
                            {"model":"plant9/mixing/failure","explain":true,"instances":[
                            {"temperature":85,"torque":45,"temperature_mean_10m":85},
                            {"temperature":35,"torque":12,"temperature_mean_10m":35}]}""");
            assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
            JsonNode said = conforms("PredictAnswer", answer.body());
            assertThat(said.at("/predictions/0/value").asDouble()).isGreaterThan(0.9);
            assertThat(said.at("/predictions/0/alarm").asBoolean()).isTrue();
            assertThat(said.at("/predictions/0/movedBy").fieldNames()).toIterable().hasSize(3);
            assertThat(said.at("/predictions/1/value").asDouble()).isLessThan(0.1);
            assertThat(said.path("requestId").asText()).isEqualTo("order-7");
            assertThat(said.path("traceId").asText()).isEqualTo("0af7651916cd43dd8448eb211c80319c");
            hub.awaitLine(
                    ".*\"requestId\":\"order-7\".*predict plant9/mixing/failure version 1.*|.*predict plant9/mixing/failure version 1.*\"requestId\":\"order-7\".*",
                    PATIENCE);
            hub.awaitLine(".*\"traceId\":\"0af7651916cd43dd8448eb211c80319c\".*", PATIENCE);

            assertProblem(
                    hub, 404, "model-known", "model", "{\"model\":\"a/b/c\",\"instances\":[{}]}");
            hub.awaitLine(
                    ".*\"requestId\":\"order-7\".*predict refused: model model-known.*|.*predict refused: model model-known.*\"requestId\":\"order-7\".*",
                    PATIENCE);
            assertProblem(hub, 400, "model-given", "model", "{\"instances\":[{}]}");
            assertProblem(hub, 400, "model-given", "model", "null");
            String begin = "{\"model\":\"plant9/mixing/failure\",\"instances\":";
            assertProblem(hub, 400, "instances-count", "instances", begin + "[]}");
            assertProblem(
                    hub,
                    400,
                    "feature-present",
                    "instances[0].torque",
                    begin + "[{\"temperature\":85,\"temperature_mean_10m\":85}]}");
            assertProblem(
                    hub,
                    400,
                    "feature-present",
                    "instances[0].torque",
                    begin
                            + "[{\"temperature\":85,\"torque\":\"NaN\",\"temperature_mean_10m\":85}]}");
            assertProblem(
                    hub,
                    400,
                    "request-body",
                    "instances[0].temperature",
                    begin + "[{\"temperature\":\"hot\"}]}");
            assertProblem(
                    hub,
                    400,
                    "feature-known",
                    "instances[0].pressure",
                    begin + "[{\"temperature\":85,\"pressure\":1}]}");

            assertNoTrace(hub);
            JsonNode health = conforms("Health", hub.get("inference/health").toString());
            assertThat(health.path("ready").asBoolean()).isTrue();
            assertThat(health.at("/models/0/version").asInt()).isEqualTo(1);
            JsonNode drift = conforms("DriftAnswer", hub.get("inference/drift").toString());
            assertThat(drift.at("/models/0/state").asText()).isEqualTo("UNKNOWN");
            assertThat(drift.at("/models/0/drift_detected").asBoolean()).isFalse();
            HttpResponse<String> drill = drift(hub, "2");
            assertThat(drill.statusCode()).as(drill.body()).isEqualTo(200);
            assertThat(data.resolve("audit.ndjson"))
                    .content()
                    .contains("\"action\":\"drill drift\"");
            for (String nowhere : List.of("0", "1e999")) {
                HttpResponse<String> refused = drift(hub, nowhere);
                assertThat(refused.statusCode()).as(refused.body()).isEqualTo(400);
                assertThat(refused.body()).contains("give how far the feature moves");
            }
        }
    }

    private HttpResponse<String> drift(HubProcess hub, String by) throws Exception {
        return hub.post(
                "drills/drift",
                "control-token",
                "{\"model\":\"plant9/mixing/failure\",\"feature\":\"torque\",\"by\":%s,\"seconds\":5}"
                        .formatted(by));
    }

    @Test
    void describesInItsContractWhatTheHubHas() throws Exception {
        JsonNode contract =
                new YAMLMapper().readTree(Path.of("api/inference.openapi.yaml").toFile());
        JsonNode own = new YAMLMapper().readTree(Path.of("docs/reference/openapi.yaml").toFile());

        List<String> described = operations(contract, "/api/v1/inference");
        List<String> there = operations(own, "");
        there.removeIf(line -> !line.contains("/inference/"));
        assertThat(described).hasSize(3).containsExactlyInAnyOrderElementsOf(there);
    }

    private static List<String> operations(JsonNode contract, String base) {
        List<String> operations = new ArrayList<>();
        contract.path("paths")
                .properties()
                .forEach(
                        path ->
                                path.getValue()
                                        .properties()
                                        .forEach(
                                                of ->
                                                        operations.add(
                                                                "%s %s%s %s"
                                                                        .formatted(
                                                                                of.getKey(),
                                                                                base,
                                                                                path.getKey(),
                                                                                of.getValue()
                                                                                        .path(
                                                                                                "operationId")
                                                                                        .asText()))));
        return operations;
    }

    private HttpResponse<String> predict(HubProcess hub, String body) throws Exception {
        return hub.post(
                "inference/predict",
                "inference-token",
                body,
                "X-Request-Id",
                "order-7",
                "traceparent",
                "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");
    }

    /** Readings would drown in another logger's lines. */
    private static void assertNoTrace(HubProcess hub) {
        assertThat(hub.lines()).noneMatch(line -> line.contains("TRACE") || line.contains("DEBUG"));
    }

    private void assertProblem(HubProcess hub, int status, String rule, String field, String body)
            throws Exception {
        HttpResponse<String> answer = predict(hub, body);
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(status);
        JsonNode problem = conforms("Problem", answer.body());
        assertThat(problem.path("rule").asText()).isEqualTo(rule);
        assertThat(problem.path("field").asText()).isEqualTo(field);
        assertThat(problem.path("nextStep").asText()).isNotBlank();
    }

    /** Reads a document that must be as the contract says. */
    private static JsonNode conforms(String schema, String text) throws Exception {
        JsonNode contract =
                new YAMLMapper().readTree(Path.of("api/inference.openapi.yaml").toFile());
        String local = contract.toString().replace("#/components/schemas/", "#/$defs/");
        JsonNode root =
                JSON.createObjectNode()
                        .put("$ref", "#/$defs/" + schema)
                        .set("$defs", JSON.readTree(local).at("/components/schemas"));
        JsonNode document = JSON.readTree(text);
        assertThat(
                        JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V202012)
                                .getSchema(root)
                                .validate(document))
                .as(text)
                .isEmpty();
        return document;
    }
}
