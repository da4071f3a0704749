package io.unshub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.unshub.drill.LoadGenerator;
import io.unshub.load.HubProcess;
import io.unshub.load.JavaProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** The hub is killed under load; the publishers' own files say what it owed. */
class KillIT {

    private static final Duration LONG = Duration.ofSeconds(90);
    private static final int KILLS = 3;

    private final Path work = TestFolders.fresh("kill");

    @Test
    void keepsEveryAcknowledgedReadingThroughThreeKills() throws Exception {
        assertThat(Files.getFileStore(work).type()).isNotIn("tmpfs", "ramfs");
        Random random = new Random(7);
        List<Path> acknowledged = List.of(work.resolve("acks-1"), work.resolve("acks-2"));
        try (HubProcess hub =
                HubProcess.on(work.resolve("data")).with("unshub.simulator.enabled", "false")) {
            hub.start();
            try (JavaProcess first = publisher(hub, 1, acknowledged.get(0));
                    JavaProcess second = publisher(hub, 2, acknowledged.get(1))) {
                for (int kill = 0; kill < KILLS; kill++) {
                    // so many more readings, then the axe: a moment that no clock decides
                    long goal = lines(acknowledged) + 1_000 + random.nextInt(4_000);
                    await().atMost(LONG)
                            .pollInterval(Duration.ofMillis(20))
                            .until(() -> lines(acknowledged) >= goal);
                    hub.kill9();
                    hub.start();
                }
                first.await(120);
                second.await(120);
            }
            JsonNode ledger = hub.drained(LONG);
            List<String[]> events = EventHubsRead.all(hub, work.resolve("events"), ledger);

            check(acknowledged, events, ledger);
            HubProcess.Result command = hub.command("ledger");
            assertThat(command.exit()).as(command.out() + command.err()).isZero();
        }
    }

    private static void check(List<Path> files, List<String[]> events, JsonNode ledger)
            throws IOException {
        Set<String> arrived = new LinkedHashSet<>();
        Map<String, Long> lastValue = new HashMap<>();
        int repeated = 0;
        List<String> disorder = new ArrayList<>();
        for (String[] event : events) {
            JsonNode reading = EventHubsRead.body(event);
            if (!arrived.add(reading.path("messageId").asText())) {
                repeated++;
                continue;
            }
            long value = reading.path("value").asLong();
            Long before = lastValue.put(event[2], value);
            if (before != null && value <= before) {
                disorder.add(event[2] + ": " + value + " after " + before);
            }
        }
        List<String> owed = new ArrayList<>();
        for (Path file : files) {
            for (String line : Files.readAllLines(file)) {
                owed.add(line.split("\t")[0]);
            }
        }
        owed.removeAll(arrived);
        assertThat(owed).as("acknowledged, but not at Event Hubs").isEmpty();
        assertThat(disorder).as("overtaken within its topic").isEmpty();
        // a killed hub may send again what was under way: one batch per lane and kill
        assertThat(repeated).isLessThanOrEqualTo(KILLS * 32 * 500);
        assertThat(ledger.path("findings")).isEmpty();
        assertThat(ledger.path("total").path("deadLettered").asLong()).isZero();
        assertThat(ledger.path("total").path("forwarded").asLong())
                .isEqualTo((long) events.size() - repeated);
    }

    private JavaProcess publisher(HubProcess hub, int number, Path file) throws IOException {
        return JavaProcess.start(
                work.resolve("publisher-" + number + ".log"),
                LoadGenerator.class,
                "--port=" + hub.mqttPort(),
                "--name=publisher-" + number,
                "--rate=1500",
                "--topics=200",
                "--seconds=30",
                "--ack-file=" + file);
    }

    private static long lines(List<Path> files) throws IOException {
        long count = 0;
        for (Path file : files) {
            if (Files.exists(file)) {
                try (var lines = Files.lines(file)) {
                    count += lines.count();
                }
            }
        }
        return count;
    }
}
