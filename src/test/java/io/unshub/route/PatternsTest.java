package io.unshub.route;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.unshub.buffer.QueueView.Held;
import io.unshub.buffer.Subscriptions.Subscription;
import io.unshub.load.KafkaBroker;
import io.unshub.load.PostgresServer;
import io.unshub.uns.TopicFilter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.stream.StreamSupport;
import org.apache.commons.io.FileUtils;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/**
 * The patterns to start from do what their pages say, and the books know it. The names of the tests
 * begin with those of the patterns.
 */
class PatternsTest {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Instant NOON = Instant.parse("2026-01-01T12:00:00Z");
    private static final String PLANT = "acme/plant9/#";

    @TempDir static Path config;
    @TempDir Path folder;

    private final MovableClock clock = new MovableClock(NOON);

    /** Repeats come as far as the routes: the stage that takes them out before is off. */
    @RegisterExtension
    final HubFixture hub =
            new HubFixture()
                    .at(clock)
                    .with("unshub.deduplication.window", "0s")
                    .with("unshub.config-dir", HubFixture.copyWithoutDowngrades(config));

    @AfterEach
    void clear() throws IOException {
        FileUtils.deleteDirectory(config.resolve("routes").toFile());
    }

    @BeforeEach
    void run() throws Exception {
        hub.run(HubFixture.TO_BUFFER);
    }

    /** Runs a pattern as it is shipped, on the test's topics and folder. */
    private void start(String pattern) throws Exception {
        start(pattern, "");
    }

    private void start(String pattern, String sourceParameters) throws Exception {
        start(pattern, sourceParameters, Map.of());
    }

    private void start(String pattern, String sourceParameters, Map<String, String> instead)
            throws Exception {
        String shipped = Patterns.start(pattern, pattern).orElseThrow();
        assertThat(shipped).contains("acme/plant1/");
        for (var each : instead.entrySet()) {
            assertThat(shipped).contains(each.getKey());
            shipped = shipped.replace(each.getKey(), each.getValue());
        }
        hub.ownRoutes()
                .load(
                        pattern,
                        shipped.replace("topics: acme/plant1/#", "topics: " + PLANT)
                                .replaceFirst(
                                        "topics: acme/plant1/\\S+",
                                        "topics: acme/plant9/+/line1/+/+/torque")
                                .replace(
                                        "parameters:\n        #",
                                        "parameters:\n" + sourceParameters + "        #")
                                .replace("data/export", folder.toString()));
    }

    private void publish(Object value, int second) {
        publish(value, second, "GOOD", "1");
    }

    private void publish(Object value, int second, String quality, String units) {
        hub.publish(
                HubFixture.TOPIC,
                hub.envelope(HubFixture.TOPIC, value, NOON.plusSeconds(second))
                        .replace("\"GOOD\"", "\"" + quality + "\"")
                        .replace("\"units\":\"1\"", "\"units\":\"" + units + "\""));
    }

    /** Waits until so many are in the buffer, and returns those that the route made. */
    private List<JsonNode> derived(int all) throws Exception {
        hub.awaitAccepted(all);
        assertThat(hub.report().findings()).isEmpty();
        List<JsonNode> derived =
                hub.buffered().stream()
                        .filter(held -> held.topic().contains("/_"))
                        .map(PatternsTest::json)
                        .toList();
        assertThat(hub.report().total().generated()).isEqualTo(derived.size());
        return derived;
    }

    private static JsonNode json(Held held) {
        return json(new String(held.payload(), UTF_8));
    }

    private static JsonNode json(String text) {
        try {
            return JSON.readTree(text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String tag(JsonNode reading) {
        return reading.path("topic").asText().replaceAll(".*/", "");
    }

    /** Waits until so many lines are in the file of the test's folder, and returns them. */
    private List<String> lines(int count) throws IOException {
        HubFixture.eventually(() -> read().size() >= count);
        return read();
    }

    private List<String> read() throws IOException {
        try (var files = Files.list(folder)) {
            List<Path> all = files.toList();
            return all.isEmpty() ? List.of() : Files.readAllLines(all.get(0));
        }
    }

    @Test
    void aggregatorSumsUpWindows() throws Exception {
        start("aggregator");
        for (int second = 0; second <= 12; second++) {
            publish(second, second);
        }

        JsonNode mean = derived(14).get(0);
        assertThat(mean.path("value").asDouble()).isEqualTo(4.5);
        assertThat(mean.path("tsUtc").asText()).isEqualTo("2026-01-01T12:00:10Z");
        assertThat(tag(mean)).isEqualTo("_mean-torque");
        assertThat(hub.subscriptions().waiting("aggregator")).isEqualTo(3);
    }

    @Test
    void aggregatorSumsUpTheSameOverARestart() throws Exception {
        start("aggregator");
        for (int second = 0; second <= 6; second++) {
            publish(second, second);
        }
        HubFixture.eventually(() -> hub.subscriptions().waiting("aggregator") == 7);

        hub.restart();
        hub.run(HubFixture.TO_BUFFER);
        start("aggregator");
        for (int second = 7; second <= 12; second++) {
            publish(second, second);
        }

        assertThat(derived(14))
                .singleElement()
                .satisfies(mean -> assertThat(mean.path("value").asDouble()).isEqualTo(4.5));
        assertThat(hub.subscriptions().waiting("aggregator")).isEqualTo(3);
    }

    @Test
    void claimCheckKeepsLargePayloadsAndSendsTheClaim() throws Exception {
        start("claim-check");
        String large =
                hub.envelope(HubFixture.TOPIC, '"' + "x".repeat(70_000) + '"', NOON)
                        .replace("\"GOOD\"", "\"STALE\"");
        publish("\"small\"", 0);
        hub.publish(HubFixture.TOPIC, large);

        JsonNode derived = derived(3).get(0);
        assertThat(tag(derived)).isEqualTo("_claim-torque");
        assertThat(derived.path("quality").asText()).isEqualTo("STALE");
        JsonNode claim = json(derived.path("value").asText());
        assertThat(claim.path("bytes").asInt()).isEqualTo(large.length());
        assertThat(hub.data().resolve("claims").resolve(claim.path("file").asText()))
                .content()
                .isEqualTo(large);
        assertThat(claim.path("file").asText())
                .isEqualTo("2026-01-01/" + claim.path("sha256").asText() + ".json");
        HubFixture.eventually(() -> hub.subscriptions().waiting("claim-check") == 0);
    }

    @Test
    void claimCheckWaitsWithWhatItCannotKeep() throws Exception {
        Path inTheWay = Files.writeString(hub.data().resolve("claims"), "no folder");
        start("claim-check");
        publish('"' + "x".repeat(70_000) + '"', 0);

        HubFixture.eventually(() -> hub.subscriptions().failures().containsKey("claim-check"));
        assertThat(hub.subscriptions().failures().get("claim-check").why())
                .startsWith("on a reading of " + HubFixture.TOPIC + ": a payload of 70,");

        Files.delete(inTheWay);
        assertThat(derived(2)).hasSize(1);
    }

    @Test
    void contentBasedRouterSendsEachReadingWhereItBelongs() throws Exception {
        start("content-based-router");
        publish(9, 0);
        publish("80.50", 1);
        publish("99", 2, "STALE", "1");
        publish("\"stuck\"", 3);

        List<JsonNode> derived = derived(6);
        assertThat(derived)
                .extracting(PatternsTest::tag)
                .containsExactlyInAnyOrder("_hot", "_stuck");
        assertThat(hub.buffered())
                .extracting(held -> new String(held.payload(), UTF_8))
                .anyMatch(each -> each.contains("/_hot\",\"value\":80.50,"));
        assertThat(derived.get(0).path("sourceSystem").asText())
                .isEqualTo("route:content-based-router");
    }

    @Test
    void controlBusStopsAndStartsARouteAsAMachineSays() throws Exception {
        own("aggregator", "line1-means");
        own("control-bus", "control-bus");
        publish("\"maintenance\"", 0);

        HubFixture.eventually(() -> isStopped("line1-means", true));
        publish("\"maintenance\"", 1);
        publish("\"running\"", 2);
        HubFixture.eventually(() -> isStopped("line1-means", false));
        hub.awaitAccepted(3);
        HubFixture.eventually(() -> hub.subscriptions().waiting("control-bus") == 0);

        assertThat(Files.readAllLines(hub.data().resolve("audit.ndjson")))
                .filteredOn(
                        line ->
                                line.contains(
                                        "\"who\":\"route:control-bus\",\"action\":\"route-order\""))
                .allSatisfy(line -> assertThat(line).contains("\"route\":\"line1-means\""))
                .satisfiesExactly(
                        stop -> assertThat(stop).contains("\"order\":\"stop\""),
                        start -> assertThat(start).contains("\"order\":\"start\""));
        assertThat(hub.report().findings()).isEmpty();
    }

    @Test
    void controlBusWaitsWithAnOrderForARouteThatIsNotThere() throws Exception {
        start("control-bus");
        publish("\"maintenance\"", 0);

        HubFixture.eventually(() -> hub.subscriptions().failures().containsKey("control-bus"));
        assertThat(hub.subscriptions().failures().get("control-bus").why())
                .endsWith(
                        "line1-means is no route of the plant's own; uns-hub routes list shows those; the data path takes no orders");
        assertThat(hub.subscriptions().waiting("control-bus")).isEqualTo(1);
    }

    /** Puts a pattern into the folder of own routes, on the test's topics, and has it taken up. */
    private void own(String pattern, String id) throws Exception {
        Files.createDirectories(config.resolve("routes"));
        Files.writeString(
                config.resolve("routes").resolve(id + ".yaml"),
                Patterns.start(pattern, id)
                        .orElseThrow()
                        .replaceFirst("topics: acme/plant1/\\S+", "topics: " + PLANT));
        hub.ownRoutes().refresh();
        hub.ownRoutes().refresh();
        assertThat(hub.routeWatch().routes())
                .anySatisfy(
                        each -> {
                            assertThat(each.route()).isEqualTo(id);
                            assertThat(each.problems()).isEmpty();
                        });
    }

    /** Has orders carried out, and tells whether a route is stopped. */
    private boolean isStopped(String id, boolean stopped) throws IOException {
        hub.ownRoutes().refresh();
        return hub.routeWatch().routes().stream()
                .anyMatch(each -> each.route().equals(id) && each.stopped() == stopped);
    }

    @Test
    void detourIsTakenWhileItIsOn() throws Exception {
        own("detour", "detour");
        publish(1_000, 0);
        assertThat(derived(2)).hasSize(1);

        hub.controls().order("detour", "detour-on", "test");
        publish(2_000, 1);
        publish(20, 2);
        assertThat(derived(5)).extracting(each -> each.path("value").asInt()).contains(20);

        hub.restart();
        hub.run(HubFixture.TO_BUFFER);
        hub.ownRoutes().start();
        publish(3_000, 3);
        publish(30, 4);
        assertThat(values(8)).contains(30).doesNotContain(2_000, 3_000);

        hub.controls().order("detour", "detour-off", "test");
        publish(4_000, 5);
        assertThat(values(10)).containsExactly(1_000, 20, 30, 4_000);
    }

    private List<Integer> values(int all) throws Exception {
        HubFixture.eventually(() -> hub.buffered().size() >= all);
        return hub.buffered().stream()
                .filter(held -> held.topic().contains("/_"))
                .map(held -> json(held).path("value").asInt())
                .toList();
    }

    @Test
    void idempotentReceiverTakesRepeatsOut() throws Exception {
        start("idempotent-receiver");
        String once = hub.envelope(HubFixture.TOPIC, 1, NOON);
        String twice = hub.envelope(HubFixture.TOPIC, 2, NOON);
        hub.publish(HubFixture.TOPIC, twice);
        hub.publish(HubFixture.TOPIC, once);
        hub.publish(HubFixture.TOPIC, twice);
        String last = hub.envelope(HubFixture.TOPIC, 3, NOON);
        hub.publish(HubFixture.TOPIC, last);

        hub.awaitAccepted(4);
        assertThat(lines(3)).containsExactly(twice, once, last);
        assertThat(hub.buffered()).as("the readings themselves").hasSize(4);
    }

    @Test
    void messageFilterLetsThroughWhatFits() throws Exception {
        start("message-filter");
        publish(80, 0);
        publish("80.10", 1);
        publish(99, 2, "STALE", "1");
        publish("\"99\"", 3);

        assertThat(derived(5))
                .singleElement()
                .satisfies(
                        high -> {
                            assertThat(high.path("value").asDouble()).isEqualTo(80.1);
                            assertThat(tag(high)).isEqualTo("_high-torque");
                        });
    }

    @Test
    void messageHistorySaysWhereAReadingCameThroughFromRouteToRoute() throws Exception {
        start("message-history");
        String next =
                Patterns.start("message-history", "next")
                        .orElseThrow()
                        .replaceFirst("topics: \\S+", "topics: acme/plant9/+/line1/+/+/_hot-torque")
                        .replace("above: \"80\"", "below: \"150\"")
                        .replace("_hot-{tag}", "_seen{tag}")
                        .replace(
                                "parameters:\n        #",
                                "parameters:\n        derived: true\n        #");
        hub.ownRoutes().load("next", next);
        String elsewhere = "{\"hub\":\"plant8\",\"route\":\"out\",\"at\":\"2026-01-01T11:59:59Z\"}";
        hub.publish(
                HubFixture.TOPIC,
                hub.envelope(HubFixture.TOPIC, 212, NOON)
                        .replace("\"units\":\"1\"", "\"units\":\"[degF]\"")
                        .replaceFirst("\\{", "{\"messageHistory\":[" + elsewhere + "],"));
        publish(9, 0, "GOOD", "Cel");

        List<JsonNode> derived = derived(4);
        assertThat(derived)
                .extracting(PatternsTest::tag)
                .containsExactly("_hot-torque", "_seen_hot-torque");
        assertThat(places(derived.get(0)))
                .containsExactly(
                        "plant8 out ",
                        "uns-hub ingest ",
                        "uns-hub message-history in-celsius",
                        "uns-hub message-history above-80");
        assertThat(places(derived.get(1)))
                .startsWith(places(derived.get(0)).toArray(String[]::new))
                .endsWith("uns-hub ingest ", "uns-hub next in-celsius", "uns-hub next above-80")
                .hasSize(7);
        assertThat(hub.buffered())
                .filteredOn(held -> held.topic().equals(HubFixture.TOPIC))
                .extracting(held -> places(json(held)).size())
                .as("the readings themselves are as they were published")
                .containsExactly(1, 0);
    }

    @Test
    void messageHistoryTellsReadingsApartThatCameTwice() throws Exception {
        start("message-history");
        publish(90, 0, "GOOD", "Cel");
        hub.awaitAccepted(2);
        clock.move(Duration.ofSeconds(1));
        publish(90, 0, "GOOD", "Cel");

        assertThat(derived(4))
                .hasSize(2)
                .extracting(each -> each.path("messageId").asText())
                .doesNotHaveDuplicates();
    }

    private static List<String> places(JsonNode reading) {
        return StreamSupport.stream(reading.path("messageHistory").spliterator(), false)
                .map(
                        place ->
                                "%s %s %s"
                                        .formatted(
                                                place.path("hub").asText(),
                                                place.path("route").asText(),
                                                place.path("step").asText()))
                .toList();
    }

    @Test
    void normalizerBringsNumbersIntoOneUnit() throws Exception {
        start("normalizer");
        publish(77, 0, "GOOD", "[degF]");
        publish(3, 1, "GOOD", "bar");

        List<JsonNode> derived = derived(4);
        assertThat(derived).extracting(PatternsTest::tag).containsOnly("_torque-celsius");
        assertThat(derived.get(0).path("value").asDouble()).isEqualTo(25);
        assertThat(derived.get(0).path("units").asText()).isEqualTo("Cel");
        assertThat(derived.get(1).path("value").isNull()).isTrue();
        assertThat(derived.get(1).path("quality").asText()).isEqualTo("ERROR");
        assertThat(derived.get(1).path("errorCode").asText()).isEqualTo("UNITS_MISMATCH");
    }

    @Test
    void recipientListWritesAFileADayBesideTheBuffer() throws Exception {
        start("recipient-list");
        String one = hub.envelope(HubFixture.TOPIC, "1.0", NOON);
        String two = hub.envelope(HubFixture.TOPIC, "2.50", NOON);
        hub.publish(HubFixture.TOPIC, one);
        hub.publish(HubFixture.TOPIC, two);

        assertThat(lines(2)).containsExactly(one, two);
        try (var files = Files.list(folder)) {
            assertThat(files)
                    .singleElement()
                    .satisfies(
                            file ->
                                    assertThat(file.getFileName().toString())
                                            .matches("[0-9]{4}-[0-9]{2}-[0-9]{2}\\.ndjson"));
        }
        HubFixture.eventually(() -> hub.subscriptions().waiting("recipient-list") == 0);
        assertThat(hub.buffered()).hasSize(2);
    }

    @Test
    void recipientListKafkaGivesReadingsToKafka() throws Exception {
        try (KafkaBroker kafka = KafkaBroker.start(folder.resolve("kafka"))) {
            kafka.topic("plant1-readings", Map.of());
            Path password = Files.writeString(folder.resolve("secret"), KafkaBroker.PASSWORD);
            Map<String, String> instead =
                    Map.of(
                            "kafka.plant:9093",
                            kafka.secureServers()
                                    + "\n              trustedCertificates: "
                                    + kafka.certificate(),
                            "/run/secrets/kafka",
                            password.toString());
            start("recipient-list-kafka", "", instead);
            String reading = hub.envelope(HubFixture.TOPIC, "1.50", NOON);
            hub.publish(HubFixture.TOPIC, reading);

            HubFixture.eventually(() -> !kafka.records("plant1-readings").isEmpty());
            assertThat(kafka.records("plant1-readings"))
                    .singleElement()
                    .satisfies(
                            each -> {
                                assertThat(each.key()).isEqualTo(HubFixture.TOPIC);
                                assertThat(each.value()).isEqualTo(reading);
                            });
        }
    }

    @Test
    void recipientListSqlGivesReadingsToADatabase() throws Exception {
        try (PostgresServer postgres = PostgresServer.start(folder.resolve("postgres"))) {
            Path password = Files.writeString(folder.resolve("secret"), PostgresServer.PASSWORD);
            Map<String, String> instead =
                    Map.of(
                            "jdbc:postgresql://historian.plant:5432/plant?sslmode=verify-full",
                            postgres.url(),
                            "/run/secrets/historian",
                            password.toString());
            start("recipient-list-sql", "", instead);
            String number = hub.envelope(HubFixture.TOPIC, "1.50", NOON);
            hub.publish(HubFixture.TOPIC, number);
            publish("\"on\"", 1, "STALE", "1");
            publish("null", 2);

            HubFixture.eventually(() -> postgres.query("SELECT topic FROM readings").size() == 3);
            assertThat(
                            postgres.query(
                                    "SELECT concat_ws(' ', topic, ts_utc, number, text, quality,"
                                            + " units) FROM readings ORDER BY ts_utc"))
                    .containsExactly(
                            HubFixture.TOPIC + " 2026-01-01 12:00:00+00 1.50 1.50 GOOD 1",
                            HubFixture.TOPIC + " 2026-01-01 12:00:01+00 on STALE 1",
                            HubFixture.TOPIC + " 2026-01-01 12:00:02+00 GOOD 1");
            assertThat(postgres.query("SELECT payload FROM readings WHERE number IS NOT NULL"))
                    .containsExactly(number);
        }
    }

    @Test
    void resequencerPutsReadingsInTheOrderOfTheirTime() throws Exception {
        start("resequencer");
        for (int second : new int[] {2, 1, 4, 3}) {
            publish(second, second);
        }
        hub.awaitAccepted(4);
        assertThat(hub.subscriptions().waiting("resequencer")).isEqualTo(4);
        clock.move(Duration.ofSeconds(5));

        assertThat(derived(8))
                .extracting(each -> each.path("value").asInt())
                .containsExactly(1, 2, 3, 4);
    }

    @Test
    void splitterMakesAReadingOfEachElement() throws Exception {
        start("splitter");
        publish("\"{\\\"x\\\": 1.50, \\\"y\\\": {\\\"ok\\\": true}}\"", 0, "STALE", "mm");

        List<JsonNode> derived = derived(3);
        assertThat(derived)
                .extracting(PatternsTest::tag)
                .containsExactly("_torque-x", "_torque-y-ok");
        assertThat(derived).extracting(each -> each.path("quality").asText()).containsOnly("STALE");
        assertThat(derived.get(1).path("value").isBoolean()).isTrue();
        assertThat(hub.buffered())
                .extracting(held -> new String(held.payload(), UTF_8))
                .anyMatch(each -> each.contains("/_torque-x\",\"value\":1.50,"));
    }

    @Test
    void splitterTakesListsWithAnyOfItsDelimiters() throws Exception {
        for (String delimiter : List.of(",", ";", ":", "|", "/")) {
            String id = "splitter" + (int) delimiter.charAt(0);
            hub.ownRoutes()
                    .load(
                            id,
                            Patterns.start("splitter", id)
                                    .orElseThrow()
                                    .replace("delimiter: \"\"", "delimiter: \"" + delimiter + "\"")
                                    .replace("names: \"\"", "names: x,y")
                                    .replaceFirst("plant1/\\S+", "plant9/+/+/+/+/" + id));
            String topic = HubFixture.TOPIC.replace("torque", id);
            hub.publish(topic, hub.envelope(topic, "\"1" + delimiter + "2\"", NOON));
        }

        assertThat(derived(15))
                .extracting(each -> each.path("value").asInt())
                .containsOnly(1, 2)
                .hasSize(10);
    }

    @Test
    void splitterKeepsWhatItCannotSplitAndTells() throws Exception {
        start("splitter");
        publish("\"[1]\"", 0);
        publish("\"ready\"", 1);
        publish("\"[2]\"", 2);

        HubFixture.eventually(() -> hub.subscriptions().failures().containsKey("splitter"));
        assertThat(derived(4)).extracting(each -> each.path("value").asInt()).containsExactly(1);
        assertThat(hub.subscriptions().failures().get("splitter").why())
                .startsWith(
                        "on a reading of " + HubFixture.TOPIC + ": the value is no JSON, ready (")
                .endsWith("skip: true");
        assertThat(hub.subscriptions().waiting("splitter")).isEqualTo(2);
    }

    @Test
    void splitterPassesOverWhatItCannotSplitIfItIsToldSo() throws Exception {
        start("splitter", "        skip: true\n        each: true\n");
        publish("\"[1, 2]\"", 0);
        publish("\"ready\"", 1);
        publish("\"[3]\"", 2);

        assertThat(derived(6))
                .extracting(each -> each.path("value").asInt())
                .containsExactlyInAnyOrder(1, 2, 3);
        HubFixture.eventually(() -> hub.subscriptions().waiting("splitter") == 0);
        assertThat(hub.subscriptions().passedOverBy("splitter")).isEqualTo(1);
    }

    @Test
    void throttlerLetsNoMoreThroughThanItSays() throws Exception {
        int readings = 100;
        hub.subscriptions()
                .subscribe(
                        new Subscription(
                                "throttler", List.of(TopicFilter.of(PLANT)), false, readings));
        for (int value = 1; value <= readings; value++) {
            publish(value, 0);
        }
        hub.awaitAccepted(readings);
        assertThat(hub.subscriptions().waiting("throttler")).isEqualTo(readings);

        long begin = System.nanoTime();
        start("throttler", "        maxReadings: 10\n");
        List<String> lines = lines(readings);
        Duration took = Duration.ofNanos(System.nanoTime() - begin);

        assertThat(lines)
                .extracting(line -> json(line).path("value").asInt())
                .isSorted()
                .hasSize(readings);
        // 50 a second; the last ten need not be waited for
        assertThat(took).isGreaterThanOrEqualTo(Duration.ofMillis(1800));
    }

    @Test
    void wireTapShowsErrorsAndTouchesNothing() throws Exception {
        start("wire-tap");
        publish(1, 0);
        publish(2, 1, "ERROR", "1");
        publish(3, 2);

        assertThat(derived(4))
                .singleElement()
                .satisfies(
                        error -> {
                            assertThat(tag(error)).isEqualTo("_error-torque");
                            assertThat(error.path("value").asInt()).isEqualTo(2);
                        });
        assertThat(hub.buffered())
                .filteredOn(held -> held.topic().equals(HubFixture.TOPIC))
                .extracting(held -> json(held).path("value").asInt())
                .containsExactly(1, 2, 3);
    }
}
