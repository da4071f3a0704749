package io.unshub.route;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.unshub.buffer.QueueView.Held;
import io.unshub.simulator.plant.SimulatedPlant;
import io.unshub.simulator.plant.SimulatedTag;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What the OPC UA server of the shipped configuration gives is published on the bound topics. */
class CollectOpcuaRouteTest {

    private static final ObjectMapper JSON = new ObjectMapper();

    @RegisterExtension
    final HubFixture hub = new HubFixture().with("unshub.eventhubs.take-simulated", "true");

    @Test
    void publishesEveryBoundTagOnItsTopicTaggedAtTheSource() throws Exception {
        try (SimulatedPlant plant = hub.startPlant()) {
            hub.run(HubFixture.TO_BUFFER).run("collect-opcua");

            Set<String> bound = topics(plant, SimulatedPlant.SCADA);
            HubFixture.eventually(() -> topics(hub.buffered()).containsAll(bound));

            assertThat(topics(hub.buffered())).as("and nothing else").isEqualTo(bound);
            assertThat(hub.deadLetters()).isEmpty();
            for (Held held : hub.buffered()) {
                JsonNode reading = JSON.readTree(held.payload());
                assertThat(reading.path("topic").asText()).isEqualTo(held.topic());
                assertThat(reading.path("sourceSystem").asText()).isEqualTo(SimulatedPlant.SCADA);
                assertThat(reading.path("quality").asText())
                        .as("the shipped plant is simulated: never GOOD")
                        .isIn("SIMULATED", "ERROR", "UNCERTAIN", "STALE");
                assertThat(Instant.parse(reading.path("tsUtc").asText()))
                        .isBefore(held.acceptedUtc().plusSeconds(1));
            }
        }
    }

    @Test
    void keepsReadingsThatTheBrokerDoesNotTakeUntilItDoes() throws Exception {
        try (SimulatedPlant plant = hub.startPlant()) {
            hub.run("collect-opcua").run(HubFixture.TO_BUFFER);
            String topic = topics(plant, SimulatedPlant.SCADA).iterator().next();
            HubFixture.eventually(() -> values(topic).size() >= 2);

            hub.broker().holdPublishers(true);
            int before = values(topic).size();
            plant.advance(5);
            hub.broker().holdPublishers(false);

            HubFixture.eventually(() -> values(topic).size() >= before + 5);
            List<Instant> times = values(topic);
            assertThat(times).isSorted().doesNotHaveDuplicates();
        }
    }

    /** The source times of a topic's readings, in the order of the buffer. */
    private List<Instant> values(String topic) throws Exception {
        List<Instant> times = new ArrayList<>();
        for (Held held : hub.buffered()) {
            if (held.topic().equals(topic)) {
                times.add(Instant.parse(JSON.readTree(held.payload()).path("tsUtc").asText()));
            }
        }
        return times;
    }

    static Set<String> topics(SimulatedPlant plant, String connection) {
        Set<String> topics = new HashSet<>();
        for (SimulatedTag tag : plant.tags()) {
            if (tag.connection().equals(connection)) {
                topics.add(tag.topic());
            }
        }
        return topics;
    }

    static Set<String> topics(List<Held> readings) {
        Set<String> topics = new HashSet<>();
        readings.forEach(held -> topics.add(held.topic()));
        return topics;
    }
}
