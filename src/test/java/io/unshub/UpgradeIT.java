package io.unshub;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.unshub.drill.FarSideProcess;
import io.unshub.load.HubProcess;
import io.unshub.load.JavaProcess;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import org.junit.jupiter.api.Test;

/** A hub starts on what an older version left behind: a full journal and dead letters. */
class UpgradeIT {

    private static final int DEAD_LETTERS = 62;

    private final Path work = TestFolders.fresh("upgrade");

    @Test
    void forwardsWhatAnOlderVersionLeftInTheBuffer() throws Exception {
        unpack("/upgrade/ledger-format-1.zip");
        int port = HubProcess.freePort();
        try (JavaProcess farSide =
                        JavaProcess.start(
                                work.resolve("far-side.log"),
                                FarSideProcess.class,
                                "--port=" + port,
                                "--data=" + work.resolve("far-side"));
                HubProcess hub =
                        HubProcess.on(work.resolve("data"))
                                .with("unshub.simulator.enabled", "false")
                                .forwardingTo(port)
                                .start()) {
            JsonNode ledger = hub.drained(Duration.ofSeconds(60));
            assertThat(ledger.path("findings")).isEmpty();
            assertThat(ledger.path("total").path("deadLettered").asInt()).isEqualTo(DEAD_LETTERS);

            List<String[]> events =
                    EventHubsRead.all(
                            FarSideProcess.connectionString(port),
                            work.resolve("events"),
                            ledger.path("total").path("forwarded").asLong());
            Set<String> missing = new HashSet<>();
            for (String line : Files.readAllLines(work.resolve("acknowledged.txt"))) {
                missing.add(line.split("\t")[0]);
            }
            Map<String, Long> lastValue = new HashMap<>();
            for (String[] event : events) {
                JsonNode reading = EventHubsRead.body(event);
                assertThat(missing.remove(reading.path("messageId").asText())).isTrue();
                long value = reading.path("value").asLong();
                assertThat(value).isGreaterThan(lastValue.getOrDefault(event[2], -1L));
                lastValue.put(event[2], value);
            }
            assertThat(missing).as("in the dead letters").hasSize(DEAD_LETTERS);
        }
    }

    private void unpack(String resource) throws IOException {
        try (InputStream in = UpgradeIT.class.getResourceAsStream(resource);
                ZipInputStream zip = new ZipInputStream(in)) {
            for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
                Path file = work.resolve(entry.getName());
                if (entry.isDirectory()) {
                    Files.createDirectories(file);
                } else {
                    Files.createDirectories(file.getParent());
                    Files.copy(zip, file);
                }
            }
        }
    }
}
