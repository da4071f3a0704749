package io.unshub.route;

import static org.assertj.core.api.Assertions.assertThat;

import io.unshub.TestFolders;
import io.unshub.buffer.QueueView.Held;
import io.unshub.ledger.LedgerReport;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** What a rule keeps on the plant stays there, and is counted. */
class WithholdRouteTest {

    private static final String DEBUG = HubFixture.TOPIC.replace("torque", "debug");

    @TempDir static Path config;

    @RegisterExtension
    final HubFixture hub =
            new HubFixture().with("unshub.config-dir", TestFolders.config(config).toString());

    private final Path file = config.resolve("eventhubs-bridge-mapping.yaml");

    @BeforeEach
    void run() throws Exception {
        hub.run(HubFixture.TO_BUFFER);
    }

    @Test
    void keepsWhatARuleExcludesAndCountsIt() throws Exception {
        mapping("exclude: ['+/+/+/+/+/+/debug']");

        hub.publishValues(DEBUG, 1, 2);
        hub.publishValues(HubFixture.TOPIC, 3, 3);
        hub.awaitAccepted(3);

        assertThat(hub.buffered()).extracting(Held::topic).containsExactly(HubFixture.TOPIC);
        LedgerReport report = hub.report();
        assertThat(report.findings()).isEmpty();
        assertThat(report.total().withheld()).isEqualTo(2);
        assertThat(report.topics())
                .filteredOn(line -> line.topic().equals(DEBUG))
                .singleElement()
                .satisfies(line -> assertThat(line.withheld()).isEqualTo(2));
    }

    @Test
    void dropsWhatARuleDropsWhileTheBufferIsNearlyFullAndCountsIt() throws Exception {
        mapping("include: ['+/+/+/+/+/+/debug']\n    evictAbove: 80");
        hub.fill(79);
        hub.publishValues(DEBUG, 1, 1);
        hub.awaitAccepted(1);

        hub.fill(80);
        hub.publishValues(DEBUG, 2, 3);
        hub.publishValues(HubFixture.TOPIC, 4, 4);
        hub.awaitAccepted(4);
        hub.fill(60);
        hub.publishValues(DEBUG, 5, 5);
        hub.awaitAccepted(5);

        assertThat(hub.buffered())
                .extracting(Held::topic)
                .containsExactlyInAnyOrder(DEBUG, HubFixture.TOPIC, DEBUG);
        LedgerReport report = hub.report();
        assertThat(report.findings()).isEmpty();
        assertThat(report.total().evicted()).isEqualTo(2);
        assertThat(report.total().withheld()).isZero();
    }

    @Test
    void linksTheReadingsAroundAWithheldOne() throws Exception {
        hub.publishValues(HubFixture.TOPIC, 1, 1);
        hub.awaitAccepted(1);
        mapping("exclude: ['acme/plant9/#']");
        hub.publishValues(HubFixture.TOPIC, 2, 2);
        hub.awaitAccepted(2);
        mapping("exclude: ['nobody/#']");
        hub.publishValues(HubFixture.TOPIC, 3, 3);
        hub.awaitAccepted(3);

        assertThat(hub.buffered()).extracting(Held::hubSeq).containsExactly(1L, 3L);
        assertThat(hub.buffered()).extracting(Held::previous).containsExactly(0L, 1L);
        assertThat(hub.report().findings()).isEmpty();
    }

    @Test
    void keepsSimulatedReadingsFromAProductionEventHub() throws Exception {
        String now = hub.envelope(HubFixture.TOPIC, 1, Instant.now());
        String old = hub.envelope(HubFixture.TOPIC, 2, Instant.now().minus(Duration.ofDays(9)));

        hub.publish(HubFixture.TOPIC, now.replace("GOOD", "SIMULATED"));
        // lowered to STALE here, or by another hub before: it is still no real reading
        hub.publish(HubFixture.TOPIC, old.replace("GOOD", "SIMULATED"));
        hub.publish(
                HubFixture.TOPIC,
                hub.envelope(HubFixture.TOPIC, 3, Instant.now())
                        .replace("\"GOOD\"", "\"ERROR\",\"publishedQuality\":\"SIMULATED\""));
        hub.awaitAccepted(3);

        assertThat(hub.buffered()).isEmpty();
        assertThat(hub.report().total().withheld()).isEqualTo(3);
        assertThat(hub.report().findings()).isEmpty();
    }

    @Test
    void setsABadReadingAsideWhateverTheRulesSayOfItsTopic() throws Exception {
        mapping("exclude: ['#']");

        hub.publish(HubFixture.TOPIC, "no envelope");
        hub.awaitAccepted(1);

        assertThat(hub.deadLetters()).hasSize(1);
    }

    @Test
    void keepsTheMappingInForceWhenTheFileIsBrokenOrGone() throws Exception {
        mapping("exclude: ['acme/plant9/#']");
        Files.writeString(file, "version: '2'\nrules: [{name: x}]");
        hub.mapping().refresh();
        hub.publishValues(HubFixture.TOPIC, 1, 1);
        hub.awaitAccepted(1);
        Files.delete(file);
        hub.mapping().refresh();
        hub.publishValues(HubFixture.TOPIC, 2, 2);
        hub.awaitAccepted(2);

        assertThat(hub.buffered()).isEmpty();
        assertThat(hub.report().total().withheld()).isEqualTo(2);
    }

    private void mapping(String first) throws IOException {
        Files.writeString(
                file,
                """
                version: "1.0.0"
                rules:
                  - name: first
                    %s
                  - name: everything
                    include: ["#"]
                """
                        .formatted(first));
        hub.mapping().refresh();
    }
}
