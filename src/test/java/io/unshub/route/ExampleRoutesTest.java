package io.unshub.route;

import static org.assertj.core.api.Assertions.assertThat;

import io.unshub.simulator.plant.SimulatedPlant;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.apache.camel.Route;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The example routes of the docs take the place of the shipped ones, from PLC to Event Hubs, and
 * the hub finds nothing wrong with them, nor with the patterns.
 */
class ExampleRoutesTest {

    @RegisterExtension
    final HubFixture hub = new HubFixture().with("unshub.eventhubs.take-simulated", "true");

    @ParameterizedTest
    @ValueSource(strings = {"docs/examples/routes", "src/main/resources/patterns"})
    void passTheChecksOfTheHub(String folder) throws IOException {
        assertThat(new RouteCheck(RouteCheck.COMPONENTS).check(RouteCheck.files(Path.of(folder))))
                .hasSizeGreaterThan(3)
                .allSatisfy(each -> assertThat(each.sentences()).isEmpty());
    }

    @Test
    void carryReadingsFromThePlcToEventHubsAndSetTheBadOneAside() throws Exception {
        hub.startFarSide();
        List<String> examples = new ArrayList<>();
        try (Stream<Path> files = Files.list(Path.of("docs/examples/routes"));
                SimulatedPlant plant = hub.startPlant()) {
            for (Path file : files.sorted().toList()) {
                hub.load("file:" + file);
                examples.add(file.getFileName().toString().replace(".yaml", ""));
            }
            hub.publish("acme/nowhere", "no envelope");

            assertThat(hub.events(100)).hasSizeGreaterThanOrEqualTo(100);
            HubFixture.eventually(() -> hub.deadLetters().size() == 1);
        }
        assertThat(hub.report().findings()).isEmpty();
        assertThat(hub.camel().getRoutes())
                .filteredOn(route -> !route.isCreatedByKamelet())
                .extracting(Route::getRouteId)
                .containsExactlyInAnyOrderElementsOf(examples);
    }
}
