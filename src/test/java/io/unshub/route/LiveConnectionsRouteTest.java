package io.unshub.route;

import static io.unshub.route.CollectOpcuaRouteTest.topics;
import static org.assertj.core.api.Assertions.assertThat;

import io.unshub.TestFolders;
import io.unshub.ops.Alarm;
import io.unshub.simulator.plant.SimulatedPlant;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** Connections and tags are edited while the hub runs. */
class LiveConnectionsRouteTest {

    private static final String NEW = "acme/plant2/bottling/line1/cell1/pump-03/copy";

    @TempDir static Path config;

    @RegisterExtension
    final HubFixture hub =
            new HubFixture()
                    .with("unshub.config-dir", TestFolders.config(config).toString())
                    .with("unshub.eventhubs.take-simulated", "true");

    @Test
    void aChangedFileReachesItsConnectionAndNoOther() throws Exception {
        try (SimulatedPlant plant = hub.startPlant()) {
            hub.run(HubFixture.TO_BUFFER).run("collect-plc", "collect-opcua");
            HubFixture.eventually(
                    () -> topics(hub.buffered()).containsAll(topics(plant, SimulatedPlant.PLC)));
            HubFixture.eventually(
                    () -> topics(hub.buffered()).containsAll(topics(plant, SimulatedPlant.SCADA)));
            long untouched = delivered(SimulatedPlant.SCADA);

            Path more = config.resolve("tags/more.yaml");
            Files.writeString(
                    more,
                    """
                    connection: plant2-plc
                    version: 1.0.0
                    tags:
                      - {topic: %s, address: "holding-register:1:REAL", units: Cel, interval: 1s}
                    """
                            .formatted(NEW));
            hub.bindings().refresh();

            HubFixture.eventually(() -> topics(hub.buffered()).contains(NEW));
            assertThat(delivered(SimulatedPlant.SCADA))
                    .as("of the same collector")
                    .isGreaterThanOrEqualTo(untouched);

            Files.writeString(more, "connection: plant2-plc\nversion: 1.0.0\ntags: [{topic: x}]");
            hub.bindings().refresh();

            assertThat(hub.bindings().current().tag(NEW)).isNotNull();
            assertThat(hub.alarms().active()).extracting(Alarm::name).contains("configuration");
            assertThat(hub.alarms().active().get(0).text()).contains("tags/more.yaml:3: tag x: ");

            Path plc = config.resolve("connections/plant2-plc.yaml");
            Files.writeString(more, "connection: plant1-scada\nversion: 1.0.0\ntags: []");
            Files.delete(config.resolve("tags/plant2-plc.yaml"));
            Files.delete(plc);
            hub.bindings().refresh();

            assertThat(hub.alarms().active()).isEmpty();
            assertThat(hub.collectors().status(SimulatedPlant.PLC)).isEmpty();
            assertThat(hub.collectors().status(SimulatedPlant.SCADA)).isPresent();
            assertThat(hub.report().findings()).isEmpty();
        }
    }

    private long delivered(String connection) {
        return hub.collectors().status(connection).orElseThrow().readings();
    }
}
