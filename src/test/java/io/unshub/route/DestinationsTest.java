package io.unshub.route;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.unshub.buffer.Subscriptions.Failure;
import io.unshub.load.KafkaBroker;
import io.unshub.load.PostgresServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** Kafka and an SQL database as second destinations: there, away, back, and refusing. */
class DestinationsTest {

    private static final Instant NOON = Instant.parse("2026-01-01T12:00:00Z");
    private static final String OTHER = HubFixture.TOPIC.replace("torque", "speed");

    @TempDir static Path servers;
    @TempDir static Path config;
    @TempDir static Path files;
    private static KafkaBroker kafka;
    private static PostgresServer postgres;

    @RegisterExtension
    final HubFixture hub =
            new HubFixture()
                    .with("unshub.config-dir", HubFixture.copyWithoutDowngrades(config))
                    .with("unshub.routes.folders", files.toString());

    private final Path folder = config.resolve("routes");
    private int published;

    @BeforeAll
    static void servers() throws Exception {
        kafka = KafkaBroker.start(servers.resolve("kafka"));
        postgres = PostgresServer.start(servers.resolve("postgres"));
    }

    @AfterAll
    static void end() throws Exception {
        kafka.close();
        postgres.close();
    }

    @BeforeEach
    void run() throws Exception {
        Files.createDirectories(folder);
        hub.run(HubFixture.TO_BUFFER);
        hub.ownRoutes().start();
        postgres.execute("TRUNCATE readings");
    }

    @AfterEach
    void clear() throws Exception {
        for (Path file : RouteCheck.files(folder)) {
            Files.delete(file);
        }
    }

    /**
     * Writes a route's file: the pattern that is shipped, with a source and a sink of the test's.
     */
    private void write(String pattern, String id, String source, Map<String, String> sink)
            throws Exception {
        String shipped = Patterns.start(pattern, id).orElseThrow();
        Matcher own = Pattern.compile(" +(bootstrapServers|url|folder):").matcher(shipped);
        assertThat(own.find()).isTrue();
        StringBuilder route =
                new StringBuilder(
                        shipped.substring(0, own.start())
                                .replace("acme/plant1/#", "acme/plant9/#")
                                .replace(
                                        "mostWaiting: 1000000",
                                        source.isEmpty() ? "derived: false" : source));
        sink.forEach(
                (key, value) -> route.append("              %s: \"%s\"%n".formatted(key, value)));
        Files.writeString(folder.resolve(id + ".yaml"), route);
        look();
        assertThat(hub.routeWatch().routes())
                .filteredOn(status -> status.route().equals(id))
                .singleElement()
                .satisfies(status -> assertThat(status.problems()).isEmpty());
    }

    private void look() throws IOException {
        hub.ownRoutes().refresh();
        hub.ownRoutes().refresh();
    }

    private void toKafka(String id, String source, Map<String, String> more) throws Exception {
        Map<String, String> sink = new TreeMap<>();
        sink.put("bootstrapServers", kafka.bootstrapServers());
        sink.put("deliveryTimeout", "2000");
        sink.putAll(more);
        write("recipient-list-kafka", id, source, sink);
    }

    private void toSql(String id, String source, Map<String, String> more) throws Exception {
        Map<String, String> sink = new TreeMap<>();
        sink.put("url", postgres.url() + "?ApplicationName=" + id + "&tcpKeepAlive=true");
        sink.put("username", PostgresServer.USER);
        sink.put("password", "file:" + secret());
        sink.put("answerTimeout", "2000");
        sink.putAll(more);
        write("recipient-list-sql", id, source, sink);
    }

    private void toFiles(String id, Map<String, String> more) throws Exception {
        Map<String, String> sink = new TreeMap<>();
        sink.put("folder", files.resolve(id).toString());
        sink.put("file", "all");
        sink.putAll(more);
        write("recipient-list", id, "", sink);
    }

    private static Path secret() throws IOException {
        return Files.writeString(
                servers.resolve("password"), PostgresServer.PASSWORD + System.lineSeparator());
    }

    /** Publishes so many more readings on each of two topics, with ascending values. */
    private void publish(int count) {
        for (int i = 0; i < count; i++) {
            published++;
            for (String topic : List.of(HubFixture.TOPIC, OTHER)) {
                hub.publish(topic, hub.envelope(topic, published, NOON.plusSeconds(published)));
            }
        }
        hub.awaitAccepted(published * 2L);
    }

    private List<String> all() {
        return IntStream.rangeClosed(1, published).mapToObj(Integer::toString).toList();
    }

    private static Map<String, List<ConsumerRecord<String, String>>> byKey(String topic) {
        Map<String, List<ConsumerRecord<String, String>>> byKey = new TreeMap<>();
        kafka.records(topic)
                .forEach(
                        each ->
                                byKey.computeIfAbsent(each.key(), key -> new ArrayList<>())
                                        .add(each));
        return byKey;
    }

    private static String value(ConsumerRecord<String, String> event) {
        return event.value().replaceAll(".*\"value\":([^,]*),.*", "$1");
    }

    /** Values of a topic's records in the order in which they came first. */
    private static List<String> firsts(List<ConsumerRecord<String, String>> records) {
        return records.stream().map(DestinationsTest::value).distinct().toList();
    }

    private static List<String> rows(String topic) throws SQLException {
        return postgres.query(
                "SELECT number FROM readings WHERE topic = '%s' ORDER BY ts_utc".formatted(topic));
    }

    private void through(String subscription) {
        HubFixture.eventually(
                () ->
                        hub.subscriptions().handled(subscription)
                                        >= hub.subscriptions().copied(subscription)
                                && hub.subscriptions().waiting(subscription) == 0);
        assertThat(hub.subscriptions().copied(subscription)).isEqualTo(published * 2L);
    }

    private void failing(String subscription, String why) {
        await().atMost(HubFixture.LONG)
                .untilAsserted(
                        () ->
                                assertThat(hub.subscriptions().failures().get(subscription))
                                        .isNotNull()
                                        .extracting(Failure::why)
                                        .asString()
                                        .contains(why));
    }

    @Test
    void givesKafkaEachReadingInTheOrderOfItsTopicWithWhatIsKnownOfIt() throws Exception {
        kafka.topic("given", Map.of());
        toKafka("kafka", "", Map.of("topic", "given"));
        publish(200);

        through("kafka");
        var records = byKey("given");
        assertThat(records).containsOnlyKeys(HubFixture.TOPIC, OTHER);
        for (var each : records.values()) {
            assertThat(each).extracting(DestinationsTest::value).containsExactlyElementsOf(all());
            assertThat(each).extracting(ConsumerRecord::partition).hasSize(published);
            assertThat(each.stream().map(ConsumerRecord::partition).distinct()).hasSize(1);
        }
        var first = records.get(HubFixture.TOPIC).get(0);
        Map<String, String> headers = new TreeMap<>();
        first.headers().forEach(each -> headers.put(each.key(), new String(each.value(), UTF_8)));
        assertThat(headers)
                .containsOnlyKeys("acceptedUtc", "hubSeq", "messageId", "quality", "schemaVersion")
                .containsEntry("quality", "GOOD")
                .containsEntry("hubSeq", "1");
        assertThat(first.value()).contains("\"messageId\":\"" + headers.get("messageId") + "\"");
    }

    @Test
    void letsReadingsWaitWhileKafkaIsAwayAlsoWhereFailuresAreSkipped() throws Exception {
        kafka.topic("away", Map.of());
        toKafka("kafka", "skip: true", Map.of("topic", "away"));
        publish(20);
        through("kafka");

        kafka.stop();
        publish(50);
        failing("kafka", "");
        hub.restart();
        run();
        publish(50);
        failing("kafka", "");
        assertThat(hub.subscriptions().waiting("kafka")).isEqualTo(200);

        kafka.start();
        HubFixture.eventually(() -> hub.subscriptions().waiting("kafka") == 0);
        var records = byKey("away");
        assertThat(records).containsOnlyKeys(HubFixture.TOPIC, OTHER);
        records.values().forEach(each -> assertThat(firsts(each)).isEqualTo(all()));
        assertThat(hub.report().findings()).isEmpty();
    }

    @Test
    void writesEachReadingOnceThoughTheDatabaseGoesAway() throws Exception {
        toSql("sql", "skip: true", Map.of());
        publish(20);
        through("sql");

        postgres.stop();
        publish(50);
        failing("sql", "");
        postgres.start();
        publish(50);

        through("sql");
        assertThat(rows(HubFixture.TOPIC)).isEqualTo(all());
        assertThat(rows(OTHER)).isEqualTo(all());
    }

    @Test
    void leavesARowThatIsThereAsItIs() throws Exception {
        toSql("one", "", Map.of());
        toSql("other", "each: true", Map.of());
        publish(20);

        through("one");
        through("other");
        assertThat(rows(HubFixture.TOPIC)).isEqualTo(all());
        assertThat(postgres.query("SELECT payload FROM readings WHERE number = 7"))
                .hasSize(2)
                .allSatisfy(payload -> assertThat(payload).contains("\"value\":7,"));
    }

    @Test
    void passesOverWhatTheDestinationRefusesForGoodAndNothingElse() throws Exception {
        kafka.topic("narrow", Map.of("max.message.bytes", "20000"));
        toKafka("kafka", "skip: true", Map.of("topic", "narrow"));
        toSql("sql", "skip: true", Map.of());
        publish(5);
        // too large for the one, and a character that the other has not
        hub.publish(
                HubFixture.TOPIC,
                hub.envelope(HubFixture.TOPIC, "\"\\u0000" + "x".repeat(30_000) + "\"", NOON));
        published++;
        hub.publish(OTHER, hub.envelope(OTHER, published, NOON.plusSeconds(published)));
        publish(5);

        through("kafka");
        through("sql");
        List<String> without = new ArrayList<>(all());
        without.remove("6");
        assertThat(firsts(byKey("narrow").get(HubFixture.TOPIC))).isEqualTo(without);
        assertThat(firsts(byKey("narrow").get(OTHER))).isEqualTo(all());
        assertThat(rows(HubFixture.TOPIC)).isEqualTo(without);
        assertThat(rows(OTHER)).isEqualTo(all());
    }

    @Test
    void givesSimulatedReadingsToADestinationThatTakesThemAndToNoOther() throws Exception {
        postgres.execute(
                "CREATE TABLE simulated (LIKE readings INCLUDING ALL)",
                "GRANT SELECT, INSERT ON simulated TO " + PostgresServer.USER);
        kafka.topic("real", Map.of());
        kafka.topic("any", Map.of());
        toKafka("kafka", "", Map.of("topic", "real"));
        toKafka("kafka-any", "", Map.of("topic", "any", "takeSimulated", "true"));
        toSql("sql", "each: true", Map.of());
        toSql("sql-any", "", Map.of("takeSimulated", "true", "table", "simulated"));
        toFiles("file", Map.of());
        toFiles("file-any", Map.of("takeSimulated", "true"));
        for (String flag :
                List.of("SIMULATED", "STALE\",\"publishedQuality\":\"SIMULATED", "GOOD")) {
            published++;
            for (String topic : List.of(HubFixture.TOPIC, OTHER)) {
                hub.publish(
                        topic,
                        hub.envelope(topic, published, NOON.plusSeconds(published))
                                .replace("GOOD", flag));
            }
        }
        hub.awaitAccepted(published * 2L);

        for (String route : List.of("kafka", "kafka-any", "sql", "sql-any", "file", "file-any")) {
            through(route);
        }
        assertThat(firsts(byKey("real").get(OTHER))).containsExactly("3");
        assertThat(firsts(byKey("any").get(OTHER))).isEqualTo(all());
        assertThat(rows(OTHER)).containsExactly("3");
        assertThat(postgres.query("SELECT number FROM simulated WHERE topic = '" + OTHER + "'"))
                .containsExactlyInAnyOrderElementsOf(all());
        assertThat(files.resolve("file/all")).content().hasLineCount(2).doesNotContain("SIMULATED");
        assertThat(files.resolve("file-any/all")).content().hasLineCount(6);
    }

    @Test
    void letsReadingsWaitUntilWhatTheRouteNeedsIsThere() throws Exception {
        kafka.topic("needed", Map.of());
        Path password = servers.resolve("later");
        toKafka("nowhere", "", Map.of("topic", "needed", "bootstrapServers", "no.invalid:9092"));
        Map<String, String> secure =
                Map.of(
                        "topic",
                        "needed",
                        "bootstrapServers",
                        kafka.secureServers(),
                        "securityProtocol",
                        "SASL_SSL",
                        "trustedCertificates",
                        kafka.certificate().toString(),
                        "username",
                        KafkaBroker.USER,
                        "password",
                        "file:" + password);
        toKafka("kafka", "skip: true", secure);
        toSql("sql", "skip: true", Map.of("password", "file:" + password));
        toSql("table", "skip: true", Map.of("table", "missing"));
        publish(3);
        failing("nowhere", "No resolvable bootstrap urls");
        failing("kafka", "the secret cannot be read from file:" + password);
        failing("sql", "the secret cannot be read from file:" + password);
        failing("table", "relation \"missing\" does not exist");

        Files.writeString(password, "wrong");
        failing("kafka", "Authentication failed");
        failing("sql", "password authentication failed");

        Files.writeString(password, KafkaBroker.PASSWORD);
        // a producer whose login was refused stays refused until its route begins anew
        toKafka("kafka", "skip: false", secure);
        through("kafka");
        through("sql");
        toKafka("nowhere", "", Map.of("topic", "needed"));
        through("nowhere");
        assertThat(rows(HubFixture.TOPIC)).isEqualTo(all());
        assertThat(byKey("needed").get(OTHER)).hasSize(2 * published);
        assertThat(hub.subscriptions().waiting("table")).isEqualTo(2 * published);
    }

    @Test
    void leavesNoConnectionBehindWhenARouteEnds() throws Exception {
        kafka.topic("ended", Map.of());
        toKafka("kafka", "", Map.of("topic", "ended"));
        toSql("sql", "", Map.of());
        publish(1);
        through("kafka");
        through("sql");
        assertThat(connections("sql")).containsExactly("1");
        assertThat(producers()).isPositive();

        clear();
        look();

        HubFixture.eventually(() -> connections("sql").equals(List.of("0")));
        HubFixture.eventually(() -> producers() == 0);
    }

    private static List<String> connections(String route) throws SQLException {
        return postgres.query(
                "SELECT count(*) FROM pg_stat_activity WHERE application_name = '%s'"
                        .formatted(route));
    }

    private static long producers() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().startsWith("kafka-producer-network-thread"))
                .count();
    }
}
