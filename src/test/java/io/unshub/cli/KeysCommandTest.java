package io.unshub.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.unshub.ops.access.ApiKeys;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KeysCommandTest {

    @TempDir private Path data;

    private StringWriter out = new StringWriter();
    private StringWriter err = new StringWriter();

    @Test
    void makesListsAndTakesBackAKeyAndSaysSoInTheAuditFile() throws IOException {
        assertThat(run("list")).isZero();
        assertThat(out).hasToString("no keys%n".formatted());
        assertThat(run("add", "scale-app", "--scope", "ingest,read", "--topics", "acme/plant1/#"))
                .isZero();
        String key = out.toString().strip();
        assertThat(new ApiKeys(data, Clock.systemUTC()).find(key)).isPresent();

        assertThat(run("list")).isZero();
        assertThat(out.toString())
                .contains("scale-app ", " ingest,read ", " acme/plant1/# ", ", ends 20");
        assertThat(run("revoke", "scale-app")).isZero();
        assertThat(new ApiKeys(data, Clock.systemUTC()).find(key)).isEmpty();
        assertThat(run("revoke", "scale-app")).isEqualTo(1);
        assertThat(err)
                .hasToString(
                        "uns-hub: there is no key scale-app; uns-hub keys list shows what there is%n"
                                .formatted());
        List<String> audit = Files.readAllLines(data.resolve("audit.ndjson"));
        assertThat(audit).hasSize(2);
        assertThat(audit.get(0))
                .contains("\"action\":\"key-added\"", "\"topics\":\"acme/plant1/#\"")
                .doesNotContain(key.substring(7));
        assertThat(audit.get(1)).contains("\"action\":\"key-revoked\"", "\"name\":\"scale-app\"");
    }

    @Test
    void namesTheScopesThatThereAre() {
        assertThat(run("add", "scale-app", "--scope", "write")).isEqualTo(2);

        assertThat(err)
                .hasToString(
                        "uns-hub: the scope is write, known scopes are [ingest, read, replay, score, admin]; see docs/security/http.md%n"
                                .formatted());
        assertThat(data).isEmptyDirectory();
    }

    private int run(String... args) {
        out = new StringWriter();
        err = new StringWriter();
        List<String> all = new ArrayList<>(List.of("keys"));
        all.addAll(List.of(args));
        all.addAll(List.of("--data", data.toString()));
        return UnsHub.commandLine()
                .setOut(new PrintWriter(out))
                .setErr(new PrintWriter(err))
                .execute(all.toArray(String[]::new));
    }
}
