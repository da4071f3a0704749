package io.unshub.simulator.plant;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.unshub.simulator.plant.ReplayConfig.Format;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.eclipse.milo.opcua.stack.core.StatusCodes;
import org.eclipse.milo.opcua.stack.core.types.builtin.DataValue;
import org.eclipse.milo.opcua.stack.core.types.enumerated.DataChangeTrigger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReplayTest {

    private static final Duration LONG_ENOUGH = Duration.ofSeconds(60);
    private static final Instant NOW = Instant.parse("2026-03-01T08:00:00Z");

    @TempDir Path dir;

    @Test
    void playsEveryCycleOfEverySensorAsFastAsItGoes() throws Exception {
        Path file = dir.resolve("train.txt");
        int rows = new CmapssGenerator(3).write(file, 10);
        List<String> lines = Files.readAllLines(file);
        try (SimulatedPlant plant = start(ReplayConfig.asFastAsItGoes(file, Format.CMAPSS));
                PlantClient client = new PlantClient(plant)) {
            List<SimulatedTag> tags = replayed(plant);
            assertThat(tags).hasSize(10 * 21);
            assertThat(tags.get(0).topic())
                    .isEqualTo("acme/fleet/test/bench1/cell1/engine-001/sensor-01");
            assertThat(plant.replayFinished()).isFalse();

            subscribe(client, plant, 1_000);

            await().atMost(LONG_ENOUGH).until(plant::replayFinished);
            await().atMost(LONG_ENOUGH).until(() -> client.count() >= rows * 21);
            assertThat(client.count()).isEqualTo(rows * 21);
            for (SimulatedTag tag : tags) {
                assertThat(client.received(tag.address()))
                        .extracting(value -> (Double) value.value().value())
                        .containsExactlyElementsOf(column(lines, tag.address()));
            }
            List<DataValue> longest =
                    tags.stream()
                            .map(tag -> client.received(tag.address()))
                            .max((a, b) -> a.size() - b.size())
                            .orElseThrow();
            for (int cycle = 0; cycle < longest.size(); cycle++) {
                // the last cycle of the longest life is now: no reading is from the future
                assertThat(longest.get(cycle).sourceTime().getJavaInstant())
                        .isEqualTo(NOW.minusSeconds(longest.size() - 1 - cycle));
            }
        }
    }

    @Test
    void playsTheFirstUnitsOnly() throws Exception {
        Path file = dir.resolve("train.txt");
        new CmapssGenerator(3).write(file, 5);
        ReplayConfig config =
                new ReplayConfig(file, Format.CMAPSS, 0, 2, true, Optional.of(Instant.EPOCH));
        try (SimulatedPlant plant = start(config)) {
            assertThat(replayed(plant)).hasSize(2 * 21);
            assertThat(replayed(plant))
                    .extracting(SimulatedTag::address)
                    .contains("nsu=urn:unshub:plant;s=engine-002/sensor-21");
        }
    }

    @Test
    void losesNothingToAClientWithASmallQueue() throws Exception {
        Path file = csv(2_000);
        try (SimulatedPlant plant = start(ReplayConfig.asFastAsItGoes(file, Format.CSV));
                PlantClient client = new PlantClient(plant)) {
            subscribe(client, plant, 25);

            await().atMost(LONG_ENOUGH).until(() -> client.count() >= 2_000);
            assertThat(client.received(replayed(plant).get(0).address()))
                    .extracting(value -> value.sourceTime().getJavaInstant())
                    .containsExactlyElementsOf(
                            IntStream.range(0, 2_000).mapToObj(NOW::plusSeconds).toList());
            assertThat(client.received(replayed(plant).get(0).address()))
                    .noneMatch(value -> value.statusCode().isOverflowSet());
            await().atMost(LONG_ENOUGH).until(plant::replayFinished);
        }
    }

    @Test
    void playsCsvWithItsRecordedTimesAndItsEqualValues() throws Exception {
        Path file =
                write(
                        "time,tag,value",
                        "2026-01-01T00:00:02Z,pump-01/temperature,21.5",
                        "2026-01-01T00:00:01Z,pump-01/temperature,21.5",
                        "2026-01-01T00:00:01Z,boiler-9/level,7",
                        "",
                        "2026-01-01T00:00:03.5Z,pump-01/temperature,22");
        try (SimulatedPlant plant = start(ReplayConfig.asFastAsItGoes(file, Format.CSV));
                PlantClient client = new PlantClient(plant)) {
            assertThat(replayed(plant))
                    .extracting(SimulatedTag::topic)
                    .containsExactly(
                            "acme/plant1/packaging/line1/cell1/pump-01/temperature",
                            "acme/replay/csv/line1/cell1/boiler-9/level");

            subscribe(client, plant, 10);

            await().atMost(LONG_ENOUGH).until(() -> client.count() >= 4);
            assertThat(client.received("nsu=urn:unshub:plant;s=pump-01/temperature"))
                    .extracting(
                            value ->
                                    value.sourceTime().getJavaInstant()
                                            + " "
                                            + value.value().value())
                    .containsExactly(
                            "2026-01-01T00:00:01Z 21.5",
                            "2026-01-01T00:00:02Z 21.5",
                            "2026-01-01T00:00:03.500Z 22.0");
        }
    }

    @Test
    void shiftsTimesToTheGivenStart() throws Exception {
        Path file = csv(3);
        Instant start = Instant.parse("2030-05-05T05:00:00Z");
        ReplayConfig config =
                new ReplayConfig(file, Format.CSV, 1_000, 1, true, Optional.of(start));
        try (SimulatedPlant plant = start(config);
                PlantClient client = new PlantClient(plant)) {
            subscribe(client, plant, 10);
            await().atMost(LONG_ENOUGH).until(plant::replayFinished);
            await().atMost(LONG_ENOUGH).until(() -> client.count() >= 3);
            assertThat(client.received(replayed(plant).get(0).address()))
                    .extracting(value -> value.sourceTime().getJavaInstant())
                    .containsExactly(start, start.plusSeconds(1), start.plusSeconds(2));
        }
    }

    @Test
    void beginsOnlyWhenEveryTagIsMonitored() throws Exception {
        Path file =
                write("time,tag,value", "2026-01-01T00:00:01Z,a/x,1", "2026-01-01T00:00:01Z,a/y,2");
        try (SimulatedPlant plant = start(ReplayConfig.asFastAsItGoes(file, Format.CSV));
                PlantClient first = new PlantClient(plant);
                PlantClient second = new PlantClient(plant)) {
            String x = "nsu=urn:unshub:plant;s=a/x";
            String y = "nsu=urn:unshub:plant;s=a/y";
            first.subscribe(List.of(x), 10, DataChangeTrigger.StatusValueTimestamp);
            assertThat(first.read(x).statusCode().value())
                    .isEqualTo(StatusCodes.Bad_WaitingForInitialData);

            second.subscribe(List.of(y), 10, DataChangeTrigger.StatusValueTimestamp);

            await().atMost(LONG_ENOUGH).until(() -> first.count() + second.count() >= 2);
            assertThat(first.received(x)).hasSize(1);
            assertThat(second.received(y)).hasSize(1);
        }
    }

    @Test
    void playsToNobodyWhenItNeedNotWait() throws Exception {
        ReplayConfig config = new ReplayConfig(csv(3), Format.CSV, 0, 1, false, Optional.empty());
        try (SimulatedPlant plant = start(config);
                PlantClient client = new PlantClient(plant)) {
            await().atMost(LONG_ENOUGH).until(plant::replayFinished);
            assertThat(client.read(replayed(plant).get(0).address()).value().value())
                    .isEqualTo(2.0);
        }
    }

    @Test
    void writesATagFileForARecording() throws Exception {
        Path file = dir.resolve("train.txt");
        new CmapssGenerator(3).write(file, 1);
        Path tagFile = dir.resolve("test-bench.yaml");
        try (SimulatedPlant plant = start(ReplayConfig.asFastAsItGoes(file, Format.CMAPSS))) {
            TagFileWriter.write(tagFile, "A test bench.", "test-bench", "2.1.0", replayed(plant));
        }
        assertThat(Files.readAllLines(tagFile))
                .hasSize(4 + 21 * 5)
                .startsWith(
                        "# A test bench.",
                        "connection: test-bench",
                        "version: 2.1.0",
                        "tags:",
                        "  - topic: acme/fleet/test/bench1/cell1/engine-001/sensor-01",
                        "    address: nsu=urn:unshub:plant;s=engine-001/sensor-01",
                        "    units: '[degR]'",
                        "    range: {min: 466.8, max: 570.54}",
                        "    interval: 1s");
    }

    @Test
    void saysWhatIsWrongWithAFile() throws IOException {
        assertThatThrownBy(() -> load(dir.resolve("absent.csv"), Format.CSV))
                .isInstanceOf(IOException.class)
                .hasMessageStartingWith("replay file cannot be read: ")
                .hasMessageEndingWith("absent.csv; check the path");
        assertRefused("begins with 'a,b', needs the header 'time,tag,value'", "a,b");
        assertRefused("has no rows, needs one or more", "time,tag,value");
        assertRefused(
                "line 2: has 2 fields, needs 3 (time,tag,value); correct the row or leave it out",
                "time,tag,value",
                "2026-01-01T00:00:01Z,a/x");
        assertRefused(
                "line 2: time is 'yesterday', needs ISO 8601 (2026-01-31T12:00:00Z)",
                "time,tag,value",
                "yesterday,a/x,1");
        assertRefused(
                "line 3: 'much' is not a number",
                "time,tag,value",
                "2026-01-01T00:00:01Z,a/x,1",
                "2026-01-01T00:00:01Z,a/x,much");
        assertRefused(
                "line 2: tag is 'A.x', needs equipment/tag in lower-case letters, digits and '-'",
                "time,tag,value",
                "2026-01-01T00:00:01Z,A.x,1");
        Path short_ = write("1 1 0.1 0.2 100.0 5");
        assertThatThrownBy(() -> load(short_, Format.CMAPSS))
                .hasMessageContaining(
                        "line 1: has 6 columns, needs 26 (unit, cycle, 3 settings, 21 sensors)");
    }

    @Test
    void refusesASpeedOrUnitCountOutOfRange() {
        Path file = dir.resolve("any");
        assertThatThrownBy(() -> new ReplayConfig(file, Format.CSV, -1, 1, true, Optional.empty()))
                .hasMessage("replay speed-up is -1.0, needs 0 (as fast as it goes) or more");
        assertThatThrownBy(() -> new ReplayConfig(file, Format.CSV, 0, 0, true, Optional.empty()))
                .hasMessage("replay unit count is 0, needs at least 1");
    }

    @Test
    void generatesTheSameLivesForTheSameSeed() throws IOException {
        Path one = dir.resolve("one");
        Path two = dir.resolve("two");
        Path other = dir.resolve("other");
        int rows = new CmapssGenerator(1).write(one, 3);
        new CmapssGenerator(1).write(two, 3);
        new CmapssGenerator(2).write(other, 3);
        assertThat(one).hasSameBinaryContentAs(two);
        assertThat(Files.readString(one)).isNotEqualTo(Files.readString(other));
        assertThat(Files.readAllLines(one))
                .hasSize(rows)
                .allMatch(line -> line.split(" ").length == 26);
    }

    private void assertRefused(String message, String... lines) throws IOException {
        Path file = write(lines);
        assertThatThrownBy(() -> load(file, Format.CSV))
                .isInstanceOf(IOException.class)
                .hasMessageContaining(message);
    }

    private static Replay load(Path file, Format format) throws IOException {
        return Replay.load(ReplayConfig.asFastAsItGoes(file, format));
    }

    private Path csv(int rows) throws IOException {
        List<String> lines = new ArrayList<>(List.of("time,tag,value"));
        IntStream.range(0, rows).forEach(i -> lines.add(NOW.plusSeconds(i) + ",a/x," + i));
        return write(lines.toArray(String[]::new));
    }

    private Path write(String... lines) throws IOException {
        return Files.write(Files.createTempFile(dir, "replay", ".csv"), List.of(lines));
    }

    private static List<Double> column(List<String> lines, String address) {
        int unit = Integer.parseInt(address.replaceAll(".*engine-0*(\\d+)/.*", "$1"));
        int sensor = Integer.parseInt(address.replaceAll(".*sensor-0*(\\d+)", "$1"));
        return lines.stream()
                .map(line -> line.split(" "))
                .filter(fields -> fields[0].equals(String.valueOf(unit)))
                .map(fields -> Double.valueOf(fields[4 + sensor]))
                .toList();
    }

    private static SimulatedPlant start(ReplayConfig replay) throws IOException {
        return SimulatedPlant.start(
                new PlantConfig(0, 0, 1, Duration.ofDays(1), Optional.of(replay)),
                Clock.fixed(NOW, ZoneOffset.UTC));
    }

    private static List<SimulatedTag> replayed(SimulatedPlant plant) {
        return plant.tags().stream().filter(t -> t.connection().equals("plant1-scada")).toList();
    }

    private static void subscribe(PlantClient client, SimulatedPlant plant, int queueSize)
            throws Exception {
        client.subscribe(
                replayed(plant).stream().map(SimulatedTag::address).toList(),
                queueSize,
                DataChangeTrigger.StatusValueTimestamp);
    }
}
