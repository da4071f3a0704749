package io.unshub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.unshub.load.HubProcess;
import io.unshub.load.JavaProcess;
import io.unshub.load.MqttSubscriber;
import io.unshub.simulator.plant.CmapssGenerator;
import io.unshub.simulator.plant.PlantConfig;
import io.unshub.simulator.plant.ReplayConfig;
import io.unshub.simulator.plant.SimulatedPlant;
import io.unshub.simulator.plant.SimulatedTag;
import io.unshub.simulator.plant.TagFileWriter;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Recorded engines through the OPC UA server to Event Hubs; hub, readers and clients apart. */
class RealInputIT {

    private static final int ENGINES = 20;
    private static final int FIRST_SENSOR_COLUMN = 5;
    private static final int SENSORS = 21;
    private static final Path RECORDED =
            Path.of("..", "shared", "data", "cmapss-fd001", "train_FD001.txt");

    private final Path work = TestFolders.fresh("real-input");

    @Test
    void carriesEveryRecordedReadingOnceAndInOrder() throws Exception {
        Path recording = recording();
        Map<String, List<BigDecimal>> expected = expected(recording);
        int count = expected.values().stream().mapToInt(List::size).sum();
        Path config = config(recording);
        Path seen = work.resolve("mqtt");
        Path subscriberLog = work.resolve("mqtt.log");
        try (HubProcess hub =
                HubProcess.on(work.resolve("data"))
                        .with("unshub.config-dir", config.toString())
                        .with("unshub.simulator.replay.file", recording.toString())
                        .with("unshub.simulator.replay.format", "cmapss")
                        .with("unshub.simulator.replay.speed-up", "0")
                        .with("unshub.simulator.replay.max-units", String.valueOf(ENGINES))) {
            // the engines start once they are monitored: the subscriber must be there before
            hub.launch();
            try (JavaProcess subscriber = subscriber(hub, subscriberLog, seen)) {
                await("all readings")
                        .atMost(Duration.ofSeconds(180))
                        .pollInterval(Duration.ofSeconds(1))
                        .ignoreExceptions()
                        .until(() -> forwarded(hub) >= count);
                JsonNode ledger = hub.drained(Duration.ofSeconds(30));
                List<String[]> events = EventHubsRead.all(hub, work.resolve("events"), ledger);

                Set<String> ids = checkEvents(events, expected);
                assertThat(events).hasSize(count);
                assertThat(ledger.path("findings")).isEmpty();
                assertThat(ledger.path("total").path("accepted").asLong()).isEqualTo(count);
                assertThat(ledger.path("total").path("forwarded").asLong()).isEqualTo(count);
                checkSubscriber(seen, ids);
            }
        }
    }

    private static Set<String> checkEvents(
            List<String[]> events, Map<String, List<BigDecimal>> expected) throws IOException {
        Set<String> ids = new HashSet<>();
        Map<String, List<BigDecimal>> values = new HashMap<>();
        Map<String, Long> lastSeq = new HashMap<>();
        for (String[] event : events) {
            JsonNode reading = EventHubsRead.body(event);
            String topic = event[2];
            assertThat(ids.add(reading.path("messageId").asText())).as("once").isTrue();
            assertThat(Long.parseLong(event[3]))
                    .as("hubSeq of %s", topic)
                    .isEqualTo(lastSeq.merge(topic, 1L, Long::sum));
            assertThat(reading.path("topic").asText()).isEqualTo(topic);
            assertThat(reading.path("quality").asText()).isEqualTo("SIMULATED");
            values.computeIfAbsent(topic, t -> new ArrayList<>())
                    .add(new BigDecimal(reading.path("value").asText()).stripTrailingZeros());
        }
        assertThat(values.keySet()).isEqualTo(expected.keySet());
        expected.forEach(
                (topic, cycles) -> assertThat(values.get(topic)).as(topic).isEqualTo(cycles));
        return ids;
    }

    private static void checkSubscriber(Path seen, Set<String> ids) throws IOException {
        ObjectMapper json = new ObjectMapper();
        Set<String> heard = new HashSet<>();
        try (var lines = Files.lines(seen)) {
            for (String line : lines.toList()) {
                heard.add(json.readTree(line.split("\t", 2)[1]).path("messageId").asText());
            }
        }
        assertThat(heard).as("what an MQTT subscriber saw").isEqualTo(ids);
    }

    private static long forwarded(HubProcess hub) throws Exception {
        return hub.ledger().path("total").path("forwarded").asLong();
    }

    private static JavaProcess subscriber(HubProcess hub, Path log, Path seen) throws Exception {
        // until the port answers, the process ends with an error and is started again
        JavaProcess[] process = new JavaProcess[1];
        await("a subscriber")
                .atMost(Duration.ofSeconds(60))
                .pollInterval(Duration.ofMillis(50))
                .until(
                        () -> {
                            if (process[0] == null || !process[0].isAlive()) {
                                process[0] =
                                        JavaProcess.start(
                                                log,
                                                MqttSubscriber.class,
                                                Integer.toString(hub.mqttPort()),
                                                "#",
                                                seen.toString());
                            }
                            return Files.readString(log).contains("subscribed");
                        });
        return process[0];
    }

    private Path recording() throws IOException {
        if (Files.exists(RECORDED)) {
            return RECORDED.toAbsolutePath();
        }
        Path generated = work.resolve("generated.txt");
        new CmapssGenerator(1).write(generated, ENGINES);
        return generated;
    }

    /** Topic → values by cycle, as the file has them. */
    private Map<String, List<BigDecimal>> expected(Path recording) throws IOException {
        Map<String, List<BigDecimal>> expected = new HashMap<>();
        try (var lines = Files.lines(recording)) {
            for (String line : lines.toList()) {
                String[] columns = line.trim().split("\\s+");
                int engine = Integer.parseInt(columns[0]);
                if (engine > ENGINES) {
                    break;
                }
                for (int sensor = 1; sensor <= SENSORS; sensor++) {
                    expected.computeIfAbsent(
                                    "acme/fleet/test/bench1/cell1/engine-%03d/sensor-%02d"
                                            .formatted(engine, sensor),
                                    topic -> new ArrayList<>())
                            .add(
                                    new BigDecimal(columns[FIRST_SENSOR_COLUMN + sensor - 1])
                                            .stripTrailingZeros());
                }
            }
        }
        return expected;
    }

    /** The shipped configuration with the replay's tags in place of the plant's. */
    private Path config(Path recording) throws IOException {
        Path config = TestFolders.config(work.resolve("config"));
        Files.delete(config.resolve("connections/plant2-plc.yaml"));
        Files.delete(config.resolve("tags/plant2-plc.yaml"));
        ReplayConfig replay =
                new ReplayConfig(
                        recording, ReplayConfig.Format.CMAPSS, 0, ENGINES, true, Optional.empty());
        try (SimulatedPlant plant =
                SimulatedPlant.start(
                        new PlantConfig(0, 0, 1, Duration.ofSeconds(1), Optional.of(replay)),
                        Clock.systemUTC())) {
            List<SimulatedTag> tags =
                    plant.tags().stream()
                            .filter(tag -> tag.connection().equals(SimulatedPlant.SCADA))
                            .toList();
            TagFileWriter.write(
                    config.resolve("tags/plant1-scada.yaml"),
                    "The recorded engines.",
                    SimulatedPlant.SCADA,
                    "1.0.0",
                    tags);
        }
        return config;
    }
}
