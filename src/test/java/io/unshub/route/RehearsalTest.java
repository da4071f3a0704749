package io.unshub.route;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.unshub.TestFolders;
import io.unshub.route.Rehearsal.Published;
import io.unshub.route.Rehearsal.Result;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A hub aside on more readings than it takes in at once. */
class RehearsalTest {

    private static final int READINGS = 12_000;
    private static final Instant BEGIN = Instant.parse("2026-03-01T00:00:00Z");
    private static final String PUMP = "acme/plant1/packaging/line1/filler/pump-%d/temperature";

    @TempDir Path dir;

    @BeforeEach
    void configure() {
        TestFolders.config(dir);
    }

    @Test
    void aRouteThatIsSlowerThanAFileMissesNothing() throws Exception {
        route(
                """
                - route:
                    id: slow
                    from:
                      uri: kamelet:unshub-uns-source
                      parameters:
                        name: slow
                        topics: acme/#
                        mostWaiting: 7000
                      steps:
                        - delay:
                            expression:
                              constant: "300"
                        - to:
                            uri: kamelet:unshub-derive-sink
                            parameters:
                              tag: _copy-{tag}
                """);

        List<Result> results = run();

        assertThat(results.stream().filter(each -> each.topic().endsWith("/temperature")))
                .hasSize(READINGS);
        assertThat(results.stream().filter(each -> each.topic().endsWith("/_copy-temperature")))
                .hasSize(READINGS);
    }

    @Test
    void aRouteThatFailsIsToldOfWhileReadingsAreStillToCome() throws IOException {
        route(
                """
                - route:
                    id: slow
                    from:
                      uri: kamelet:unshub-uns-source
                      parameters:
                        name: slow
                        topics: acme/#
                        each: true
                      steps:
                        - setBody:
                            simple: ${body.nothing}
                """);

        assertThatThrownBy(this::run)
                .isInstanceOf(IllegalStateException.class)
                .hasMessageStartingWith("the route of the subscription slow fails on a reading of");
    }

    @Test
    void theSameReadingsGiveTheSameResult() throws Exception {
        Files.createDirectories(dir.resolve("routes"));
        Files.copy(
                Path.of("src/main/resources/patterns/aggregator.yaml"),
                dir.resolve("routes/aggregator.yaml"));

        assertThat(described(run())).isEqualTo(described(run()));
    }

    private static List<String> described(List<Result> results) {
        return results.stream()
                .map(
                        each ->
                                String.join(
                                        " ",
                                        each.topic(),
                                        Long.toString(each.hubSeq()),
                                        each.destination(),
                                        each.quality(),
                                        new String(each.payload(), UTF_8)))
                .sorted()
                .toList();
    }

    private void route(String text) throws IOException {
        Files.writeString(
                Files.createDirectories(dir.resolve("routes")).resolve("slow.yaml"), text);
    }

    private List<Result> run() throws Exception {
        List<Published> readings =
                Stream.concat(
                                IntStream.range(0, READINGS).mapToObj(RehearsalTest::reading),
                                Stream.of(
                                        new Published(
                                                PUMP.formatted(0) + "-2",
                                                "no JSON".getBytes(UTF_8),
                                                BEGIN)))
                        .toList();
        try (Rehearsal rehearsal = new Rehearsal(dir)) {
            return rehearsal.run(readings);
        }
    }

    private static Published reading(int i) {
        Instant time = BEGIN.plusMillis(100L * i);
        String topic = PUMP.formatted(i % 10);
        String payload =
                """
                {"messageId":"%08d-0000-4000-8000-000000000000","tsUtc":"%s","topic":"%s",\
                "value":%d,"quality":"GOOD","units":"Cel","sourceSystem":"plc-line1",\
                "lineageVersion":"tags-12","schemaVersion":"1.0"}"""
                        .formatted(i, time, topic, i % 100);
        return new Published(topic, payload.getBytes(UTF_8), time);
    }
}
