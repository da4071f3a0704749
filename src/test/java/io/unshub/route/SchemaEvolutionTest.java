package io.unshub.route;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import com.azure.messaging.eventhubs.EventData;
import io.unshub.TestFolders;
import io.unshub.deadletter.Selection;
import io.unshub.envelope.SchemaDrift.Sighting;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/**
 * The playbook of docs/schema/evolution.md, carried through: one additive and one breaking change.
 */
class SchemaEvolutionTest {

    private static final Path EXAMPLES = Path.of("docs/examples/schemas/envelope");

    @TempDir static Path config;

    @RegisterExtension
    final HubFixture hub =
            new HubFixture().with("unshub.config-dir", TestFolders.config(config).toString());

    @BeforeEach
    void run() throws Exception {
        hub.startFarSide();
        hub.run(HubFixture.TO_BUFFER).run("forward", "replay");
    }

    @AfterEach
    void forget() throws IOException {
        try (var files = Files.walk(config.resolve("schemas"))) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }

    @Test
    void anAdditiveFieldIsDriftUntilItsSchemaIsThereAndPassesBeforeAndAfter() throws Exception {
        String before = version("1.1", 1);
        hub.publish(HubFixture.TOPIC, before);
        List<EventData> events = hub.events(1);
        assertThat(new String(events.get(0).getBody(), UTF_8)).isEqualTo(before);
        assertThat(hub.drift().sightings())
                .extracting(Sighting::field, Sighting::version, Sighting::sampleTopic)
                .containsExactly(tuple("location", "1.x", HubFixture.TOPIC));
        long seen = hub.drift().sightings().get(0).readings();
        hub.drift().tick();

        add("v1.1");
        String old = hub.envelope(HubFixture.TOPIC, 2, Instant.now());
        String after = version("1.1", 3);
        hub.publish(HubFixture.TOPIC, old);
        hub.publish(HubFixture.TOPIC, after);

        events = hub.events(3);
        assertThat(events)
                .extracting(event -> new String(event.getBody(), UTF_8))
                .containsExactly(before, old, after);
        assertThat(events)
                .extracting(event -> event.getProperties().get("schemaVersion"))
                .containsExactly("1.1", "1.0", "1.1");
        assertThat(hub.drift().sightings().get(0).readings()).isEqualTo(seen);
        assertThat(hub.report().findings()).isEmpty();
    }

    @Test
    void aBreakingVersionIsKeptUntilItsSchemaIsThereAndThenReplayed() throws Exception {
        String early = version("2.0", 1).replace("\"units\"", "\"unit\"");
        hub.publish(HubFixture.TOPIC, early);
        hub.awaitAccepted(1);
        assertThat(hub.deadLetters())
                .singleElement()
                .satisfies(
                        letter ->
                                assertThat(letter.detail())
                                        .isEqualTo(
                                                "schemaVersion is \"2.0\", this hub reads 1.x;"
                                                        + " publish one of them or add the version's"
                                                        + " schema, see docs/schema/evolution.md"));

        add("v2");
        hub.workbench().replay(hub.workbench().preview(Selection.ALL, "").plan(), "alice");
        String first = hub.envelope(HubFixture.TOPIC, 2, Instant.now());
        String second = version("2.0", 3).replace("\"units\"", "\"unit\"");
        hub.events(1);
        hub.publish(HubFixture.TOPIC, first);
        hub.publish(HubFixture.TOPIC, second);

        List<EventData> events = hub.events(3);
        assertThat(events)
                .extracting(event -> new String(event.getBody(), UTF_8))
                .containsExactly(early, first, second);
        assertThat(events)
                .extracting(event -> event.getProperties().get("schemaVersion"))
                .containsExactly("2.0", "1.0", "2.0");
        assertThat(hub.drift().sightings()).isEmpty();
        assertThat(hub.report().findings()).isEmpty();
    }

    @Test
    void aReadingOfTheNewVersionIsTaggedToo() throws Exception {
        add("v2");
        String old =
                version("2.0", 1)
                        .replace("\"units\"", "\"unit\"")
                        .replaceFirst(
                                "\"tsUtc\":\"[^\"]*\"",
                                "\"tsUtc\":\"" + Instant.now().minus(Duration.ofDays(2)) + "\"");

        hub.publish(HubFixture.TOPIC, old);

        EventData event = hub.events(1).get(0);
        assertThat(new String(event.getBody(), UTF_8))
                .isEqualTo(
                        old.replace(
                                "\"quality\":\"GOOD\"",
                                "\"quality\":\"STALE\",\"publishedQuality\":\"GOOD\""));
        assertThat(event.getProperties()).containsEntry("quality", "STALE");
    }

    private String version(String version, int value) {
        return hub.envelope(HubFixture.TOPIC, value, Instant.now())
                .replace("\"schemaVersion\":\"1.0\"", "\"schemaVersion\":\"" + version + "\"")
                .replace("\"units\"", "\"location\":\"hall 3\",\"units\"");
    }

    /** What the playbook says: put the files there and start the hub again. */
    private void add(String version) throws Exception {
        Path to = Files.createDirectories(config.resolve("schemas/envelope").resolve(version));
        try (var files = Files.list(EXAMPLES.resolve(version))) {
            for (Path file : files.toList()) {
                Files.write(to.resolve(file.getFileName()), Files.readAllBytes(file));
            }
        } catch (IOException e) {
            throw new AssertionError(e);
        }
        hub.restart();
        hub.startFarSide();
        hub.run(HubFixture.TO_BUFFER).run("forward", "replay");
    }
}
