package io.unshub.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.unshub.forward.LaneTable;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class RoutesCommandTest {

    private static final String GOOD = "acme/plant1/packaging/line2/filler/pump-101/temperature";
    private static final String STAYS = "acme/plant2/packaging/line2/filler/pump-101/temperature";

    private final InputStream standardInput = System.in;

    @TempDir private Path dir;

    /** What one run of the command gave. */
    private record Outcome(int exitCode, List<String> out, String err) {}

    @BeforeEach
    void configure() throws IOException {
        Files.createDirectories(dir.resolve("uns"));
        Files.copy(Path.of("config/uns/hierarchy.yaml"), dir.resolve("uns/hierarchy.yaml"));
        mapping("exclude: [acme/plant2/#]");
    }

    @AfterEach
    void restoreStandardInput() {
        System.setIn(standardInput);
    }

    @Test
    void namesRuleFilterLaneAndPartition() throws IOException {
        assertThat(run(GOOD))
                .isEqualTo(
                        new Outcome(
                                0,
                                List.of(
                                        GOOD
                                                + " -> Event Hubs, lane 27, partition not known"
                                                + " yet: rule everything (#)"),
                                ""));

        new LaneTable(dir.resolve("lanes.json"), 32).spread(List.of("0", "1", "2"), lane -> true);

        assertThat(run(GOOD).out().get(0)).contains("lane 27, partition 0: rule everything (#)");
    }

    @Test
    void saysWhatStaysAndWhatIsNoTopic() {
        Outcome outcome = run(GOOD, STAYS, "acme/plant1");

        assertThat(outcome.exitCode()).isEqualTo(1);
        assertThat(outcome.out().get(1))
                .isEqualTo(STAYS + " -> stays on the plant: rule first (acme/plant2/#)");
        assertThat(outcome.out().get(2))
                .startsWith("acme/plant1 -> dead letters: topic has 2 levels, needs 7");
    }

    @Test
    void readsStandardInputAndPrintsJson() throws IOException {
        System.setIn(
                new ByteArrayInputStream(
                        (GOOD + "\n" + STAYS + "\n").getBytes(StandardCharsets.UTF_8)));

        Outcome outcome = run("-", "--json");

        assertThat(outcome.out()).hasSize(2);
        JsonNode stays = new ObjectMapper().readTree(outcome.out().get(1));
        assertThat(stays.path("forwarded").asBoolean(true)).isFalse();
        assertThat(stays.path("rule").asText()).isEqualTo("first");
        assertThat(stays.path("valid").asBoolean()).isTrue();
    }

    @Test
    void letsEverythingLeaveWithoutAFile() throws IOException {
        Files.delete(dir.resolve("eventhubs-bridge-mapping.yaml"));

        assertThat(run(STAYS).out().get(0)).endsWith("rule (no file) (#)");
    }

    @Test
    void failsWithTheSentenceOfABrokenFile() throws IOException {
        mapping("exclude: [acme#]");

        Outcome outcome = run(GOOD);

        assertThat(outcome.exitCode()).isEqualTo(2);
        assertThat(outcome.out()).isEmpty();
        assertThat(outcome.err())
                .startsWith("uns-hub: ")
                .contains("rule 1 (first): topic filter acme# has # before its end");
    }

    private void mapping(String first) throws IOException {
        Files.writeString(
                dir.resolve("eventhubs-bridge-mapping.yaml"),
                """
                version: "1.0.0"
                rules:
                  - name: first
                    %s
                  - name: everything
                    include: ["#"]
                """
                        .formatted(first));
    }

    private Outcome run(String... args) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        CommandLine command =
                UnsHub.commandLine().setOut(new PrintWriter(out)).setErr(new PrintWriter(err));
        List<String> all = new ArrayList<>(List.of("routes", "explain"));
        all.addAll(List.of(args));
        all.addAll(List.of("--config", dir.toString(), "--data", dir.toString()));
        int exitCode = command.execute(all.toArray(String[]::new));
        return new Outcome(exitCode, out.toString().lines().toList(), err.toString());
    }
}
