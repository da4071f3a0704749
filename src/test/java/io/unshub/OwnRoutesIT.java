package io.unshub;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.hivemq.client.mqtt.datatypes.MqttQos;
import com.hivemq.client.mqtt.mqtt5.Mqtt5BlockingClient;
import com.hivemq.client.mqtt.mqtt5.Mqtt5Client;
import io.unshub.drill.LoadGenerator;
import io.unshub.load.HubProcess;
import io.unshub.load.HubProcess.Result;
import io.unshub.load.JavaProcess;
import io.unshub.load.RouteEdits;
import io.unshub.ops.RouteControls;
import io.unshub.route.Patterns;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** A route of the plant's own on a running hub: taken up, refused, killed, and given orders. */
class OwnRoutesIT {

    private static final String TOPIC = "acme/plant9/mixing/line1/cell1/mixer-01/torque";
    private static final Duration LONG = Duration.ofSeconds(60);
    private static final int WINDOW = 10;
    private static final int LATENESS = 40;
    private static final int READINGS = 200;
    private static final int EDITS = 5;
    private static final int SECONDS = 60;

    private final Path work = TestFolders.fresh("own-routes");
    private final Path config = TestFolders.config(work.resolve("config"));
    private final Instant start =
            Instant.ofEpochSecond(
                    Math.floorDiv(Instant.now().getEpochSecond() - 3_600, WINDOW) * WINDOW);

    @Test
    void sumsUpEachWindowOnceThoughItIsKilledInTheMiddleOfOne() throws Exception {
        Path routes = Files.createDirectories(config.resolve("routes"));
        Path file = routes.resolve("counts.yaml");
        String text =
                Patterns.start("aggregator", "counts")
                        .orElseThrow()
                        .replace("acme/plant1/#", "acme/plant9/#")
                        .replace("function: mean", "function: count")
                        // so long that no slow start is taken for a source that is silent
                        .replace("lateness: 2s", "lateness: " + LATENESS + "s");
        try (HubProcess hub =
                HubProcess.on(work.resolve("data"))
                        .with("unshub.config-dir", config.toString())
                        .with("unshub.simulator.enabled", "false")
                        .start()) {
            Files.writeString(file, text);
            hub.awaitLine(".*route counts is in force as in .*counts.yaml", LONG);
            publish(hub, 0, READINGS / 2 + LATENESS + 3);
            awaitTotal(hub, "generated", READINGS / 2 / WINDOW);

            hub.kill9();
            Files.writeString(file, text.replace("size: 10s", "size: soon"));
            hub.start();
            hub.awaitLine(
                    ".*counts.yaml:\\d+: \\[parameter\\] unshub-window-action: .*size.*", LONG);
            publish(hub, READINGS / 2 + LATENESS + 3, READINGS + LATENESS + 3);
            awaitTotal(hub, "generated", READINGS / WINDOW);

            Path read = work.resolve("events.tsv");
            hub.drained(LONG);
            List<String> counts = new ArrayList<>();
            for (String[] event : EventHubsRead.all(hub, read, hub.ledger())) {
                JsonNode reading = EventHubsRead.body(event);
                if (reading.path("topic").asText().endsWith("/_mean-torque")) {
                    counts.add(
                            reading.path("tsUtc").asText() + " " + reading.path("value").asInt());
                }
            }
            List<String> expected = new ArrayList<>();
            for (int end = WINDOW; end <= READINGS; end += WINDOW) {
                expected.add(start.plusSeconds(end) + " " + WINDOW);
            }
            assertThat(counts).containsExactlyElementsOf(expected);
            assertThat(hub.ledger().path("balanced").asBoolean()).isTrue();
            assertThat(hub.metrics())
                    .contains("unshub_routes_refused 1")
                    .contains("unshub_subscription_late_total{subscription=\"counts\"} 0");
        }
    }

    @Test
    void losesAndRepeatsNoReadingThoughItIsEditedWhileTheyFlow() throws Exception {
        Path acknowledged = work.resolve("acknowledged.tsv");
        Set<String> published;
        try (HubProcess hub =
                        HubProcess.on(work.resolve("edited"))
                                .with("unshub.config-dir", config.toString())
                                .with("unshub.simulator.enabled", "false")
                                .start();
                RouteEdits route = new RouteEdits(hub, config, "load")) {
            route.edit();
            hub.awaitLine(".*route edited is in force.*", LONG);
            try (JavaProcess load =
                    JavaProcess.start(
                            work.resolve("load.log"),
                            LoadGenerator.class,
                            "--port=" + hub.mqttPort(),
                            "--rate=200",
                            "--seconds=" + SECONDS,
                            "--topics=100",
                            "--ack-file=" + acknowledged)) {
                for (int edits = 0; edits < EDITS; edits++) {
                    // it waits for a reading of the new version: they flow
                    route.secondsOfAnEdit(LONG);
                }
                load.await(SECONDS + 60);
            }
            try (var lines = Files.lines(acknowledged)) {
                published =
                        lines.map(line -> line.split("\t"))
                                .map(each -> each[1] + " " + each[2])
                                .collect(Collectors.toSet());
            }
            awaitTotal(hub, "generated", published.size());

            hub.drained(LONG);
            List<String> made = new ArrayList<>();
            Set<String> versions = new TreeSet<>();
            for (String[] event :
                    EventHubsRead.all(hub, work.resolve("edited.tsv"), hub.ledger())) {
                JsonNode reading = EventHubsRead.body(event);
                if (reading.path("topic").asText().contains("/_edited-")) {
                    made.add(
                            reading.path("topic").asText().replace("_edited-", "")
                                    + " "
                                    + reading.path("value").asLong());
                    versions.add(reading.path("lineageVersion").asText());
                }
            }
            assertThat(made).doesNotHaveDuplicates().hasSameSizeAs(published);
            assertThat(published).containsAll(made);
            // the first may have been edited before anything was published
            assertThat(versions).hasSizeGreaterThanOrEqualTo(EDITS);
            assertThat(hub.ledger().path("balanced").asBoolean()).isTrue();
        }
    }

    @Test
    void obeysOrdersByCommandAndOverHttpAlsoOnceItWasKilled() throws Exception {
        Path routes = Files.createDirectories(config.resolve("routes"));
        Files.writeString(
                routes.resolve("looks.yaml"),
                Patterns.start("detour", "looks")
                        .orElseThrow()
                        .replace("acme/plant1/#", "acme/plant9/#")
                        // the readings are an hour old
                        .replace("quality: GOOD", "quality: STALE"));
        try (HubProcess hub =
                HubProcess.on(work.resolve("ordered"))
                        .with("unshub.config-dir", config.toString())
                        .with("unshub.simulator.enabled", "false")
                        .start()) {
            assertThat(told(hub, "list")).matches("running +looks  .*looks.yaml\n");

            assertThat(told(hub, "stop", "looks")).startsWith("route looks is stopped; ");
            publish(hub, 0, 3);
            hub.kill9();
            assertThat(hub.data().resolve(RouteControls.FILE))
                    .content()
                    .contains("\"looks\":{\"action\":\"stop\"");
            hub.start();

            await().atMost(LONG).until(() -> looks(hub).at("/reads/0/waiting").asLong() == 3);
            assertThat(looks(hub).path("state").asText()).isEqualTo("STOPPED");
            assertThat(looks(hub).at("/orders/0/action").asText()).isEqualTo("stop");
            assertThat(told(hub, "list")).startsWith("stopped ").contains("stop by ");
            assertThat(hub.ledger().at("/total/generated").asLong()).isZero();
            await().atMost(LONG).until(() -> hub.metrics().contains("unshub_routes_stopped 1"));

            assertThat(ordered(hub, "ingest", "stop"))
                    .returns(404, HttpResponse::statusCode)
                    .matches(answer -> answer.body().contains("\"rule\":\"own-route\""));
            assertThat(ordered(hub, "looks", "halt").statusCode()).isEqualTo(400);
            assertThat(hub.command("routes", "start", "ingest"))
                    .returns(2, Result::exit)
                    .matches(answer -> answer.err().contains("the data path takes no orders"));

            HttpResponse<String> started = ordered(hub, "looks", "start");
            assertThat(started.statusCode()).as(started.body()).isEqualTo(200);
            assertThat(started.body()).contains("\"orders\":[]");
            awaitTotal(hub, "generated", 3);

            assertThat(told(hub, "detour", "looks", "on")).contains("looks is on");
            // the detour lets through what is below 150
            publish(hub, 148, 150);
            publish(hub, 160, 163);
            await().atMost(LONG).until(() -> looks(hub).at("/reads/0/handled").asLong() == 8);
            assertThat(told(hub, "detour", "looks", "off")).contains("looks is off");
            publish(hub, 163, 165);
            awaitTotal(hub, "generated", 7);

            hub.drained(LONG);
            List<Integer> checked = new ArrayList<>();
            for (String[] event :
                    EventHubsRead.all(hub, work.resolve("ordered.tsv"), hub.ledger())) {
                JsonNode reading = EventHubsRead.body(event);
                if (reading.path("topic").asText().endsWith("/_checked-torque")) {
                    checked.add(reading.path("value").asInt());
                }
            }
            assertThat(checked).containsExactlyInAnyOrder(0, 1, 2, 148, 149, 163, 164);
            assertThat(Files.readAllLines(hub.data().resolve("audit.ndjson")))
                    .filteredOn(line -> line.contains("\"action\":\"route-order\""))
                    .hasSize(4)
                    .allSatisfy(line -> assertThat(line).contains("\"route\":\"looks\""));
        }
    }

    private static String told(HubProcess hub, String... command) throws Exception {
        List<String> all = new ArrayList<>(List.of("routes"));
        all.addAll(List.of(command));
        Result told = hub.command(all.toArray(String[]::new));
        assertThat(told.exit()).as(told.err()).isZero();
        return told.out();
    }

    private static JsonNode looks(HubProcess hub) throws IOException, InterruptedException {
        for (JsonNode route : hub.get("routes").path("routes")) {
            if (route.path("route").asText().equals("looks")) {
                return route;
            }
        }
        throw new AssertionError("there is no route looks");
    }

    private static HttpResponse<String> ordered(HubProcess hub, String route, String action)
            throws Exception {
        return HttpClient.newHttpClient()
                .send(
                        HttpRequest.newBuilder(
                                        URI.create(
                                                "http://127.0.0.1:%d/api/v1/routes/%s/orders"
                                                        .formatted(
                                                                hub.port("quarkus.http.port"),
                                                                route)))
                                .header("Content-Type", "application/json")
                                .header(
                                        "Authorization",
                                        "Bearer "
                                                + Files.readString(
                                                        hub.data().resolve("control-token")))
                                .POST(
                                        HttpRequest.BodyPublishers.ofString(
                                                "{\"action\":\"%s\"}".formatted(action)))
                                .build(),
                        HttpResponse.BodyHandlers.ofString());
    }

    private static void awaitTotal(HubProcess hub, String term, long count) {
        await().atMost(LONG)
                .ignoreExceptions()
                .until(() -> hub.ledger().path("total").path(term).asLong() == count);
    }

    private void publish(HubProcess hub, int from, int to) {
        Mqtt5BlockingClient client =
                Mqtt5Client.builder()
                        .serverHost("127.0.0.1")
                        .serverPort(hub.mqttPort())
                        .buildBlocking();
        client.connect();
        for (int second = from; second < to; second++) {
            client.publishWith()
                    .topic(TOPIC)
                    .qos(MqttQos.AT_LEAST_ONCE)
                    .payload(
                            ("{\"messageId\":\"%s\",\"tsUtc\":\"%s\",\"topic\":\"%s\",\"value\":%d,"
                                            + "\"quality\":\"GOOD\",\"units\":\"1\","
                                            + "\"sourceSystem\":\"test\",\"lineageVersion\":\"1\","
                                            + "\"schemaVersion\":\"1.0\"}")
                                    .formatted(
                                            new UUID(0x4000, second),
                                            start.plusSeconds(second),
                                            TOPIC,
                                            second)
                                    .getBytes(UTF_8))
                    .send();
        }
        client.disconnect();
    }
}
