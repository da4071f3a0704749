package io.unshub.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.unshub.ops.AuditEvent;
import io.unshub.ops.AuditFile;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AuditCommandTest {

    @TempDir private Path data;

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @Test
    void saysThatTheLinesAreAsTheyWereWrittenAndGivesTheHashToNote() throws IOException {
        write(3);

        assertThat(verify("--data", data.toString())).isZero();

        assertThat(out.toString().lines())
                .first()
                .isEqualTo(data.resolve("audit.ndjson") + ": 3 lines, as they were written");
        String hash = out.toString().replaceAll("(?s).*SHA-256 ([0-9a-f]{64})\\s*", "$1");
        assertThat(verify("--data", data.toString(), "--noted", hash)).isZero();
        Path copy = Files.copy(data.resolve("audit.ndjson"), data.resolve("copy"));
        assertThat(verify("--file", copy.toString(), "--noted", hash)).isZero();
        cutTheLast();
        assertThat(verify("--data", data.toString())).isZero();
        assertThat(verify("--data", data.toString(), "--noted", hash)).isEqualTo(1);
        assertThat(out.toString())
                .contains("no line has the SHA-256 " + hash + ": lines were cut off at the end");
    }

    @Test
    void namesTheLineThatIsNot() throws IOException {
        write(3);
        Path file = data.resolve("audit.ndjson");
        Files.writeString(file, Files.readString(file).replaceFirst("ann", "eve"));

        assertThat(verify("--data", data.toString())).isEqualTo(1);

        assertThat(out)
                .hasToString(
                        "%s: line 1 is not as it was written: line 2 has another SHA-256 for it: one of the two was changed; copy the file, and compare it with what was shipped off this machine, see docs/runbooks/audit-broken.md%n"
                                .formatted(file));
    }

    @Test
    void saysWhereItLooked() {
        assertThat(verify("--data", data.resolve("none").toString())).isEqualTo(2);

        assertThat(err.toString())
                .startsWith("uns-hub: there is no audit file " + data.resolve("none/audit.ndjson"))
                .endsWith("--file%n".formatted());
    }

    private void write(int lines) {
        AuditFile audit = AuditFile.in(data, Clock.systemUTC());
        for (int i = 0; i < lines; i++) {
            audit.add("ann", AuditEvent.REPLAY, Map.of("plan", i));
        }
    }

    private void cutTheLast() throws IOException {
        Path file = data.resolve("audit.ndjson");
        List<String> lines = Files.readAllLines(file);
        Files.write(file, lines.subList(0, lines.size() - 1));
    }

    private int verify(String... args) {
        String[] all = new String[args.length + 2];
        System.arraycopy(args, 0, all, 2, args.length);
        all[0] = "audit";
        all[1] = "verify";
        return UnsHub.commandLine()
                .setOut(new PrintWriter(out))
                .setErr(new PrintWriter(err))
                .execute(all);
    }
}
