package io.unshub.route;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import com.azure.messaging.eventhubs.EventData;
import io.unshub.TestFolders;
import io.unshub.buffer.QueueView.Held;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** Topics whose new readings overtake the backlog of an outage, because a rule says so. */
class LiveFirstTest {

    private static final String STRICT = HubFixture.TOPIC.replace("torque", "speed");

    @TempDir static Path config;

    private final MovableClock clock = new MovableClock(Instant.now());

    @RegisterExtension
    final HubFixture hub =
            new HubFixture()
                    .at(clock)
                    .with("unshub.config-dir", TestFolders.config(config).toString());

    @BeforeEach
    void waitForAFarSide() throws Exception {
        Files.writeString(
                config.resolve("eventhubs-bridge-mapping.yaml"),
                """
                version: "1.0.0"
                rules:
                  - name: dashboards
                    include: ["+/+/+/+/+/+/torque"]
                    order: live-first
                  - name: everything
                    include: ["#"]
                """);
        hub.mapping().refresh();
        hub.run(HubFixture.TO_BUFFER);
        hub.publishValues(HubFixture.TOPIC, 1, 3);
        hub.publishValues(STRICT, 1, 3);
        hub.awaitAccepted(6);
    }

    @Test
    void overtakesWhatHasWaitedWhereARuleSaysSo() throws Exception {
        clock.move(Duration.ofSeconds(6));
        hub.publishValues(HubFixture.TOPIC, 4, 5);
        hub.publishValues(STRICT, 4, 5);
        hub.awaitAccepted(10);

        assertThat(hub.buffered())
                .filteredOn(held -> held.hubSeq() > 3)
                .extracting(Held::topic, Held::hubSeq, Held::previous)
                .containsExactlyInAnyOrder(
                        tuple(HubFixture.TOPIC, 4L, 0L),
                        tuple(HubFixture.TOPIC, 5L, 4L),
                        tuple(STRICT, 4L, 3L),
                        tuple(STRICT, 5L, 4L));

        hub.startFarSide();
        hub.run("forward");
        List<Map<String, Object>> events =
                hub.events(10).stream().map(EventData::getProperties).toList();
        assertThat(events)
                .filteredOn(event -> event.containsKey("live"))
                .extracting(event -> event.get("topic"), event -> event.get("hubSeq"))
                .containsExactly(tuple(HubFixture.TOPIC, 4L), tuple(HubFixture.TOPIC, 5L));
        assertThat(events)
                .filteredOn(event -> event.get("topic").equals(STRICT))
                .extracting(event -> event.get("hubSeq"))
                .containsExactly(1L, 2L, 3L, 4L, 5L);
        HubFixture.eventually(() -> hub.ledger().forwarded() == 10);
        assertThat(hub.report().findings()).isEmpty();
    }

    @Test
    void keepsTheOrderWhileNothingIsTaken() throws Exception {
        hub.run("forward");
        HubFixture.eventually(() -> hub.sender().away().isPresent());
        clock.move(Duration.ofSeconds(6));

        hub.publishValues(HubFixture.TOPIC, 4, 4);
        hub.awaitAccepted(7);

        assertThat(hub.buffered())
                .filteredOn(held -> held.topic().equals(HubFixture.TOPIC))
                .extracting(Held::previous)
                .containsExactly(0L, 1L, 2L, 3L);
    }
}
