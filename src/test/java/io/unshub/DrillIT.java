package io.unshub;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.unshub.drill.Drill;
import io.unshub.drill.Drills;
import io.unshub.load.HubProcess;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every drill, as an operator runs it. */
class DrillIT {

    private static final ObjectMapper JSON = new ObjectMapper();

    private final Path work = TestFolders.fresh("drill");

    static Stream<String> drills() {
        return Drills.all().stream().map(Drill::name);
    }

    @ParameterizedTest
    @MethodSource("drills")
    void losesNothing(String drill) throws Exception {
        assertThat(Files.getFileStore(work).type()).isNotIn("tmpfs", "ramfs");
        Path report = work.resolve("drills.json");

        HubProcess.Result result =
                command("drill", drill, "--folder=" + work, "--report=" + report);

        assertThat(result.exit()).as(result.out() + result.err()).isZero();
        assertThat(result.out()).endsWith("PASSED" + System.lineSeparator().repeat(2));
        JsonNode kept = JSON.readTree(report.toFile());
        assertThat(kept).hasSize(1);
        assertThat(kept.get(0).path("drill").asText()).isEqualTo(drill);
        assertThat(kept.get(0).path("accepted").asLong()).isGreaterThan(1_000);
        assertThat(kept.get(0).path("lost").asLong()).isZero();
        assertThat(kept.get(0).path("outOfOrder").asLong()).isZero();
    }

    @Test
    void holdsAHubInServiceBackAndLetsItGo() throws Exception {
        try (HubProcess hub = HubProcess.on(work.resolve("data")).start()) {
            hub.awaitLine("accepted .*  forwarded [1-9].*", Duration.ofSeconds(60));

            HubProcess.Result held = hub.command("drill", "event-hubs-away", "--live=4");

            assertThat(held.exit()).as(held.out() + held.err()).isZero();
            assertThat(held.out())
                    .contains("readings are held back for 4 s", "lost 0;", "PASSED")
                    .containsPattern("buffered [1-9]");
            assertThat(Files.readString(hub.data().resolve("audit.ndjson")))
                    .contains("\"action\":\"drill event-hubs-away\",\"seconds\":4");

            HubProcess.Result tooLong = hub.command("drill", "event-hubs-away", "--live=301");
            assertThat(tooLong.exit()).isEqualTo(2);
            assertThat(tooLong.err()).contains("seconds is 301; give 1 to 300");
        }
    }

    @Test
    void refusesWhatIsNoDrill() throws Exception {
        assertThat(command("drill").out()).contains("event-hubs-away ", "backup-restore ");

        HubProcess.Result unknown = command("drill", "flood");
        assertThat(unknown.exit()).isEqualTo(2);
        assertThat(unknown.err()).contains("there is no drill", "flood");

        HubProcess.Result harmful = command("drill", "hub-killed", "--live=5");
        assertThat(harmful.exit()).isEqualTo(2);
        assertThat(harmful.err()).contains("--live goes with event-hubs-away alone");
    }

    private static HubProcess.Result command(String... words) throws Exception {
        List<String> command = Stream.concat(Stream.of("./uns-hub"), Stream.of(words)).toList();
        return HubProcess.Result.of(new ProcessBuilder(command), "");
    }
}
