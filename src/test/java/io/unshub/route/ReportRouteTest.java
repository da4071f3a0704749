package io.unshub.route;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.unshub.TestFolders;
import io.unshub.ledger.LedgerReport;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** What a tag's report says need not leave the plant stays there, and is counted. */
class ReportRouteTest {

    private static final Instant START = Instant.now().minusSeconds(3_600);
    private static final Pattern VALUE = Pattern.compile("\"value\":([^,]*),\"quality\":\"(\\w*)");

    @TempDir static Path config;

    @RegisterExtension
    final HubFixture hub = new HubFixture().with("unshub.config-dir", configured());

    private static String configured() {
        try {
            TestFolders.config(config);
            Files.writeString(
                    config.resolve("connections/lab.yaml"),
                    "name: lab\nprotocol: modbus\nurl: modbus-tcp://127.0.0.1:1\n");
            Files.writeString(
                    config.resolve("tags/lab.yaml"),
                    """
                    connection: lab
                    version: 1.0.0
                    tags:
                      - topic: %s
                        address: holding-register:1:INT
                        units: "1"
                        interval: 1s
                        report: {deadband: 0.5, minInterval: 2s, maxInterval: 60s}
                    """
                            .formatted(HubFixture.TOPIC));
            return config.toString();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @BeforeEach
    void run() throws Exception {
        hub.run(HubFixture.TO_BUFFER);
    }

    @Test
    void comparesNumbersThatAreFarApartWithoutWritingThemOut() throws Exception {
        publish(0, "1");
        publish(10, "1e500000000");
        publish(20, "1");
        publish(30, "1e-500000000");
        publish(40, "0.4");
        hub.awaitAccepted(5);

        assertThat(reported())
                .containsExactly("1 GOOD", "1e500000000 GOOD", "1 GOOD", "1e-500000000 GOOD");
    }

    @Test
    void reportsWhatSaysSomethingNewAndCountsTheRestAsWithheld() throws Exception {
        publish(0, "10.0"); // the first
        publish(5, "10.5"); // within the deadband
        publish(10, "10.6"); // a change
        publish(11, "20"); // too soon after it
        publish(13, "20");
        publish(20, "20.4");
        publish(30, "20.4", "ERROR"); // a worse flag at once
        publish(31, "20.4"); // and a better one
        publish(91, "20.4"); // unchanged for the longest interval
        publish(95, "\"off\""); // another kind of value
        publish(98, "\"off\"");
        publish(99, "\"on\"");
        publish(40, "20.4"); // older: replayed, or a clock that was set back
        hub.awaitAccepted(13);

        assertThat(reported())
                .containsExactly(
                        "10.0 GOOD",
                        "10.6 GOOD",
                        "20 GOOD",
                        "20.4 ERROR",
                        "20.4 GOOD",
                        "20.4 GOOD",
                        "\"off\" GOOD",
                        "\"on\" GOOD",
                        "20.4 GOOD");
        LedgerReport report = hub.report();
        assertThat(report.findings()).isEmpty();
        assertThat(report.total().withheld()).isEqualTo(4);
    }

    @Test
    void reportsTheFirstReadingAfterARestart() throws Exception {
        publish(0, "10");
        publish(5, "10");
        hub.awaitAccepted(2);

        hub.restart();
        hub.run(HubFixture.TO_BUFFER);
        publish(10, "10");
        publish(15, "10");
        hub.awaitAccepted(4);

        assertThat(reported()).containsExactly("10 GOOD", "10 GOOD");
        assertThat(hub.report().total().withheld()).isEqualTo(2);
    }

    private void publish(int second, String value) {
        publish(second, value, "GOOD");
    }

    private void publish(int second, String value, String quality) {
        hub.publish(
                HubFixture.TOPIC,
                hub.envelope(HubFixture.TOPIC, value, START.plusSeconds(second))
                        .replace("GOOD", quality));
    }

    private List<String> reported() throws Exception {
        return hub.buffered().stream()
                .map(held -> VALUE.matcher(new String(held.payload(), UTF_8)))
                .filter(Matcher::find)
                .map(match -> match.group(1) + " " + match.group(2))
                .toList();
    }
}
