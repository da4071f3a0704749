package io.unshub.route;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.azure.messaging.eventhubs.EventData;
import io.unshub.deadletter.DeadLetter;
import io.unshub.deadletter.Selection;
import io.unshub.envelope.Fixtures;
import io.unshub.envelope.Fixtures.Fixture;
import java.nio.file.Path;
import java.time.Clock;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/**
 * Every fixture takes the whole way, from a real MQTT client to Event Hubs or to the dead letters,
 * at the time for which the index speaks.
 */
class FixturesTest {

    private static final Set<String> NOT_CARRIED =
            Set.of("topic-wildcard.json", "topic-empty.json");

    /** Goes to the broker's own topics, which are not ingested. */
    private static final String SYSTEM = "topic-system.json";

    @TempDir static Path config;

    @RegisterExtension
    final HubFixture hub =
            new HubFixture()
                    .with("unshub.config-dir", HubFixture.copyWithoutDowngrades(config))
                    .at(Clock.fixed(Fixtures.NOW, ZoneOffset.UTC))
                    // each fixture is looked at for itself, whatever id it has
                    .with("unshub.deduplication.window", "0s")
                    .with("unshub.eventhubs.take-simulated", "true");

    @BeforeEach
    void run() throws Exception {
        hub.startFarSide();
        hub.run(HubFixture.TO_BUFFER).run("forward");
    }

    @Test
    void everyGoodOneArrivesWithTheBytesThatWerePublished() throws Exception {
        List<Fixture> good = Fixtures.good();
        assertThat(good).hasSizeGreaterThanOrEqualTo(20);
        for (Fixture fixture : good) {
            hub.publish(fixture.topic(), fixture.payload());
        }

        List<EventData> events = hub.events(good.size());
        HubFixture.eventually(() -> hub.ledger().buffered() == 0);

        assertThat(hub.deadLetters()).isEmpty();
        assertThat(hub.report().findings()).isEmpty();
        Map<String, String> names = new HashMap<>();
        for (Fixture fixture : good) {
            names.put(fixture.topic() + " " + hex(fixture.payload()), fixture.toString());
        }
        assertThat(names).as("no two alike").hasSameSizeAs(good);
        assertThat(events)
                .extracting(e -> e.getProperties().get("topic") + " " + hex(e.getBody()))
                .extracting(bytes -> names.getOrDefault(bytes, "other bytes"))
                .containsExactlyInAnyOrderElementsOf(names.values());
    }

    @Test
    void everyMalformedOneIsKeptWithItsReasonAndItsBytes() throws Exception {
        List<Fixture> malformed = new ArrayList<>(Fixtures.malformed());
        malformed.removeIf(fixture -> NOT_CARRIED.contains(fixture.toString()));
        malformed.removeIf(fixture -> fixture.toString().equals(SYSTEM));
        assertThat(malformed).hasSizeGreaterThanOrEqualTo(40);
        for (Fixture fixture : malformed) {
            hub.publish(fixture.topic(), fixture.payload());
            // a good neighbour in the same batch
            hub.publish(HubFixture.TOPIC, hub.envelope(HubFixture.TOPIC, 1, Fixtures.NOW));
        }
        hub.awaitAccepted(2L * malformed.size());

        assertThat(hub.events(malformed.size())).hasSize(malformed.size());
        List<DeadLetter> letters = hub.workbench().list(Selection.ALL, 1_000);
        assertThat(letters).hasSameSizeAs(malformed);
        for (int i = 0; i < letters.size(); i++) {
            DeadLetter letter = letters.get(i);
            Fixture fixture = malformed.get(i);
            assertThat(letter.topic()).isEqualTo(fixture.topic());
            assertThat(letter.payload()).as("bytes of %s", fixture).isEqualTo(fixture.payload());
            assertThat(letter.rejection().reason())
                    .asString()
                    .isEqualTo(fixture.expected().reason());
            assertThat(letter.rejection().field()).isEqualTo(fixture.expected().field());
            assertThat(letter.rejection().detail()).isEqualTo(fixture.expected().detail());
        }
        HubFixture.eventually(() -> hub.ledger().buffered() == 0);
        assertThat(hub.report().findings()).isEmpty();
    }

    @Test
    void whatMqttDoesNotCarryIsRefusedThere() throws Exception {
        for (Fixture fixture : Fixtures.malformed()) {
            if (NOT_CARRIED.contains(fixture.toString())) {
                assertThatThrownBy(() -> hub.publish(fixture.topic(), fixture.payload()))
                        .isInstanceOf(IllegalArgumentException.class);
            } else if (fixture.toString().equals(SYSTEM)) {
                hub.publish(fixture.topic(), fixture.payload());
            }
        }
        hub.publish(HubFixture.TOPIC, hub.envelope(HubFixture.TOPIC, 1, Fixtures.NOW));
        hub.awaitAccepted(1);

        assertThat(hub.ledger().accepted()).isEqualTo(1);
        assertThat(hub.deadLetters()).isEmpty();
    }

    @Test
    void headersOfAPublisherGoNoFurther() throws Exception {
        hub.publishWith(
                HubFixture.TOPIC,
                hub.envelope(HubFixture.TOPIC, 1, Fixtures.NOW),
                "CamelHttpUri",
                "http://elsewhere",
                "topic",
                "acme/plant1/a/b/c/d/e",
                "hubSeq",
                "99",
                "acceptedUtc",
                "1");

        EventData event = hub.events(1).get(0);
        assertThat(event.getProperties())
                .containsOnlyKeys("topic", "quality", "schemaVersion", "hubSeq", "acceptedUtc")
                .containsEntry("topic", HubFixture.TOPIC)
                .containsEntry("hubSeq", 1L)
                .containsEntry("acceptedUtc", Fixtures.NOW.toString());
        assertThat(hub.report().findings()).isEmpty();
    }

    private static String hex(byte[] bytes) {
        return HexFormat.of().formatHex(bytes);
    }
}
