package io.unshub.route;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.azure.messaging.eventhubs.EventData;
import io.unshub.envelope.Mutations;
import io.unshub.ledger.LedgerReport;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** Whatever comes is forwarded or set aside, and what comes beside it is not touched. */
class MutationsTest {

    private static final int MUTATIONS = 10_000;
    private static final String NEIGHBOUR = HubFixture.TOPIC.replace("torque", "speed");

    @TempDir static Path config;

    @RegisterExtension
    final HubFixture hub =
            new HubFixture()
                    .with("unshub.config-dir", HubFixture.copyWithoutDowngrades(config))
                    // each fixture is looked at for itself, whatever id it has
                    .with("unshub.deduplication.window", "0s")
                    .with("unshub.eventhubs.take-simulated", "true");

    @Test
    void tenThousandMutationsEndForwardedOrSetAsideAndTheirNeighboursArrive() throws Exception {
        long seed = Long.getLong("unshub.seed", System.nanoTime());
        Random random = new Random(seed);
        hub.startFarSide();
        hub.run(HubFixture.TO_BUFFER).run("forward");
        Map<String, Integer> mutated = new HashMap<>();
        List<String> neighbours = new ArrayList<>();
        for (int i = 0; i < MUTATIONS; i++) {
            byte[] good = hub.envelope(HubFixture.TOPIC, i, Instant.now()).getBytes(UTF_8);
            byte[] payload = Mutations.of(good, random);
            String topic = Mutations.topic(HubFixture.TOPIC, random);
            hub.publishAsync(topic, payload);
            mutated.merge(topic + " " + text(payload), 1, Integer::sum);
            String neighbour = hub.envelope(NEIGHBOUR, i, Instant.now());
            hub.publishAsync(NEIGHBOUR, neighbour.getBytes(UTF_8));
            neighbours.add(neighbour);
        }
        hub.awaitAccepted(2L * MUTATIONS);
        HubFixture.eventually(() -> hub.ledger().buffered() == 0);

        LedgerReport report = hub.report();
        assertThat(report.findings()).as("seed %d", seed).isEmpty();
        assertThat(report.total().accepted()).isEqualTo(2L * MUTATIONS);
        assertThat(report.total().forwarded() + report.total().deadLettered())
                .isEqualTo(2L * MUTATIONS);
        assertThat(report.total().deadLettered()).as("mutations do harm").isGreaterThan(1_000);
        List<EventData> events = hub.events((int) report.total().forwarded());
        assertThat(events)
                .filteredOn(event -> event.getProperties().get("topic").equals(NEIGHBOUR))
                .extracting(event -> new String(event.getBody(), UTF_8))
                .as("seed %d", seed)
                .containsExactlyElementsOf(neighbours);
        // each mutation, with its bytes, stands in exactly one of the two places
        events.forEach(
                event -> {
                    String topic = event.getProperties().get("topic").toString();
                    if (!topic.equals(NEIGHBOUR)) {
                        mutated.merge(topic + " " + text(event.getBody()), -1, Integer::sum);
                    }
                });
        hub.letters()
                .read(
                        letter -> {
                            assertThat(letter.rejection().reason().name())
                                    .as("seed %d: %s", seed, letter.rejection())
                                    .isNotEqualTo("INTERNAL_ERROR");
                            mutated.merge(
                                    letter.topic() + " " + text(letter.payload()),
                                    -1,
                                    Integer::sum);
                            return true;
                        });
        mutated.values().removeIf(count -> count == 0);
        assertThat(mutated.size()).as("in neither place or in both, seed %d", seed).isZero();
    }

    private static String text(byte[] bytes) {
        return new String(bytes, ISO_8859_1);
    }
}
