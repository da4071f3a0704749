package io.unshub.route;

import static io.unshub.route.CollectOpcuaRouteTest.topics;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.unshub.buffer.QueueView.Held;
import io.unshub.simulator.plant.SimulatedPlant;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What the Modbus PLC of the shipped configuration holds is published on the bound topics. */
class CollectPlcRouteTest {

    @RegisterExtension
    final HubFixture hub = new HubFixture().with("unshub.eventhubs.take-simulated", "true");

    @Test
    void publishesEveryBoundRegisterOnItsTopicTaggedAtTheSource() throws Exception {
        try (SimulatedPlant plant = hub.startPlant()) {
            hub.run(HubFixture.TO_BUFFER).run("collect-plc");

            Set<String> bound = topics(plant, SimulatedPlant.PLC);
            HubFixture.eventually(() -> topics(hub.buffered()).containsAll(bound));

            assertThat(topics(hub.buffered())).as("and nothing else").isEqualTo(bound);
            assertThat(hub.deadLetters()).isEmpty();
            for (Held held : hub.buffered()) {
                JsonNode reading = new ObjectMapper().readTree(held.payload());
                assertThat(reading.path("sourceSystem").asText()).isEqualTo(SimulatedPlant.PLC);
                assertThat(reading.path("quality").asText()).isNotEqualTo("GOOD");
            }
        }
    }

    @Test
    void beginsOnceAPlcThatWasOffAtTheStartIsOn() throws Exception {
        hub.run(HubFixture.TO_BUFFER).run("collect-plc");

        try (SimulatedPlant plant = hub.startPlant()) {
            HubFixture.eventually(
                    () -> topics(hub.buffered()).containsAll(topics(plant, SimulatedPlant.PLC)));
        }
    }
}
