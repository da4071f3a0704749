package io.unshub.simulator.plant;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.unshub.simulator.plant.Machine.Quantity;
import io.unshub.simulator.plant.Signal.Fault;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.LongStream;
import org.apache.plc4x.java.api.messages.PlcReadResponse;
import org.apache.plc4x.java.api.types.PlcResponseCode;
import org.eclipse.milo.opcua.stack.core.StatusCodes;
import org.eclipse.milo.opcua.stack.core.types.builtin.DataValue;
import org.eclipse.milo.opcua.stack.core.types.enumerated.DataChangeTrigger;
import org.junit.jupiter.api.Test;

class SimulatedPlantTest {

    private static final long SEED = 7;
    private static final Duration NEVER = Duration.ofDays(1);
    private static final Duration LONG_ENOUGH = Duration.ofSeconds(60);

    @Test
    void offersTwentyMachinesOfTenTagsUnderWellFormedTopics() throws IOException {
        try (SimulatedPlant plant = start(0, 0)) {
            assertThat(plant.tags()).hasSize(200);
            assertThat(plant.tags()).extracting(SimulatedTag::topic).doesNotHaveDuplicates();
            assertThat(plant.tags())
                    .extracting(SimulatedTag::topic)
                    .allMatch(topic -> topic.matches("acme/plant[12](/[a-z0-9-]+){5}"));
            assertThat(plant.tags())
                    .extracting(SimulatedTag::connection)
                    .filteredOn("plant1-scada"::equals)
                    .hasSize(100);
        }
    }

    @Test
    void deliversEveryValueOfABurstToAnOpcUaClient() throws Exception {
        int burst = 2_000;
        try (SimulatedPlant plant = start(0, 0);
                PlantClient client = new PlantClient(plant)) {
            List<String> addresses = opcUaAddresses(plant).subList(0, 30);
            client.subscribe(addresses, 10_000, DataChangeTrigger.StatusValueTimestamp);

            plant.advance(burst);

            await().atMost(LONG_ENOUGH).until(() -> client.count() >= 30 * (burst + 1));
            int machine = 0;
            for (String address : addresses) {
                Signal signal = signal(Machine.PLANT1, machine++);
                assertThat(client.received(address))
                        .extracting(SimulatedPlantTest::valueOf)
                        .containsExactlyElementsOf(expected(signal, burst + 1));
                assertThat(client.received(address))
                        .extracting(value -> value.sourceTime().getJavaInstant())
                        .isSorted()
                        .doesNotHaveDuplicates();
                assertThat(client.received(address))
                        .noneMatch(value -> value.statusCode().isOverflowSet());
            }
        }
    }

    @Test
    void deliversEqualValuesOnlyWhereTimestampsTrigger() throws Exception {
        int ticks = 3_000;
        try (SimulatedPlant plant = start(0, 0);
                PlantClient all = new PlantClient(plant);
                PlantClient changes = new PlantClient(plant)) {
            String starts = "nsu=urn:unshub:plant;s=pump-01/starts";
            all.subscribe(List.of(starts), 10_000, DataChangeTrigger.StatusValueTimestamp);
            changes.subscribe(List.of(starts), 10_000, DataChangeTrigger.StatusValue);

            plant.advance(ticks);

            List<Double> values = expected(signal(Machine.PLANT1, 9), ticks + 1);
            List<Double> distinct = values.stream().distinct().toList();
            assertThat(distinct).hasSize(4);
            await().atMost(LONG_ENOUGH).until(() -> all.count() >= values.size());
            await().atMost(LONG_ENOUGH).until(() -> changes.count() >= distinct.size());
            assertThat(all.received(starts))
                    .extracting(SimulatedPlantTest::valueOf)
                    .containsExactlyElementsOf(values);
            assertThat(changes.received(starts))
                    .extracting(SimulatedPlantTest::valueOf)
                    .containsExactlyElementsOf(distinct);
        }
    }

    @Test
    void keepsWhatIsTooMuchForOneResponseForTheNext() throws Exception {
        // 100 tags x 1,001 values: one response takes 65,535
        int burst = 1_000;
        try (SimulatedPlant plant = start(0, 0);
                PlantClient client = new PlantClient(plant)) {
            List<String> addresses = opcUaAddresses(plant);
            client.subscribe(addresses, 10_000, DataChangeTrigger.StatusValueTimestamp);

            client.setFetching(false);
            plant.advance(burst);
            client.setFetching(true);

            await().atMost(LONG_ENOUGH).until(() -> client.count() >= 100 * (burst + 1));
            assertThat(addresses)
                    .allSatisfy(a -> assertThat(client.received(a)).hasSize(burst + 1));
        }
    }

    @Test
    void ticksByItself() throws Exception {
        PlantConfig config = new PlantConfig(0, 0, SEED, Duration.ofMillis(10), Optional.empty());
        try (SimulatedPlant plant = SimulatedPlant.start(config, Clock.systemUTC());
                PlantClient client = new PlantClient(plant)) {
            client.subscribe(opcUaAddresses(plant), 1_000, DataChangeTrigger.StatusValueTimestamp);
            await().atMost(LONG_ENOUGH).until(() -> client.count() >= 500);
        }
    }

    @Test
    void stampsIncreasingSourceTimesEvenWhenTheClockStands() throws Exception {
        Instant stopped = Instant.parse("2026-03-01T08:00:00.123456Z");
        PlantConfig config = new PlantConfig(0, 0, SEED, NEVER, Optional.empty());
        try (SimulatedPlant plant =
                        SimulatedPlant.start(config, Clock.fixed(stopped, ZoneOffset.UTC));
                PlantClient client = new PlantClient(plant)) {
            String address = opcUaAddresses(plant).get(0);
            assertThat(client.read(address).sourceTime().getJavaInstant())
                    .isEqualTo("2026-03-01T08:00:00.123Z");
            plant.advance(5);
            assertThat(client.read(address).sourceTime().getJavaInstant())
                    .isEqualTo("2026-03-01T08:00:00.128Z");
        }
    }

    @Test
    void showsABrokenSensorAsBadSensorFailureWithoutValue() throws Exception {
        Broken broken = firstBroken(Machine.PLANT1, Fault.SENSOR_FAILURE);
        try (SimulatedPlant plant = start(0, 0);
                PlantClient client = new PlantClient(plant)) {
            plant.advance(broken.tick);
            DataValue value = client.read("nsu=urn:unshub:plant;s=" + broken.id);
            assertThat(value.statusCode().value()).isEqualTo(StatusCodes.Bad_SensorFailure);
            assertThat(value.value().value()).isNull();
            assertThat(value.sourceTime()).isNotNull();
        }
    }

    @Test
    void plc4xReadsEveryRegisterAtTheAddressThatTheTagNames() throws Exception {
        int tick = 1_234;
        try (SimulatedPlant plant = start(0, 0);
                PlcClient plc = new PlcClient(plant)) {
            plant.advance(tick);
            List<SimulatedTag> tags = modbusTags(plant);
            assertThat(tags).hasSize(100);
            assertThat(tags.get(0).address()).isEqualTo("holding-register:1:REAL");

            PlcReadResponse response = plc.read(tags.stream().map(SimulatedTag::address).toList());

            for (int i = 0; i < tags.size(); i++) {
                String address = tags.get(i).address();
                assertThat(response.getResponseCode(address)).isEqualTo(PlcResponseCode.OK);
                double expected = signal(Machine.PLANT2, i).at(tick).value();
                assertThat(response.getDouble(address))
                        .as(tags.get(i).topic())
                        .isEqualTo(address.endsWith("REAL") ? (float) expected : expected);
            }
        }
    }

    @Test
    void showsABrokenSensorOnModbusAsOutOfRange() throws Exception {
        Broken broken = firstBroken(Machine.PLANT2, Fault.SENSOR_FAILURE);
        try (SimulatedPlant plant = start(0, 0);
                PlcClient plc = new PlcClient(plant)) {
            plant.advance(broken.tick);
            SimulatedTag tag =
                    modbusTags(plant).stream()
                            .filter(t -> t.topic().endsWith(broken.id))
                            .findFirst()
                            .orElseThrow();
            PlcReadResponse response = plc.read(List.of(tag.address()));
            assertThat(response.getDouble(tag.address())).isGreaterThan(tag.max());
        }
    }

    @Test
    void refusesRegistersThatDoNotExist() throws Exception {
        try (SimulatedPlant plant = start(0, 0);
                PlcClient plc = new PlcClient(plant)) {
            String address = "holding-register:201:INT";
            assertThat(plc.read(List.of(address)).getResponseCode(address))
                    .isEqualTo(PlcResponseCode.INVALID_ADDRESS);
        }
    }

    @Test
    void saysWhichPortIsTakenAndLeavesNoServerBehind() throws Exception {
        try (SimulatedPlant first = start(0, 0)) {
            assertThatThrownBy(() -> start(first.opcUaPort(), 0))
                    .isInstanceOf(IOException.class)
                    .hasMessage(
                            "OPC UA port %d on 127.0.0.1 is taken; stop the program that listens"
                                    + " there, or configure another port (0 takes any free one)",
                            first.opcUaPort());
            int free = freeOpcUaPort();
            assertThatThrownBy(() -> start(free, first.modbusPort()))
                    .isInstanceOf(IOException.class)
                    .hasMessage(
                            "Modbus port %d on 127.0.0.1 is taken; stop the program that listens"
                                    + " there, or configure another port (0 takes any free one)",
                            first.modbusPort());
            try (SimulatedPlant second = start(free, 0)) {
                assertThat(second.opcUaPort()).isEqualTo(free);
            }
        }
    }

    @Test
    void refusesAPortOrIntervalOutOfRange() {
        assertThatThrownBy(() -> start(70_000, 0))
                .hasMessage("OPC UA port is 70000, needs 0 (any free one) to 65535");
        assertThatThrownBy(() -> new PlantConfig(0, 0, 1, Duration.ZERO, Optional.empty()))
                .hasMessage("update interval is PT0S, needs at least 1 ms (PT0.001S)");
    }

    private static SimulatedPlant start(int opcUaPort, int modbusPort) throws IOException {
        return SimulatedPlant.start(
                new PlantConfig(opcUaPort, modbusPort, SEED, NEVER, Optional.empty()),
                Clock.systemUTC());
    }

    private static int freeOpcUaPort() throws IOException {
        try (SimulatedPlant plant = start(0, 0)) {
            return plant.opcUaPort();
        }
    }

    private static List<String> opcUaAddresses(SimulatedPlant plant) {
        return plant.tags().stream()
                .map(SimulatedTag::address)
                .filter(address -> address.startsWith("nsu="))
                .toList();
    }

    private static List<SimulatedTag> modbusTags(SimulatedPlant plant) {
        return plant.tags().stream().filter(t -> t.connection().equals("plant2-plc")).toList();
    }

    private static Signal signal(List<Machine> plant, int index) {
        Machine machine = plant.get(index / 10);
        return new Signal(SEED, machine, machine.kind().quantities().get(index % 10));
    }

    /** Returns the values at the first ticks, null where the sensor fails. */
    private static List<Double> expected(Signal signal, int ticks) {
        List<Double> values = new ArrayList<>();
        LongStream.range(0, ticks)
                .mapToObj(signal::at)
                .forEach(
                        sample ->
                                values.add(
                                        sample.fault() == Fault.SENSOR_FAILURE
                                                ? null
                                                : (Double) sample.value()));
        return values;
    }

    private static Double valueOf(DataValue value) {
        Number number = (Number) value.value().value();
        return number == null ? null : (Double) number.doubleValue();
    }

    private record Broken(String id, int tick) {}

    private static Broken firstBroken(List<Machine> plant, Fault fault) {
        for (int tick = 0; tick < 100_000; tick++) {
            for (Machine machine : plant) {
                for (Quantity quantity : machine.kind().quantities()) {
                    if (new Signal(SEED, machine, quantity).at(tick).fault() == fault) {
                        return new Broken(machine.id(quantity), tick);
                    }
                }
            }
        }
        throw new AssertionError("no sensor fails");
    }
}
