package io.unshub.simulator.plant;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import org.apache.plc4x.java.api.messages.PlcReadResponse;
import org.apache.plc4x.java.api.types.PlcResponseCode;
import org.junit.jupiter.api.Test;

/** The demo's configuration files, against the plant that the demo runs. */
class ShippedFilesTest {

    private static final Path CONFIG = Path.of("config");
    private static final ObjectMapper YAML = new ObjectMapper(new YAMLFactory());

    @Test
    void tagFilesNameWhatThePlantOffers() throws IOException {
        try (SimulatedPlant plant = start()) {
            assertShipped(
                    plant,
                    "plant1-scada",
                    "What the demo reads from plant1's OPC UA server: ten machines, ten tags each.");
            assertShipped(
                    plant,
                    "plant2-plc",
                    "What the demo reads from plant2's PLC by Modbus TCP: ten machines, ten tags each.");
        }
    }

    @Test
    void everyOpcUaAddressCanBeRead() throws Exception {
        try (SimulatedPlant plant = start();
                PlantClient client = new PlantClient(plant)) {
            List<String> addresses = addresses("plant1-scada");
            assertThat(addresses).hasSize(100);
            for (String address : addresses) {
                assertThat(client.read(address).statusCode().isGood()).as(address).isTrue();
            }
        }
    }

    @Test
    void everyModbusAddressCanBeRead() throws Exception {
        try (SimulatedPlant plant = start();
                PlcClient plc = new PlcClient(plant)) {
            List<String> addresses = addresses("plant2-plc");
            assertThat(addresses).hasSize(100);
            PlcReadResponse response = plc.read(addresses);
            assertThat(addresses)
                    .allSatisfy(
                            a ->
                                    assertThat(response.getResponseCode(a))
                                            .isEqualTo(PlcResponseCode.OK));
        }
    }

    @Test
    void connectionFilesReachThePlantByItsPorts() throws IOException {
        JsonNode scada = YAML.readTree(CONFIG.resolve("connections/plant1-scada.yaml").toFile());
        JsonNode plc = YAML.readTree(CONFIG.resolve("connections/plant2-plc.yaml").toFile());
        try (SimulatedPlant plant = start()) {
            assertThat(scada.get("name").asText()).isEqualTo(SimulatedPlant.SCADA);
            assertThat(scada.get("protocol").asText()).isEqualTo("opcua");
            assertThat(scada.get("simulated").asBoolean()).isTrue();
            assertThat(
                            scada.get("url")
                                    .asText()
                                    .replace(
                                            "${unshub.simulator.opcua-port}",
                                            String.valueOf(plant.opcUaPort())))
                    .isEqualTo(plant.opcUaUrl());
            assertThat(plc.get("name").asText()).isEqualTo(SimulatedPlant.PLC);
            assertThat(plc.get("protocol").asText()).isEqualTo("modbus");
            assertThat(plc.get("simulated").asBoolean()).isTrue();
            assertThat(plc.get("url").asText())
                    .isEqualTo("modbus-tcp://127.0.0.1:${unshub.simulator.modbus-port}");
        }
    }

    private static void assertShipped(SimulatedPlant plant, String connection, String comment)
            throws IOException {
        Path offered =
                Files.createDirectories(Path.of("target/shipped")).resolve(connection + ".yaml");
        TagFileWriter.write(
                offered,
                comment,
                connection,
                "1.0.0",
                plant.tags().stream().filter(t -> t.connection().equals(connection)).toList());
        assertThat(CONFIG.resolve("tags").resolve(connection + ".yaml"))
                .as("if the plant has changed on purpose, copy %s over it", offered)
                .hasSameTextualContentAs(offered);
    }

    private static List<String> addresses(String connection) throws IOException {
        List<String> addresses = new ArrayList<>();
        YAML.readTree(CONFIG.resolve("tags").resolve(connection + ".yaml").toFile())
                .get("tags")
                .forEach(tag -> addresses.add(tag.get("address").asText()));
        return addresses;
    }

    private static SimulatedPlant start() throws IOException {
        return SimulatedPlant.start(PlantConfig.demo(), Clock.systemUTC());
    }
}
