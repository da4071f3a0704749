package io.unshub.route;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.unshub.buffer.QueueView.Held;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** Routes of the plant's own do what their Kamelets say, and the books know it. */
class PatternsTest {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Instant NOON = Instant.parse("2026-01-01T12:00:00Z");

    @TempDir static Path config;
    @TempDir Path folder;

    @RegisterExtension
    final HubFixture hub =
            new HubFixture()
                    .at(new MovableClock(NOON))
                    .with("unshub.config-dir", HubFixture.copyWithoutDowngrades(config));

    @BeforeEach
    void run() throws Exception {
        hub.run(HubFixture.TO_BUFFER);
    }

    private void route(String source, String steps) throws Exception {
        Path file = folder.resolve("own.yaml");
        Files.writeString(
                file,
                """
                - route:
                    id: own
                    from:
                      uri: kamelet:unshub-uns-source
                      parameters:
                        name: own
                        topics: acme/plant9/#
                %s
                      steps:
                %s
                """
                        .formatted(source.indent(8).stripTrailing(), steps.indent(8)));
        hub.load("file:" + file);
    }

    private void publish(Object value, int second) {
        hub.publish(
                HubFixture.TOPIC, hub.envelope(HubFixture.TOPIC, value, NOON.plusSeconds(second)));
    }

    /** Waits until so many are in the buffer, and returns those that the route made. */
    private List<JsonNode> derived(int all) throws Exception {
        hub.awaitAccepted(all);
        assertThat(hub.report().findings()).isEmpty();
        return hub.buffered().stream()
                .filter(held -> held.topic().contains("/_"))
                .map(PatternsTest::json)
                .toList();
    }

    private static JsonNode json(Held held) {
        try {
            return JSON.readTree(new String(held.payload(), UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void routesEachReadingByItsContent() throws Exception {
        route(
                "each: true",
                """
                - choice:
                    when:
                      - simple: ${body.number} > 80
                        steps:
                          - to:
                              uri: kamelet:unshub-derive-sink
                              parameters:
                                tag: _hot
                      - simple: ${body.text} == 'stuck' && ${body.quality} == 'GOOD'
                        steps:
                          - to:
                              uri: kamelet:unshub-derive-sink
                              parameters:
                                tag: _stuck
                """);
        publish(9, 0);
        publish("100.50", 1);
        publish("\"stuck\"", 2);

        List<JsonNode> derived = derived(5);
        assertThat(derived)
                .extracting(each -> each.path("topic").asText().replaceAll(".*/", ""))
                .containsExactlyInAnyOrder("_hot", "_stuck");
        assertThat(hub.buffered())
                .extracting(held -> new String(held.payload(), UTF_8))
                .anyMatch(each -> each.contains("/_hot\",\"value\":100.50,"));
        assertThat(derived.get(0).path("sourceSystem").asText()).isEqualTo("route:own");
        assertThat(hub.report().total().generated()).isEqualTo(2);
    }

    @Test
    void sumsUpWindows() throws Exception {
        route(
                "each: false",
                """
                - to:
                    uri: kamelet:unshub-window-action
                    parameters:
                      function: mean
                      size: 10s
                      lateness: 1s
                - to:
                    uri: kamelet:unshub-derive-sink
                    parameters:
                      tag: _mean-{tag}
                """);
        for (int second = 0; second <= 11; second++) {
            publish(second, second);
        }

        JsonNode mean = derived(13).get(0);
        assertThat(mean.path("value").asDouble()).isEqualTo(4.5);
        assertThat(mean.path("tsUtc").asText()).isEqualTo("2026-01-01T12:00:10Z");
        assertThat(mean.path("topic").asText()).endsWith("/_mean-torque");
        assertThat(hub.subscriptions().waiting("own")).isEqualTo(2);
    }

    @Test
    void stopsAReadingThatDoesNotFit() throws Exception {
        route(
                "each: true",
                """
                - to:
                    uri: kamelet:unshub-filter-action
                    parameters:
                      above: "5"
                - to:
                    uri: kamelet:unshub-derive-sink
                    parameters:
                      tag: _five
                """);
        publish(4, 0);
        publish(6, 1);

        assertThat(derived(3)).hasSize(1);
    }

    @Test
    void bringsNumbersIntoOneUnit() throws Exception {
        route(
                "each: false",
                """
                - to:
                    uri: kamelet:unshub-convert-units-action
                    parameters:
                      units: Cel
                - to:
                    uri: kamelet:unshub-derive-sink
                    parameters:
                      tag: _{tag}-in-cel
                """);
        hub.publish(
                HubFixture.TOPIC,
                hub.envelope(HubFixture.TOPIC, 77, NOON)
                        .replace("\"units\":\"1\"", "\"units\":\"[degF]\""));
        publish(1, 1);

        List<JsonNode> derived = derived(4);
        assertThat(derived.get(0).path("value").asDouble()).isEqualTo(25);
        assertThat(derived.get(1).path("quality").asText()).isEqualTo("ERROR");
        assertThat(derived.get(1).path("errorCode").asText()).isEqualTo("UNITS_MISMATCH");
    }

    @Test
    void writesLinesToAFile() throws Exception {
        route(
                "each: false",
                """
                - to:
                    uri: kamelet:unshub-file-sink
                    parameters:
                      folder: %s
                      file: all.ndjson
                """
                        .formatted(folder));
        publish("1.0", 0);
        publish("2.50", 1);

        HubFixture.eventually(
                () ->
                        Files.exists(folder.resolve("all.ndjson"))
                                && Files.readAllLines(folder.resolve("all.ndjson")).size() == 2);
        assertThat(folder.resolve("all.ndjson")).content().contains("\"value\":2.50");
    }
}
