package io.unshub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.unshub.drill.LoadGenerator;
import io.unshub.load.HubProcess;
import io.unshub.load.JavaProcess;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Comparator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** Parity is equal after a crash of the hub, and is not once Event Hubs has lost something. */
class ParityCommandIT {

    private static final ObjectMapper JSON = new ObjectMapper();

    private final Path work = TestFolders.fresh("parity");

    @Test
    void findsWhatEventHubsHasLost() throws Exception {
        try (HubProcess hub =
                HubProcess.on(work.resolve("data")).with("unshub.simulator.enabled", "false")) {
            hub.start();
            publish(hub, "before");
            long sent =
                    hub.drained(Duration.ofSeconds(60)).path("total").path("forwarded").asLong();

            HubProcess.Result equal = hub.command("parity", "--hours", "2");
            assertThat(equal.exit()).as(equal.out() + equal.err()).isZero();
            assertThat(equal.out())
                    .contains(
                            "# Parity, ",
                            "| all | %d | %d | 0 | 0 | 0 | 0 |".formatted(sent, sent));

            Path inTheWay = Files.createDirectory(hub.data().resolve("parity.json.new"));
            HubProcess.Result untold = hub.command("parity", "--hours", "2");
            assertThat(untold.exit()).as("the outcome is the comparison's").isZero();
            assertThat(untold.err()).contains("uns-hub: the metrics do not have this outcome: ");
            Files.delete(inTheWay);

            hub.interrupt();
            // the last event of a partition is gone, as if Event Hubs had never had it
            Path log;
            try (var files = Files.list(hub.data().resolve("eventhubs"))) {
                log =
                        files.filter(file -> file.toString().endsWith(".log"))
                                .max(Comparator.comparingLong(file -> file.toFile().length()))
                                .orElseThrow();
            }
            try (FileChannel file = FileChannel.open(log, StandardOpenOption.WRITE)) {
                file.truncate(file.size() - 1);
            }
            hub.start();

            HubProcess.Result lost = hub.command("parity", "--hours", "2", "--json");
            assertThat(lost.exit()).as(lost.out() + lost.err()).isEqualTo(1);
            JsonNode report = JSON.readTree(lost.out());
            assertThat(report.path("equal").asBoolean()).isFalse();
            assertThat(report.path("missing").asLong()).isEqualTo(1);
            assertThat(report.path("differences")).hasSize(1);
            assertThat(report.path("differences").get(0).path("topic").asText())
                    .startsWith("acme/before/");
            assertThat(hub.metrics())
                    .contains(
                            "unshub_parity_difference_readings{kind=\"missing\"} 1.0",
                            "unshub_parity_difference_readings{kind=\"unknown\"} 0.0");
        }
    }

    @Test
    void saysWhyItCannotCompare() throws Exception {
        try (HubProcess hub =
                HubProcess.on(work.resolve("other"))
                        .with("unshub.simulator.enabled", "false")
                        .forwardingTo(1)) {
            hub.start();

            HubProcess.Result secret = hub.command("parity");
            assertThat(secret.exit()).isEqualTo(2);
            assertThat(secret.err())
                    .contains("connection string is a secret", "--connection-string-file");

            HubProcess.Result hours = hub.command("parity", "--hours", "73");
            assertThat(hours.exit()).isEqualTo(2);
            assertThat(hours.err()).contains("--hours is 73, give 1 to 72");
        }
    }

    private void publish(HubProcess hub, String name) throws Exception {
        try (JavaProcess publisher =
                JavaProcess.start(
                        work.resolve(name + ".log"),
                        LoadGenerator.class,
                        "--port=" + hub.mqttPort(),
                        "--name=" + name,
                        "--topics=50",
                        "--rate=500",
                        "--seconds=2")) {
            assertThat(publisher.await(60)).isZero();
        }
        // on a busy machine it sends a few less, and the last may come without its acknowledgement
        Matcher acknowledged =
                Pattern.compile("acknowledged (\\d+)")
                        .matcher(Files.readString(work.resolve(name + ".log")));
        assertThat(acknowledged.find()).isTrue();
        long all = Long.parseLong(acknowledged.group(1));
        await().atMost(Duration.ofSeconds(60))
                .until(
                        () -> {
                            JsonNode total = hub.ledger().path("total");
                            long forwarded = total.path("forwarded").asLong();
                            return forwarded >= all && forwarded == total.path("accepted").asLong();
                        });
    }
}
