package io.unshub.route;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.unshub.buffer.QueueView.Held;
import io.unshub.deadletter.Selection;
import io.unshub.ledger.LedgerReport;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What came before is not forwarded again, and what only looks so is. */
class DeduplicateRouteTest {

    private static final String OTHER = HubFixture.TOPIC.replace("torque", "speed");

    private final MovableClock clock = new MovableClock(Instant.now());

    @RegisterExtension final HubFixture hub = new HubFixture().at(clock);

    @Test
    void takesOutWhatComesTwiceAndCountsIt() throws Exception {
        hub.run(HubFixture.TO_BUFFER);
        String reading = hub.envelope(HubFixture.TOPIC, 1, clock.instant());

        hub.publish(HubFixture.TOPIC, reading);
        hub.awaitAccepted(1);
        hub.publish(HubFixture.TOPIC, reading);
        hub.publish(HubFixture.TOPIC, reading);
        hub.publishValues(HubFixture.TOPIC, 2, 2);
        hub.awaitAccepted(4);

        assertThat(hub.buffered()).extracting(Held::hubSeq).containsExactly(1L, 4L);
        LedgerReport report = hub.report();
        assertThat(report.findings()).isEmpty();
        assertThat(report.total().deduplicated()).isEqualTo(2);
        assertThat(hub.ledger().deduplicated()).isEqualTo(2);
    }

    @Test
    void setsAsideTheSameIdWithOtherBytes() throws Exception {
        hub.run(HubFixture.TO_BUFFER);
        String reading = hub.envelope(HubFixture.TOPIC, 1, clock.instant());

        hub.publish(HubFixture.TOPIC, reading);
        hub.publish(HubFixture.TOPIC, reading.replace("\"value\":1", "\"value\":2"));
        hub.publishValues(HubFixture.TOPIC, 3, 3);
        hub.awaitAccepted(3);

        assertThat(hub.buffered()).extracting(Held::hubSeq).containsExactly(1L, 3L);
        assertThat(hub.deadLetters())
                .singleElement()
                .satisfies(
                        letter -> {
                            assertThat(letter.reason()).isEqualTo("DUPLICATE_CONFLICT");
                            assertThat(letter.detail())
                                    .matches(
                                            "messageId 00000000-0000-4000-0000-000000000001 came on"
                                                    + " this topic before, at .*Z as hubSeq 1, with"
                                                    + " other bytes; give each reading an id of its"
                                                    + " own, or publish a repeat exactly as it was");
                        });
        assertThat(hub.report().findings()).isEmpty();
    }

    @Test
    void looksAtEachTopicForItself() throws Exception {
        hub.run(HubFixture.TO_BUFFER);
        String reading = hub.envelope(HubFixture.TOPIC, 1, clock.instant());

        hub.publish(HubFixture.TOPIC, reading);
        hub.publish(OTHER, reading.replace(HubFixture.TOPIC, OTHER));
        hub.awaitAccepted(2);

        assertThat(hub.buffered()).hasSize(2);
    }

    @Test
    void remembersAcrossARestartAndForgetsAfterTheWindow() throws Exception {
        hub.run(HubFixture.TO_BUFFER);
        String reading = hub.envelope(HubFixture.TOPIC, 1, clock.instant());
        hub.publish(HubFixture.TOPIC, reading);
        hub.awaitAccepted(1);

        hub.restart();
        hub.run(HubFixture.TO_BUFFER);
        clock.move(Duration.ofMinutes(9));
        hub.publish(HubFixture.TOPIC, reading);
        hub.awaitAccepted(2);
        assertThat(hub.ledger().deduplicated()).isEqualTo(1);

        clock.move(Duration.ofMinutes(2));
        hub.publish(HubFixture.TOPIC, reading);
        hub.awaitAccepted(3);
        assertThat(hub.ledger().deduplicated()).isEqualTo(1);
        assertThat(hub.buffered()).hasSize(2);
    }

    @Test
    void doesNotTakeARolledBackReadingForItsOwnRepeat() throws Exception {
        hub.camel().getRegistry().bind("fragile", new Fragile());
        hub.run("dead-letter", "buffer", "withhold", "tap")
                .load("classpath:fixtures/deduplicate/fragile-tag-quality.yaml")
                .run("deduplicate", "validate", "ingest");

        hub.publishValues(HubFixture.TOPIC, 1, 3);
        hub.publish(HubFixture.TOPIC, hub.envelope(HubFixture.TOPIC, "\"poison\"", Instant.now()));
        hub.publishValues(HubFixture.TOPIC, 5, 6);
        hub.awaitAccepted(6);

        assertThat(hub.ledger().deduplicated()).isZero();
        assertThat(hub.buffered()).extracting(Held::hubSeq).containsExactly(1L, 2L, 3L, 5L, 6L);
        assertThat(hub.deadLetters()).extracting(Held::reason).containsExactly("INTERNAL_ERROR");
        assertThat(hub.report().findings()).isEmpty();
    }

    @Test
    void letsAnOperatorsReplayPass() throws Exception {
        hub.run(HubFixture.TO_BUFFER).run("replay");
        String reading = hub.envelope(HubFixture.TOPIC, 1, clock.instant());
        hub.publish(HubFixture.TOPIC, reading);
        hub.publish(HubFixture.TOPIC, reading.replace("\"value\":1", "\"value\":2"));
        hub.awaitAccepted(2);

        String plan = hub.workbench().preview(Selection.ALL, "").plan();
        hub.workbench().replay(plan, "alice");
        HubFixture.eventually(() -> hub.ledger().buffered() == 2);

        assertThat(hub.deadLetters()).isEmpty();
        assertThat(hub.report().findings()).isEmpty();
    }

    @Test
    void startsAnewWithADamagedTable() throws Exception {
        hub.run(HubFixture.TO_BUFFER);
        hub.publishValues(HubFixture.TOPIC, 1, 1);
        hub.awaitAccepted(1);
        hub.restart();
        Path table = hub.data().resolve("deduplication");
        try (var files = Files.list(table)) {
            for (Path file : files.sorted(Comparator.naturalOrder()).toList()) {
                if (file.getFileName().toString().startsWith("MANIFEST")) {
                    Files.write(file, "garbage".getBytes(UTF_8));
                }
            }
        }

        hub.run(HubFixture.TO_BUFFER);
        String reading = hub.envelope(HubFixture.TOPIC, 2, clock.instant());
        hub.publish(HubFixture.TOPIC, reading);
        hub.publish(HubFixture.TOPIC, reading);
        hub.awaitAccepted(3);

        assertThat(hub.ledger().deduplicated()).isEqualTo(1);
        assertThat(hub.data().resolve("deduplication.damaged")).isDirectory();
    }

    @Test
    void letsEverythingPassWithoutATable() throws Exception {
        Files.writeString(hub.data().resolve("deduplication"), "a file where the folder should be");
        hub.run(HubFixture.TO_BUFFER);
        String reading = hub.envelope(HubFixture.TOPIC, 1, clock.instant());

        hub.publish(HubFixture.TOPIC, reading);
        hub.publish(HubFixture.TOPIC, reading);
        hub.awaitAccepted(2);

        assertThat(hub.buffered()).hasSize(2);
        assertThat(hub.alarms().active())
                .singleElement()
                .satisfies(
                        alarm -> {
                            assertThat(alarm.name()).isEqualTo("deduplication");
                            assertThat(alarm.text()).contains("repeats pass until");
                        });
    }
}
