package io.unshub.route;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.azure.messaging.eventhubs.EventData;
import io.unshub.TestFolders;
import io.unshub.buffer.QueueView.Held;
import io.unshub.deadletter.Selection;
import io.unshub.load.JavaProcess;
import io.unshub.scoring.Circuits;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** A stage taken out of the YAML takes its effect with it, and no reading. */
class YamlIsTruthTest {

    private static final String OLD = "2020-01-01T00:00:00Z";

    @RegisterExtension final HubFixture hub = new HubFixture();

    @TempDir Path folder;

    @Test
    void withoutValidateABadReadingIsBuffered() throws Exception {
        hub.run("dead-letter", "buffer", "withhold", "tap", "tag-quality", "deduplicate")
                .load(without("validate", "        - to: kamelet:unshub-validate-action\n", ""))
                .run("ingest");

        hub.publish(HubFixture.TOPIC, "no envelope");
        hub.awaitAccepted(1);

        assertThat(hub.deadLetters()).isEmpty();
        assertThat(hub.buffered()).hasSize(1);
        assertThat(hub.report().findings()).isEmpty();
    }

    @Test
    void withoutDeadLetterABadReadingLosesItsReasonButIsKept() throws Exception {
        hub.run("buffer", "withhold", "tap", "tag-quality", "deduplicate")
                .load(without("validate", "        - to: direct:dead-letter\n", ""))
                .run("ingest");

        hub.publish(HubFixture.TOPIC, "no envelope");
        hub.publishValues(HubFixture.TOPIC, 1, 1);
        hub.awaitAccepted(2);

        assertThat(hub.deadLetters())
                .singleElement()
                .satisfies(
                        letter -> {
                            assertThat(letter.reason()).isEqualTo("INTERNAL_ERROR");
                            assertThat(letter.detail())
                                    .contains("put the missing stage back into the route");
                        });
        assertThat(hub.buffered()).hasSize(1);
    }

    @Test
    void withoutTagQualityAnOldReadingStaysGood() throws Exception {
        hub.run("dead-letter", "buffer", "withhold", "tap")
                .load(
                        without(
                                "tag-quality",
                                "        - to: kamelet:unshub-tag-quality-action\n",
                                ""))
                .run("deduplicate", "validate", "ingest");

        hub.publish(HubFixture.TOPIC, hub.envelope(HubFixture.TOPIC, 1, Instant.parse(OLD)));
        hub.awaitAccepted(1);

        assertThat(hub.buffered())
                .singleElement()
                .satisfies(held -> assertThat(text(held)).contains("\"quality\":\"GOOD\""));
    }

    @Test
    void withTagQualityAnOldReadingIsStale() throws Exception {
        hub.run(HubFixture.TO_BUFFER);

        hub.publish(HubFixture.TOPIC, hub.envelope(HubFixture.TOPIC, 1, Instant.parse(OLD)));
        hub.awaitAccepted(1);

        assertThat(hub.buffered())
                .singleElement()
                .satisfies(
                        held ->
                                assertThat(text(held))
                                        .contains(
                                                "\"quality\":\"STALE\","
                                                        + "\"publishedQuality\":\"GOOD\""));
    }

    @Test
    void withoutBufferNothingIsBufferedAndNothingIsLost() throws Exception {
        hub.run("dead-letter")
                .load(without("withhold", "        - to: direct:buffer\n", ""))
                .run("tap", "tag-quality", "deduplicate", "validate", "ingest");

        hub.publishValues(HubFixture.TOPIC, 1, 2);
        hub.awaitAccepted(2);

        assertThat(hub.buffered()).isEmpty();
        assertThat(hub.deadLetters()).extracting(Held::reason).containsOnly("INTERNAL_ERROR");
        assertThat(hub.report().findings()).isEmpty();
    }

    @Test
    void withoutTheEventHubsStepNothingIsForwardedAndNothingIsLost() throws Exception {
        hub.run(HubFixture.TO_BUFFER)
                .load(without("forward", "        - to: kamelet:unshub-eventhubs-action\n", ""));

        hub.publishValues(HubFixture.TOPIC, 1, 2);
        HubFixture.eventually(() -> hub.ledger().deadLettered() == 2);

        assertThat(hub.ledger().forwarded()).isZero();
        assertThat(hub.deadLetters()).extracting(Held::reason).containsOnly("INTERNAL_ERROR");
        assertThat(hub.report().findings()).isEmpty();
    }

    @Test
    void withoutWithholdASimulatedReadingLeavesThePlant() throws Exception {
        String simulated =
                hub.envelope(HubFixture.TOPIC, 1, Instant.now()).replace("GOOD", "SIMULATED");
        hub.run("dead-letter", "buffer")
                .load(without("withhold", "        - to: kamelet:unshub-withhold-action\n", ""))
                .run("tap", "tag-quality", "deduplicate", "validate", "ingest");

        hub.publish(HubFixture.TOPIC, simulated);
        hub.awaitAccepted(1);

        assertThat(hub.buffered()).hasSize(1);
    }

    @Test
    void withoutDeduplicateARepeatLeavesThePlant() throws Exception {
        hub.run("dead-letter", "buffer", "withhold", "tap", "tag-quality")
                .load(
                        without(
                                "deduplicate",
                                "        - to: kamelet:unshub-deduplicate-action\n",
                                "        - log: not looked at\n"))
                .run("validate", "ingest");
        String reading = hub.envelope(HubFixture.TOPIC, 1, Instant.now());

        hub.publish(HubFixture.TOPIC, reading);
        hub.publish(HubFixture.TOPIC, reading);
        hub.awaitAccepted(2);

        assertThat(hub.buffered()).hasSize(2);
    }

    @Test
    void withoutTheFixALetterIsReplayedAsItWas() throws Exception {
        hub.run(HubFixture.TO_BUFFER)
                .load(without("replay", "        - to: kamelet:unshub-fix-action\n", ""));
        hub.publish(
                HubFixture.TOPIC,
                hub.envelope(HubFixture.TOPIC, 1, Instant.now()).replace("GOOD", "good"));
        hub.awaitAccepted(1);

        String plan =
                hub.workbench()
                        .preview(Selection.ALL, "steps: [{set: {field: quality, value: GOOD}}]")
                        .plan();
        hub.workbench().replay(plan, "alice");
        HubFixture.eventually(() -> hub.ledger().rejected() == 2);

        assertThat(hub.deadLetters()).extracting(Held::reason).containsExactly("UNKNOWN_FLAG");
        assertThat(hub.report().findings()).isEmpty();
    }

    @Test
    void theKameletsMakeAnotherRouteToo() throws Exception {
        Path own = folder.resolve("own.yaml");
        Files.writeString(
                own,
                """
                - route:
                    id: straight-through
                    from:
                      uri: kamelet:unshub-ingest-source
                      parameters:
                        maxReadings: 10
                        linger: 5
                      steps:
                        - to: kamelet:unshub-validate-action
                        - to: kamelet:unshub-tag-quality-action
                        - to: kamelet:unshub-dead-letter-action
                        - to: kamelet:unshub-eventhubs-action
                """);
        hub.startFarSide();
        hub.load("file:" + own);

        hub.publish(HubFixture.TOPIC, "no envelope");
        hub.publishValues(HubFixture.TOPIC, 1, 3);

        assertThat(hub.events(3)).extracting(HubFixture::hubSeq).containsExactly(2L, 3L, 4L);
        assertThat(hub.events(3))
                .extracting(EventData::getProperties)
                .allSatisfy(
                        properties ->
                                assertThat(properties.keySet())
                                        .containsExactlyInAnyOrder(
                                                "topic",
                                                "quality",
                                                "schemaVersion",
                                                "hubSeq",
                                                "acceptedUtc"));
        HubFixture.eventually(() -> hub.deadLetters().size() == 1);
        assertThat(hub.report().findings()).isEmpty();
    }

    @Test
    void everyKameletWorksFromTheClassPathInAnEmptyFolderAndInOtherRoutes() throws Exception {
        String otherRoutes =
                Files.readString(Path.of("src/test/resources/fixtures/kamelets/one-route.yaml"));
        try (var shipped = Files.list(Path.of("camel-k"))) {
            assertThat(shipped.map(file -> file.getFileName().toString()))
                    .filteredOn(name -> name.endsWith(".kamelet.yaml"))
                    .isNotEmpty()
                    .allSatisfy(
                            name ->
                                    assertThat(otherRoutes)
                                            .contains(
                                                    "kamelet:"
                                                            + name.replace(".kamelet.yaml", "")));
        }
        Path output = folder.resolve("output");
        Path config = TestFolders.config(Files.createDirectory(folder.resolve("config")));
        Path data = Files.createDirectory(folder.resolve("data"));
        Circuits.produce(
                data, Circuits.configure(config, Circuits.YAML), Circuits.record(folder, 20, 1));

        try (JavaProcess elsewhere =
                JavaProcess.startIn(
                        Files.createDirectory(folder.resolve("empty")),
                        // with Kafka in it
                        "700m",
                        output,
                        KameletsElsewhere.class,
                        config.toAbsolutePath().toString(),
                        data.toString(),
                        Path.of("docs/examples/sql/readings.sql").toAbsolutePath().toString())) {
            int exit = elsewhere.await(300);
            assertThat(exit).as(Files.readString(output)).isZero();
        }
        assertThat(output).content().endsWith("every Kamelet works here\n");
    }

    private static String text(Held held) {
        return new String(held.payload(), UTF_8);
    }

    private String without(String route, String what, String instead) throws IOException {
        String text = Files.readString(Path.of("src/main/resources/routes", route + ".yaml"));
        assertThat(text).contains(what);
        Path copy = folder.resolve(route + ".yaml");
        Files.writeString(copy, text.replace(what, instead));
        assertThat(List.of(text)).doesNotContain(Files.readString(copy));
        return "file:" + copy;
    }
}
