package io.unshub;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.unshub.drill.FarSideProcess;
import io.unshub.drill.LoadGenerator;
import io.unshub.load.HubProcess;
import io.unshub.load.JavaProcess;
import io.unshub.simulator.eventhubs.EventHubsEndpoint;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** A buffer that is full holds publishers back, drops nothing, and goes on by itself. */
class BufferFullIT {

    private static final Duration LONG = Duration.ofSeconds(120);

    private final Path work = TestFolders.fresh("full");

    @Test
    void holdsPublishersWhileItIsFullAndTakesTheirReadingsWhenThereIsRoom() throws Exception {
        int port = HubProcess.freePort();
        Path acknowledged = work.resolve("acknowledged.txt");
        try (HubProcess hub =
                        HubProcess.on(work.resolve("data"))
                                .with("unshub.simulator.enabled", "false")
                                .with("unshub.buffer.max-bytes", "268435456")
                                .forwardingTo(port)
                                .start();
                JavaProcess publisher =
                        JavaProcess.start(
                                work.resolve("publisher.log"),
                                LoadGenerator.class,
                                "--port=" + hub.mqttPort(),
                                "--topics=100",
                                "--rate=1000",
                                "--seconds=20",
                                "--payload-bytes=20000",
                                "--in-flight=200",
                                "--ack-file=" + acknowledged)) {
            hub.awaitLine(".*alarm buffer-fill: .*h left at this rate.*", LONG);
            hub.awaitLine(".*the buffer is full: publishers are held back.*", LONG);

            try (EventHubsEndpoint farSide =
                    EventHubsEndpoint.start(
                            FarSideProcess.config(work.resolve("far-side"), port))) {
                hub.awaitLine(".*the buffer has room again.*", LONG);
                assertThat(publisher.await(180)).isZero();
                JsonNode ledger = hub.drained(LONG);

                assertThat(ledger.path("balanced").asBoolean()).isTrue();
                Set<String> missing = new TreeSet<>();
                Files.readAllLines(acknowledged)
                        .forEach(line -> missing.add(line.substring(0, line.indexOf('\t'))));
                assertThat(missing).hasSizeGreaterThan(1_000);
                for (String[] event :
                        EventHubsRead.all(
                                farSide.connectionString(),
                                work.resolve("events.txt"),
                                ledger.path("total").path("forwarded").asLong())) {
                    missing.remove(EventHubsRead.body(event).path("messageId").asText());
                }
                assertThat(missing).as("acknowledged and not forwarded").isEmpty();
            }
        }
    }
}
