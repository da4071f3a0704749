package io.unshub.docs;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The dashboards ask for what the hub shows, and each panel says what it is. */
class DashboardsTest {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Path FOLDER = Path.of("observability/grafana");
    private static final int COLUMNS = 24;

    @ParameterizedTest
    @MethodSource("dashboards")
    void saysOfEachPanelWhatItIs(Path file) throws IOException {
        assertThat(panels(file))
                .hasSizeGreaterThan(10)
                .allSatisfy(
                        panel -> {
                            String title = panel.path("title").asText();
                            assertThat(title).isNotBlank();
                            assertThat(panel.path("description").asText()).as(title).endsWith(".");
                            assertThat(panel.at("/fieldConfig/defaults/unit").asText())
                                    .as(title)
                                    .isNotBlank();
                        });
    }

    @ParameterizedTest
    @MethodSource("dashboards")
    void asksForMetricsThatTheHubShowsOfTheHubThatIsChosen(Path file) throws IOException {
        for (JsonNode panel : panels(file)) {
            assertThat(panel.path("targets")).isNotEmpty();
            for (JsonNode target : panel.path("targets")) {
                String query = target.path("expr").asText();
                Queries.assertAsksForWhatIsShown(query);
                assertThat(query.split("instance=~\"\\$instance\"", -1))
                        .as(query)
                        .hasSameSizeAs(query.split("unshub_", -1));
                assertThat(target.path("legendFormat").asText()).isNotBlank();
                assertThat(target.at("/datasource/uid").asText()).isEqualTo("${datasource}");
            }
        }
    }

    @ParameterizedTest
    @MethodSource("dashboards")
    void laysNoPanelOverAnother(Path file) throws IOException {
        Set<String> taken = new HashSet<>();
        Set<Integer> ids = new HashSet<>();
        for (JsonNode panel : JSON.readTree(file.toFile()).path("panels")) {
            JsonNode place = panel.path("gridPos");
            assertThat(ids.add(panel.path("id").asInt())).isTrue();
            for (int x = place.path("x").asInt();
                    x < place.path("x").asInt() + place.path("w").asInt();
                    x++) {
                assertThat(x).isLessThan(COLUMNS);
                for (int y = place.path("y").asInt();
                        y < place.path("y").asInt() + place.path("h").asInt();
                        y++) {
                    assertThat(taken.add(x + "," + y)).as(panel.path("title").asText()).isTrue();
                }
            }
        }
    }

    @Test
    void areFoundByGrafana() throws IOException {
        JsonNode provider =
                new YAMLMapper()
                        .readTree(FOLDER.resolve("provisioning/dashboards/unshub.yaml").toFile())
                        .at("/providers/0");

        assertThat(provider.path("type").asText()).isEqualTo("file");
        assertThat(provider.at("/options/path").asText()).endsWith("/" + FOLDER);
    }

    static List<Path> dashboards() throws IOException {
        try (Stream<Path> files = Files.list(FOLDER)) {
            return files.filter(file -> file.toString().endsWith(".json")).sorted().toList();
        }
    }

    private static List<JsonNode> panels(Path file) throws IOException {
        List<JsonNode> panels = new ArrayList<>();
        for (JsonNode panel : JSON.readTree(file.toFile()).path("panels")) {
            if (!panel.path("type").asText().equals("row")) {
                panels.add(panel);
            }
        }
        return panels;
    }
}
