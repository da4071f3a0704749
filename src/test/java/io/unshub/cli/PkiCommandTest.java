package io.unshub.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.unshub.ops.AuditFile;
import io.unshub.pki.Pki;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PkiCommandTest {

    private static final Path PAGES = Path.of("docs/security");
    private static final Pattern BLOCK = Pattern.compile("(?m)^ {4,}uns-hub (pki .+)$");

    @TempDir private Path work;
    @TempDir private Path data;

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @Test
    void doesWhatThePageShowsInItsOrder() throws IOException {
        runAll("pki.md", 9);
        assertThat(out.toString())
                .contains("CN=pump-01,OU=cell1,OU=line1,OU=packaging,OU=plant1,O=acme")
                .contains("revoked", "(key-compromise)", "retired", "intermediate-2", "root-2");
        assertThat(out.toString() + err).doesNotContain("PRIVATE");
        assertThat(work.resolve("pki/issued/mqtt").resolve(Pki.KEY)).exists();
    }

    @Test
    void makesWhatMqttOverTlsBeginsWith() throws IOException {
        runAll("mqtt.md", 3);

        assertThat(work.resolve("pki/issued")).isDirectoryContaining("glob:**/spark");
    }

    private void runAll(String page, int moreThan) throws IOException {
        List<String> commands =
                BLOCK.matcher(Files.readString(PAGES.resolve(page)))
                        .results()
                        .map(match -> match.group(1))
                        .toList();
        assertThat(commands).hasSizeGreaterThan(moreThan);
        for (String command : commands) {
            assertThat(run(command.split(" "))).as(command + ": " + err).isZero();
        }
    }

    @Test
    void findsWhatEndsSoonUnlessItWasRenewed() throws IOException {
        run("pki init".split(" "));
        run("pki issue --client --cn pump-01 --days 10".split(" "));

        assertThat(run("pki list --expiring 30".split(" "))).isEqualTo(1);
        assertThat(run("pki list --expiring 5".split(" "))).isZero();
        run("pki renew pump-01".split(" "));
        assertThat(run("pki list --expiring 30".split(" "))).isZero();
    }

    @Test
    void writesWhatItIssuesAndTakesBackIntoTheAuditFile() throws IOException {
        run("pki init --organization acme".split(" "));
        run("pki issue --client --cn pump-01".split(" "));
        run("pki revoke pump-01 --reason key-compromise".split(" "));
        run("pki crl".split(" "));
        run("pki rotate root".split(" "));
        run("pki retire root-1".split(" "));
        run("pki list".split(" "));

        List<JsonNode> lines = new ArrayList<>();
        for (String line : Files.readAllLines(data.resolve(AuditFile.NAME))) {
            lines.add(new ObjectMapper().readTree(line));
        }
        assertThat(lines)
                .extracting(
                        line ->
                                line.path("name").asText("")
                                        + " "
                                        + line.path("action").asText()
                                        + " "
                                        + line.path("state").asText())
                .containsExactly(
                        "root-1 certificate valid",
                        "intermediate-1 certificate valid",
                        "pump-01 certificate valid",
                        "pump-01 certificate revoked, key-compromise",
                        " revocation-list ",
                        "root-2 certificate valid",
                        "intermediate-2 certificate valid",
                        "root-1 certificate retired");
        assertThat(lines).allMatch(line -> !line.path("who").asText().isEmpty());
        assertThat(lines.get(2).path("subject").asText()).isEqualTo("CN=pump-01");
        assertThat(AuditFile.in(data, Clock.systemUTC()).verify(null).broken()).isEmpty();
    }

    @Test
    void saysThatTheAuditTrailLacksWhatItHasDone() throws IOException {
        data = Files.createFile(work.resolve("no-folder"));

        assertThat(run("pki init".split(" "))).isEqualTo(2);

        assertThat(err.toString())
                .contains("it is done, and not in the audit trail")
                .contains("name the data folder with --data");
    }

    @Test
    void saysWhatToDoWhereItCannotDoWhatWasAsked() {
        assertThat(run("pki issue --client --cn pump-01".split(" "))).isEqualTo(2);
        assertThat(err.toString())
                .isEqualTo(
                        "uns-hub: %s has no certificates; begin with pki init%n"
                                .formatted(work.resolve("pki")));
        assertThat(run("pki revoke pump-01 --reason whim".split(" "))).isEqualTo(2);
        assertThat(err.toString())
                .endsWith(
                        "uns-hub: the reason is whim, known are [unspecified, key-compromise, ca-compromise, affiliation-changed, superseded, cessation-of-operation]%n"
                                .formatted());
        assertThat(run("pki issue --cn pump-01".split(" "))).isEqualTo(2);
    }

    private int run(String... command) {
        String[] all =
                Stream.concat(
                                Arrays.stream(command),
                                Stream.of(
                                        "--pki",
                                        work.resolve("pki").toString(),
                                        "--data",
                                        data.toString()))
                        .toArray(String[]::new);
        return UnsHub.commandLine()
                .setOut(new PrintWriter(out))
                .setErr(new PrintWriter(err))
                .execute(all);
    }
}
