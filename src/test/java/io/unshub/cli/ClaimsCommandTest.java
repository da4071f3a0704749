package io.unshub.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.unshub.pattern.ClaimStore;
import io.unshub.pattern.ClaimStore.Claim;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ClaimsCommandTest {

    private static final String PAYLOAD = "{\"value\":\"größer\"}";

    @TempDir private Path data;
    private Claim claim;

    /** What one run of the command gave. */
    private record Outcome(int exitCode, String out, String err) {}

    @BeforeEach
    void keep() throws Exception {
        claim =
                new ClaimStore(
                                data.resolve(ClaimStore.FOLDER),
                                Duration.ofDays(1),
                                1_000,
                                () -> 1_000,
                                Clock.systemUTC())
                        .put(PAYLOAD.getBytes(UTF_8));
    }

    private Outcome run(List<String> arguments) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        List<String> all = new ArrayList<>(List.of("claims"));
        all.addAll(arguments);
        all.addAll(List.of("--data", data.toString()));
        int exit =
                UnsHub.commandLine()
                        .setOut(new PrintWriter(out, true))
                        .setErr(new PrintWriter(err, true))
                        .execute(all.toArray(String[]::new));
        return new Outcome(exit, out.toString(), err.toString());
    }

    @Test
    void printsThePayloadForItsHashOrItsClaim() {
        String asItStands =
                "{\"sha256\":\"%s\",\"bytes\":%d,\"file\":\"%s\"}"
                        .formatted(claim.sha256(), claim.bytes(), claim.file());

        for (String given : List.of(claim.sha256(), asItStands)) {
            Outcome printed = run(List.of("get", given));
            assertThat(printed.out()).isEqualTo(PAYLOAD + System.lineSeparator());
            assertThat(printed.exitCode()).isZero();
        }
    }

    @Test
    void writesThePayloadAsItsPageSays() throws Exception {
        String example =
                Files.readAllLines(Path.of("docs/eip/claim-check.md")).stream()
                        .filter(line -> line.startsWith("    uns-hub claims "))
                        .findFirst()
                        .orElseThrow();
        Path to = data.resolve("image.json");
        String filled =
                example.trim()
                        .replace("SHA256", claim.sha256())
                        .replace("image.json", to.toString());
        List<String> words = List.of(filled.split(" "));

        assertThat(run(words.subList(2, words.size())).exitCode()).isZero();
        assertThat(Files.readAllBytes(to)).isEqualTo(PAYLOAD.getBytes(UTF_8));
    }

    @Test
    void saysWhatIsNotThereAndWhatHasChanged() throws Exception {
        Outcome none = run(List.of("get", "0".repeat(64)));
        assertThat(none.exitCode()).isEqualTo(1);
        assertThat(none.err())
                .startsWith("uns-hub: " + data.resolve("claims") + " has no payload for 000")
                .contains("; it may be older than unshub.claims.keep-for, or give --data");

        Files.writeString(data.resolve("claims").resolve(claim.file()), "changed");
        Outcome changed = run(List.of("get", claim.sha256()));
        assertThat(changed.exitCode()).isEqualTo(2);
        assertThat(changed.err()).endsWith("is not what was kept in it; restore it from a copy\n");
    }
}
