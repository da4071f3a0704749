package io.unshub.route;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import io.unshub.TestFolders;
import io.unshub.quality.Quality;
import io.unshub.route.StepCoverage.Count;
import io.unshub.testkit.Ends;
import io.unshub.testkit.RouteTest;
import io.unshub.testkit.Seen;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What an engineer's test of a route is told. */
class RouteTestKitTest extends RouteTest {

    private static final String TOPIC = "acme/plant9/mixing/line1/cell1/mixer-01/torque";

    private static final String EVERY_BRANCH =
            """
            - route:
                id: every-branch
                from:
                  uri: kamelet:unshub-uns-source
                  parameters:
                    name: every-branch
                    topics: acme/+/mixing/#
                    each: true
                  steps:
                    - choice:
                        when:
                          - simple: ${body.number} < 10
                            steps:
                              - to:
                                  uri: kamelet:unshub-derive-sink
                                  parameters: {tag: _low}
                        otherwise:
                          steps:
                            - filter:
                                simple: ${body.quality} == 'ERROR'
                                steps:
                                  - to:
                                      uri: kamelet:unshub-file-sink
                                      parameters: {folder: data/export, file: stuck.ndjson}
                    - doTry:
                        steps:
                          - multicast:
                              steps:
                                - setBody:
                                    constant: seen
                                - pipeline:
                                    steps:
                                      - log: tried
                          - loop:
                              constant: "2"
                              steps:
                                - setProperty:
                                    name: again
                                    constant: "yes"
                        doCatch:
                          - exception: [java.io.IOException]
                            steps:
                              - log: failed
                        doFinally:
                          steps:
                            - log: done
            """;

    @TempDir static Path config;

    /** A test of another file. */
    private static final class Other extends RouteTest {
        Other(String route) {
            super(route);
        }

        @Override
        protected Path config() {
            return config;
        }

        Ends outcome() throws Exception {
            createCamelContext();
            try {
                return run(reading(TOPIC, 1));
            } finally {
                cleanupResources();
            }
        }
    }

    RouteTestKitTest() {
        super("every-branch");
    }

    @BeforeAll
    static void configure() throws IOException {
        TestFolders.config(config);
        Files.writeString(
                config.resolve("eventhubs-bridge-mapping.yaml"),
                """
                version: "1.0.0"
                rules:
                  - {name: debug, exclude: ["+/+/+/+/+/+/debug"]}
                  - {name: everything, include: ["#"]}
                """);
        Files.writeString(
                config.resolve("application.properties"),
                "unshub.routes.components=kamelet,direct,log,file,timer,kafka\n");
        Files.createDirectories(config.resolve("routes"));
        route("every-branch", EVERY_BRANCH);
    }

    private static void route(String id, String text) throws IOException {
        Files.writeString(config.resolve("routes").resolve(id + ".yaml"), text);
    }

    @Override
    protected Path config() {
        return config;
    }

    @Test
    void isToldWhereEverythingWent() throws Exception {
        Ends ends =
                run(
                        reading(TOPIC, 3).units("N.m"),
                        reading(TOPIC, "stuck").quality(Quality.ERROR),
                        reading(TOPIC.replace("torque", "debug"), true),
                        payload(TOPIC, "no envelope"));

        assertThat(ends.published())
                .extracting(Seen::tag, Seen::number, Seen::units, Seen::quality, Seen::atUtc)
                .containsExactly(tuple("_low", 3.0, "N.m", Quality.GOOD, START));
        assertThat(ends.deadLetters())
                .singleElement()
                .satisfies(
                        letter -> {
                            assertThat(letter.topic()).isEqualTo(TOPIC);
                            assertThat(letter.reason()).isEqualTo("PARSE_ERROR");
                            assertThat(letter.detail()).isNotBlank();
                        });
        assertThat(ends.stayed())
                .extracting(Seen::tag, Seen::text)
                .containsExactly(tuple("debug", "true"));
        assertThat(ends.forwarded())
                .extracting(Seen::text)
                .containsExactlyInAnyOrder("3", "stuck", "3");
        assertThat(ends.linesTo("file:data/export"))
                .singleElement()
                .asString()
                .contains("\"value\":\"stuck\"");
        assertThat(ends.sent())
                .singleElement()
                .satisfies(sent -> assertThat(sent.uri()).contains("fileName=stuck.ndjson"));
    }

    @Test
    void leavesTheReadingsThatCameToEachStep() throws Exception {
        StepCoverage coverage = new StepCoverage();
        coverage.watch(context);

        run(reading(TOPIC, 3), reading(TOPIC, 30).quality(Quality.ERROR), reading(TOPIC, 4));

        Path file = config.resolve("counted.json");
        coverage.save(file);
        List<Count> counted =
                StepCoverage.read(file).stream()
                        .filter(each -> each.step().route().equals("every-branch"))
                        .toList();
        assertThat(counted)
                .extracting(Count::step)
                .containsExactlyInAnyOrderElementsOf(
                        StepCoverage.steps("every-branch", EVERY_BRANCH));
        assertThat(counted)
                .extracting(each -> each.step().line(), Count::readings)
                .containsExactly(
                        tuple(10, 3L),
                        tuple(14, 2L),
                        tuple(19, 1L),
                        tuple(22, 1L),
                        tuple(27, 3L),
                        tuple(29, 3L),
                        tuple(31, 3L),
                        tuple(33, 3L),
                        tuple(34, 3L),
                        tuple(37, 6L),
                        tuple(43, 0L),
                        tuple(46, 3L));
    }

    @Test
    void isToldWhatWouldLeaveByAComponentThatIsNotThere() throws Exception {
        route(
                "elsewhere",
                EVERY_BRANCH
                        .replace("every-branch", "elsewhere")
                        .replace("- log: done", "- to: kafka:torques?brokers=far.example:9092"));

        assertThat(new Other("elsewhere").outcome().sent())
                .singleElement()
                .satisfies(sent -> assertThat(sent.endpoint()).isEqualTo("kafka:torques"));
    }

    @Test
    void isToldWhyAFileIsRefused() throws Exception {
        route("refused", EVERY_BRANCH.replace("every-branch", "refused").replace("_low", "low"));

        assertThatThrownBy(() -> new Other("refused").outcome())
                .isInstanceOf(AssertionError.class)
                .hasMessageStartingWith(
                        config.resolve("routes/refused.yaml")
                                + ":15: [parameter] unshub-derive-sink: ");
    }

    @Test
    void isToldThatThereIsNoSuchFile() {
        assertThatThrownBy(() -> new Other("nowhere").outcome())
                .isInstanceOf(AssertionError.class)
                .hasMessage(
                        "there is no nowhere.yaml in %s; the test names ids of routes"
                                .formatted(config.resolve("routes")));
    }

    @Test
    void isToldOnWhatAStepFails() throws Exception {
        route(
                "failing",
                EVERY_BRANCH
                        .replace("every-branch", "failing")
                        .replace("java.io.IOException", "java.lang.Error")
                        .replace(
                                "- log: tried",
                                "- throwException: {exceptionType: java.io.IOException, message: full}"));

        assertThatThrownBy(() -> new Other("failing").outcome())
                .isInstanceOf(AssertionError.class)
                .hasMessageStartingWith("the route of the subscription failing fails on a reading");
    }
}
