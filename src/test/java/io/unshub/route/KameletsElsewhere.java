package io.unshub.route;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.azure.messaging.eventhubs.EventData;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.unshub.deadletter.Selection;
import io.unshub.load.KafkaBroker;
import io.unshub.load.PostgresServer;
import io.unshub.simulator.plant.SimulatedPlant;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/**
 * A program of someone else's that uses the Kamelets from the class path, in routes of its own:
 * {@code KameletsElsewhere CONFIG_DIR DATA_DIR TABLE}, run in an empty folder. There is a model in
 * the data.
 */
public final class KameletsElsewhere {

    private static final String FIX = "steps: [{set: {field: quality, value: GOOD}}]";

    private KameletsElsewhere() {}

    /** Carries readings of a plant and a reading that is none to where they belong, or fails. */
    public static void main(String[] args) throws Exception {
        Path here = Path.of("").toAbsolutePath();
        try (var files = Files.list(here)) {
            check(files.findAny().isEmpty(), here + " is not empty");
        }
        Path servers = Path.of(args[1], "servers");
        try (KafkaBroker kafka = KafkaBroker.start(servers.resolve("kafka"));
                PostgresServer postgres =
                        PostgresServer.start(servers.resolve("postgres"), Path.of(args[2]));
                HubFixture hub =
                        new HubFixture()
                                .with("unshub.config-dir", args[0])
                                .with("unshub.eventhubs.take-simulated", "true")) {
            kafka.topic("readings", Map.of());
            System.setProperty("elsewhere.kafka", kafka.bootstrapServers());
            System.setProperty("elsewhere.database", postgres.url() + "?user=postgres");
            hub.start(Path.of(args[1]));
            hub.startFarSide();
            try (SimulatedPlant plant = hub.startPlant()) {
                hub.load("classpath:fixtures/kamelets/one-route.yaml");
                hub.publish("someone/elses/topic", "no envelope");
                List<EventData> events = hub.events(plant.tags().size() / 2);
                var first = new ObjectMapper().readTree(events.get(0).getBody());
                check(
                        first.path("sourceSystem").asText().equals(SimulatedPlant.SCADA),
                        "unexpected reading " + first);
                HubFixture.eventually(() -> hub.ledger().deadLettered() == 1);
                check(
                        new String(hub.deadLetters().get(0).payload(), UTF_8).equals("no envelope"),
                        "unexpected dead letter");
                hub.publish(
                        HubFixture.TOPIC,
                        hub.envelope(HubFixture.TOPIC, 1, Instant.now()).replace("GOOD", "good"));
                HubFixture.eventually(() -> hub.ledger().deadLettered() == 2);
                hub.workbench()
                        .replay(hub.workbench().preview(Selection.ALL, FIX).plan(), "someone else");
                HubFixture.eventually(() -> hub.ledger().deadLettered() == 1);
                long accepted = hub.ledger().accepted();
                check(
                        hub.intake()
                                .take(
                                        List.of(
                                                hub.envelope(HubFixture.TOPIC, 2, Instant.now())
                                                        .getBytes(UTF_8)))
                                .isEmpty(),
                        "a posted reading was not taken");
                HubFixture.eventually(() -> hub.ledger().accepted() > accepted);
                String temperature = HubFixture.TOPIC.replace("torque", "temperature");
                hub.publishValues(temperature, 80, 80);
                hub.publishValues(HubFixture.TOPIC, 40, 40);
                HubFixture.eventually(() -> hub.scoring().scored() > 0);
                HubFixture.eventually(() -> hub.report().total().generated() > 0);
                Path sums = here.resolve("sums/sums.ndjson");
                HubFixture.eventually(
                        () -> Files.exists(sums) && Files.readString(sums).contains("torque"));
                String position = HubFixture.TOPIC.replace("torque", "position");
                hub.publish(position, hub.envelope(position, "\"{\\\"x\\\": 1}\"", Instant.now()));
                for (String made :
                        List.of(
                                "/_sum-torque\"",
                                "/_position-x\"",
                                "/_claim-position\"",
                                "/_straight-position\"")) {
                    HubFixture.eventually(
                            () ->
                                    hub.events(1).stream()
                                            .anyMatch(
                                                    event ->
                                                            event.getBodyAsString()
                                                                    .contains(made)));
                }
                HubFixture.eventually(
                        () -> !postgres.query("SELECT topic FROM readings").isEmpty());
                HubFixture.eventually(() -> !kafka.records("readings").isEmpty());
                check(hub.report().findings().isEmpty(), hub.report().findings().toString());
            }
        }
        System.out.println("every Kamelet works here");
        System.exit(0);
    }

    private static void check(boolean holds, String otherwise) {
        if (!holds) {
            throw new IllegalStateException(otherwise);
        }
    }
}
