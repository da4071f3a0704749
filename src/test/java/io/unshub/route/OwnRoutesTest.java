package io.unshub.route;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.unshub.TestFolders;
import io.unshub.buffer.QueueView.Held;
import io.unshub.ops.Alarm;
import io.unshub.ops.RouteWatch;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** Files in config/routes take effect while the hub runs, and a bad one touches nothing. */
class OwnRoutesTest {

    private static final String COPY =
            """
            - route:
                id: copy
                from:
                  uri: kamelet:unshub-uns-source
                  parameters:
                    name: copy
                    topics: acme/plant9/#
                  steps:
                    - to:
                        uri: kamelet:unshub-derive-sink
                        parameters:
                          tag: _copy-{tag}
            """;

    @TempDir static Path config;

    @RegisterExtension
    final HubFixture hub =
            new HubFixture().with("unshub.config-dir", TestFolders.config(config).toString());

    private final Path folder = config.resolve("routes");

    @BeforeEach
    void run() throws Exception {
        Files.createDirectories(folder);
        hub.run(HubFixture.TO_BUFFER);
        hub.ownRoutes().start();
    }

    @AfterEach
    void clear() throws Exception {
        for (Path file : RouteCheck.files(folder)) {
            Files.delete(file);
        }
    }

    private Path write(String id, String text) throws IOException {
        Path file = Files.writeString(folder.resolve(id + ".yaml"), text);
        look();
        return file;
    }

    /** Once to see a change, once more to see that it stands. */
    private void look() throws IOException {
        hub.ownRoutes().refresh();
        hub.ownRoutes().refresh();
    }

    private List<String> made() throws Exception {
        return hub.buffered().stream()
                .map(Held::topic)
                .filter(topic -> topic.contains("/_"))
                .map(topic -> topic.substring(topic.lastIndexOf('/') + 1))
                .toList();
    }

    private RouteWatch.Status status() {
        assertThat(hub.routeWatch().routes()).hasSize(1);
        return hub.routeWatch().routes().get(0);
    }

    @Test
    void takesANewFileAChangedOneAndItsEnd() throws Exception {
        Path file = write("copy", COPY);
        hub.publishValues(HubFixture.TOPIC, 1, 1);
        hub.awaitAccepted(2);
        assertThat(made()).containsExactly("_copy-torque");
        assertThat(status().problems()).isEmpty();
        assertThat(Files.readString(hub.data().resolve("audit.ndjson")))
                .contains("\"action\":\"route\"", status().inForce());

        write("copy", COPY.replace("_copy", "_other"));
        hub.publishValues(HubFixture.TOPIC, 2, 2);
        hub.awaitAccepted(4);
        assertThat(made()).containsExactlyInAnyOrder("_copy-torque", "_other-torque");

        Files.delete(file);
        look();
        hub.publishValues(HubFixture.TOPIC, 3, 3);
        hub.awaitAccepted(5);
        assertThat(made()).hasSize(2);
        assertThat(hub.routeWatch().routes()).isEmpty();
        assertThat(hub.subscriptions().kept()).isEmpty();
        assertThat(hub.report().findings()).isEmpty();
    }

    @Test
    void takesTopicFiltersWithWildcardsInTheSourceAndInSteps() throws Exception {
        String speed = HubFixture.TOPIC.replace("torque", "speed");
        String other = HubFixture.TOPIC.replace("torque", "position");
        write(
                "copy",
                COPY.replaceFirst(
                                "topics: \\S+",
                                "topics: acme/+/+/line1/+/+/torque, +/plant9/+/+/+/+/speed")
                        .replaceFirst(
                                "      steps:\n",
                                """
                                      steps:
                                        - to:
                                            uri: kamelet:unshub-filter-action
                                            parameters:
                                              topics: +/+/+/+/+/+/speed, acme/none/#
                                """));
        assertThat(status().problems()).isEmpty();
        for (String topic : List.of(HubFixture.TOPIC, other, speed)) {
            hub.publishValues(topic, 1, 1);
        }

        hub.awaitAccepted(4);
        assertThat(made()).containsExactly("_copy-speed");
        assertThat(hub.subscriptions().copied("copy")).isEqualTo(2);
    }

    @Test
    void keepsWhatComesWhileARouteIsStoppedOverAnEditAndARestart() throws Exception {
        Path file = write("copy", COPY);
        hub.controls().order("copy", "stop", "test");
        look();
        assertThat(status().stopped()).isTrue();
        hub.publishValues(HubFixture.TOPIC, 1, 2);
        hub.awaitAccepted(2);
        HubFixture.eventually(() -> hub.subscriptions().waiting("copy") == 2);

        write("copy", COPY.replace("_copy", "_other"));
        assertThat(status().stopped()).isTrue();
        assertThat(status().problems()).isEmpty();
        hub.restart();
        hub.run(HubFixture.TO_BUFFER);
        hub.ownRoutes().start();
        assertThat(status().stopped()).isTrue();
        hub.publishValues(HubFixture.TOPIC, 3, 3);
        HubFixture.eventually(() -> hub.subscriptions().waiting("copy") == 3);
        assertThat(made()).isEmpty();

        hub.controls().order("copy", "start", "test");
        look();
        assertThat(status().stopped()).isFalse();
        HubFixture.eventually(() -> made().size() == 3);
        assertThat(made()).containsOnly("_other-torque");

        hub.controls().order("copy", "stop", "test");
        look();
        Files.delete(file);
        look();
        write("copy", COPY);
        assertThat(status().stopped()).as("of a new file").isFalse();
        assertThat(hub.report().findings()).isEmpty();
    }

    @Test
    void losesNoReadingAndMakesNoneTwiceWhileARouteIsEdited() throws Exception {
        int readings = 3000;
        write("copy", COPY);
        CompletableFuture<Void> publishing =
                CompletableFuture.runAsync(() -> hub.publishValues(HubFixture.TOPIC, 1, readings));
        for (int edit = 1; !publishing.isDone() || edit < 6; edit++) {
            write(
                    "copy",
                    COPY.replace(
                            "tag: _copy",
                            "lineageVersion: 1.0." + edit + "\n              tag: _copy"));
            assertThat(status().problems()).isEmpty();
        }
        publishing.join();

        hub.awaitAccepted(2 * readings);
        List<String> copies =
                hub.buffered().stream()
                        .filter(held -> held.topic().contains("/_"))
                        .map(held -> new String(held.payload(), UTF_8))
                        .map(text -> text.replaceAll(".*\"value\":(\\d+),.*", "$1"))
                        .toList();
        assertThat(copies).hasSize(readings).doesNotHaveDuplicates();
        assertThat(hub.report().findings()).isEmpty();
        assertThat(hub.camel().getRoutes())
                .filteredOn(route -> route.getConfigurationId() == null)
                .hasSizeLessThan(3 * HubFixture.TO_BUFFER.size() + 6);
    }

    @Test
    void leavesARunningRouteAndItsNeighboursAloneWhenAFileIsBad() throws Exception {
        write("copy", COPY);
        Files.writeString(
                folder.resolve("fine.yaml"),
                COPY.replace("id: copy", "id: fine")
                        .replace("name: copy", "name: fine")
                        .replace("_copy", "_fine"));
        write("copy", COPY.replace("topics:", "topic:"));
        hub.publishValues(HubFixture.TOPIC, 1, 1);
        hub.awaitAccepted(3);

        assertThat(made()).containsExactlyInAnyOrder("_copy-torque", "_fine-torque");
        RouteWatch.Status copy = hub.routeWatch().routes().get(0);
        assertThat(copy.route()).isEqualTo("copy");
        assertThat(copy.inForce()).isNotNull();
        assertThat(copy.subscriptions()).containsExactly("copy");
        assertThat(copy.sentences())
                .hasSize(2)
                .allMatch(text -> text.contains("copy.yaml:4: [parameter] unshub-uns-source: "));
        assertThat(hub.alarms().active())
                .singleElement()
                .satisfies(
                        alarm -> {
                            assertThat(alarm.name()).isEqualTo("route-copy");
                            assertThat(alarm.text())
                                    .endsWith("; the version before stays in force");
                        });

        write("copy", COPY);
        assertThat(hub.alarms().active()).isEmpty();
    }

    @Test
    void takesNoFileThatEverybodyMayWriteUntilTheyMayNot() throws Exception {
        Path file = folder.resolve("copy.yaml");
        Files.writeString(file, COPY);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-rw-rw-"));
        look();

        assertThat(status().inForce()).isNull();
        assertThat(status().sentences())
                .singleElement()
                .asString()
                .contains("copy.yaml:1: [owner] everybody may write ");
        assertThat(hub.data().resolve("audit.ndjson"))
                .content()
                .contains("\"action\":\"route-refused\"", "\"rules\":[\"owner\"]");

        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
        look();
        assertThat(status().inForce()).isNotNull();
    }

    @Test
    void putsTheVersionBeforeBackWhenARouteDoesNotStart() throws Exception {
        write("copy", COPY);
        write("copy", COPY.replace("name: copy", "name: publish"));

        assertThat(status().sentences())
                .singleElement()
                .asString()
                .contains("[start] the route does not start: the subscription is called publish");
        hub.publishValues(HubFixture.TOPIC, 1, 1);
        hub.awaitAccepted(2);
        assertThat(made()).containsExactly("_copy-torque");
    }

    @Test
    void keepsWhatWasInForceOverARestartWithASpoiltFile() throws Exception {
        write("copy", COPY);
        hub.publishValues(HubFixture.TOPIC, 1, 1);
        hub.awaitAccepted(2);
        Files.writeString(folder.resolve("copy.yaml"), "- rout:\n");

        hub.restart();
        hub.publishValues(HubFixture.TOPIC, 2, 2);
        hub.run(HubFixture.TO_BUFFER);
        hub.ownRoutes().start();
        hub.awaitAccepted(4);

        assertThat(made()).containsExactly("_copy-torque", "_copy-torque");
        assertThat(hub.alarms().active()).extracting(Alarm::name).containsExactly("route-copy");
    }

    @Test
    void keepsWhatWaitsForARouteThatDoesNotStartWithTheHub() throws Exception {
        String key = "own-routes-test.tag";
        System.setProperty(key, "_mean-{tag}");
        String waits =
                Patterns.start("aggregator", "waits")
                        .orElseThrow()
                        .replace("acme/plant1/#", "acme/plant9/#")
                        .replace("tag: _mean-{tag}", "tag: \"{{" + key + "}}\"");
        write("waits", waits);
        hub.publishValues(HubFixture.TOPIC, 1, 3);
        HubFixture.eventually(() -> hub.subscriptions().waiting("waits") == 3);

        System.clearProperty(key);
        hub.restart();
        run();
        assertThat(status().sentences())
                .singleElement()
                .satisfies(problem -> assertThat(problem).contains("[start]", key));
        look();
        assertThat(hub.subscriptions().waiting("waits")).isEqualTo(3);

        System.setProperty(key, "_mean-{tag}");
        write("waits", waits + "# again");
        assertThat(status().problems()).isEmpty();
        assertThat(hub.subscriptions().waiting("waits")).isEqualTo(3);
        System.clearProperty(key);
    }

    @Test
    void takesThePlaceOfAShippedRouteUntilItIsGone() throws Exception {
        String withhold = Files.readString(Path.of("src/main/resources/routes/withhold.yaml"));
        Path file =
                write("withhold", withhold.replace("steps:\n", "steps:\n        - log: mine\n"));
        assertThat(status().problems()).isEmpty();
        assertThat(hub.camel().getRoute("withhold").getDescription()).isNull();
        hub.publishValues(HubFixture.TOPIC, 1, 1);
        hub.awaitAccepted(1);
        assertThat(hub.buffered()).hasSize(1);

        Files.delete(file);
        look();
        hub.publishValues(HubFixture.TOPIC, 2, 2);
        hub.awaitAccepted(2);
        assertThat(hub.buffered()).hasSize(2);
        assertThat(hub.report().findings()).isEmpty();
    }

    @Test
    void letsAReadingWaitOnWhichItsRouteFails() throws Exception {
        write(
                "copy",
                COPY.replace("topics: acme/plant9/#", "topics: acme/plant9/#\n        each: true")
                        .replace(
                                "steps:\n",
                                "steps:\n        - filter:\n            simple: ${body.envelope.nothing} == 1\n            steps:\n              - log: one\n"));
        hub.publishValues(HubFixture.TOPIC, 1, 3);
        hub.awaitAccepted(3);
        HubFixture.eventually(() -> !hub.subscriptions().failures().isEmpty());
        assertThat(hub.subscriptions().failures().get("copy").why())
                .startsWith("on a reading of " + HubFixture.TOPIC);
        assertThat(hub.buffered()).as("the readings themselves go on").hasSize(3);

        write("copy", COPY);
        hub.awaitAccepted(6);
        assertThat(made()).hasSize(3);
        assertThat(hub.subscriptions().failures()).isEmpty();
    }
}
