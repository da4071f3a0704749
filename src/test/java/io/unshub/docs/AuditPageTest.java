package io.unshub.docs;

import static org.assertj.core.api.Assertions.assertThat;

import io.unshub.ops.AuditEvent;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The page on the audit trail has each event once, with the test that shows it. */
class AuditPageTest {

    private static final Path PAGE = Path.of("docs/security/audit.md");
    private static final Pattern ROW =
            Pattern.compile("(?m)^\\| [a-zA-Z ',]+ \\| (`.+`) \\| (`\\w+#.+`) \\|$");

    @Test
    void showsWhatCoversEachEvent() throws IOException {
        Cited cited = new Cited();
        List<String> covered = new ArrayList<>();
        Matcher rows = ROW.matcher(Files.readString(PAGE));
        while (rows.find()) {
            covered.addAll(List.of(rows.group(1).replace("`", "").split(", ")));
            cited.check(rows.group(2));
        }

        assertThat(covered)
                .containsExactlyInAnyOrderElementsOf(
                        Arrays.stream(AuditEvent.values()).map(AuditEvent::word).toList());
    }
}
