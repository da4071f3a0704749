package io.unshub.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.unshub.access.Refusal.Reason;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class AclCommandTest {

    private static final String PUMP =
            "CN=pump-01, OU=cell1, OU=line1, OU=packaging, OU=plant1, O=acme";
    private static final String OWN = "acme/plant1/packaging/line1/cell1/pump-01/temperature";

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @Test
    void saysYesOrNoAndByWhichRule() {
        assertThat(explain(PUMP, OWN, "publish")).isZero();
        assertThat(explain(PUMP, "acme/#", "subscribe")).isEqualTo(1);
        assertThat(explain("CN=x", OWN, "publish")).isEqualTo(1);

        assertThat(out)
                .hasToString(
                        """
                        yes: role publisher-equipment, publish {O}/{OU}/{CN}/#
                        no: its roles [publisher-equipment] allow no subscribe
                        no: the subject has no role
                        """
                                .replace("\n", System.lineSeparator()));
    }

    @Test
    void saysYesToWhatThePageAsks() throws IOException {
        List<MatchResult> asked =
                Pattern.compile("(?m)^ {4,}uns-hub (acl .+)$")
                        .matcher(Files.readString(Path.of("docs/security/mqtt.md")))
                        .results()
                        .toList();

        assertThat(asked).hasSize(2);
        for (MatchResult each : asked) {
            assertThat(UnsHub.commandLine().execute(each.group(1).replace("'", "").split(" ")))
                    .isZero();
        }
    }

    @Test
    void namesEachReasonForARefusalOnThePage() throws IOException {
        assertThat(Path.of("docs/security/mqtt.md"))
                .content()
                .contains(Arrays.stream(Reason.values()).map(r -> "`" + r + "`").toList());
    }

    @Test
    void saysWhatItCannotRead() {
        assertThat(explain("pump 01", OWN, "publish")).isEqualTo(2);
        assertThat(explain(PUMP, OWN, "look")).isEqualTo(2);

        assertThat(err.toString())
                .contains(
                        "uns-hub: pump 01 is no subject; write CN=pump-01,OU=line1,O=acme",
                        "uns-hub: the action is neither publish nor subscribe; give one");
    }

    private int explain(String who, String topic, String action) {
        return UnsHub.commandLine()
                .setOut(new PrintWriter(out))
                .setErr(new PrintWriter(err))
                .execute("acl", "explain", "--who", who, "--topic", topic, "--action", action);
    }
}
