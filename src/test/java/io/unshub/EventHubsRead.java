package io.unshub;

import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.unshub.load.HubProcess;
import io.unshub.load.JavaProcess;
import io.unshub.simulator.eventhubs.EventHubsReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.List;

/** What the plain SDK reader, in its own process, finds at Event Hubs. */
public final class EventHubsRead {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int COLUMNS = 6;

    private EventHubsRead() {}

    /**
     * Reads everything from the beginning, until as much as the ledger counts has come and no more
     * comes.
     */
    public static List<String[]> all(HubProcess hub, Path file, JsonNode ledger)
            throws IOException {
        return all(hub.connectionString(), file, ledger.path("total").path("forwarded").asLong());
    }

    /** The same of an endpoint outside the hub. */
    public static List<String[]> all(String connectionString, Path file, long owed)
            throws IOException {
        try (JavaProcess reader =
                JavaProcess.start(
                        file.resolveSibling(file.getFileName() + ".log"),
                        EventHubsReader.class,
                        connectionString,
                        file.toString())) {
            await("events at Event Hubs")
                    .atMost(Duration.ofSeconds(120))
                    .pollInterval(Duration.ofMillis(500))
                    .ignoreExceptions()
                    .until(() -> lines(file).size() >= owed);
            // repeated events stand behind the count: wait until nothing more comes for a while
            int[] before = {-1};
            await("the last event")
                    .atMost(Duration.ofSeconds(60))
                    .pollInterval(Duration.ofSeconds(2))
                    .until(
                            () -> {
                                int now = lines(file).size();
                                boolean still = now == before[0];
                                before[0] = now;
                                return still;
                            });
            return lines(file);
        }
    }

    /** The reading in an event. */
    public static JsonNode body(String[] event) throws IOException {
        return JSON.readTree(Base64.getDecoder().decode(event[COLUMNS - 1]));
    }

    private static List<String[]> lines(Path file) throws IOException {
        try (var lines = Files.lines(file)) {
            return lines.map(line -> line.split("\t")).filter(l -> l.length == COLUMNS).toList();
        }
    }
}
