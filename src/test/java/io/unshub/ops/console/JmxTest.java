package io.unshub.ops.console;

import static org.assertj.core.api.Assertions.assertThat;

import io.unshub.ops.AuditFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JmxTest {

    private static final Account VIEWER = new Account("ann", Role.VIEWER);
    private static final String ROUTE =
            "org.apache.camel:context=uns-hub,type=routes,name=\\\"score\\\"";

    @TempDir private Path data;

    private Instant now = Instant.parse("2026-03-01T12:00:00Z");
    private Jmx jmx;

    @BeforeEach
    void make() {
        jmx = new Jmx(AuditFile.in(data, () -> now), () -> now);
    }

    @Test
    void writesWhatAViewerMayNotDownAsRefused() throws Exception {
        String answer = ask(VIEWER, exec("stop()"));

        assertThat(answer).contains("\"status\":403");
        assertThat(audit())
                .singleElement()
                .asString()
                .contains("\"who\":\"ann\"", "\"outcome\":\"refused\"", "\"role\":\"viewer\"");
    }

    @Test
    void writesWhatAnOperatorOrdersDownBeforeItIsDone() throws Exception {
        ask(new Account("bob", Role.OPERATOR), exec("stop()"));

        assertThat(audit())
                .singleElement()
                .asString()
                .contains("\"who\":\"bob\"", "\"outcome\":\"ordered\"");
    }

    @Test
    void writesWhatNobodyMayDownAsRefused() throws Exception {
        Account operator = new Account("bob", Role.OPERATOR);
        ask(
                operator,
                "{\"type\":\"write\",\"mbean\":\"java.lang:type=Memory\",\"attribute\":\"Verbose\",\"value\":true}");
        ask(operator, exec("updateRouteFromXml(java.lang.String)"));

        assertThat(audit()).hasSize(2).allMatch(line -> line.contains("\"outcome\":\"refused\""));
    }

    @Test
    void doesNotLetAViewerFillTheDisk() throws Exception {
        String many = "[" + (exec("stop()") + ",").repeat(999) + exec("stop()") + "]";
        ask(VIEWER, many);
        ask(VIEWER, many);

        assertThat(audit()).hasSize(20);
        now = now.plusSeconds(60);
        ask(VIEWER, many);
        assertThat(audit()).hasSize(40);
    }

    @Test
    void writesNothingDownWhereSomebodyLooks() throws Exception {
        ask(VIEWER, exec("dumpRouteAsXml()"));
        ask(VIEWER, "{\"type\":\"version\"}");

        assertThat(data.resolve(AuditFile.NAME)).doesNotExist();
    }

    private static String exec(String operation) {
        return "{\"type\":\"exec\",\"mbean\":\"%s\",\"operation\":\"%s\"}"
                .formatted(ROUTE, operation);
    }

    private String ask(Account account, String body) throws Exception {
        return jmx.answer(account, body.getBytes(StandardCharsets.UTF_8), Map.of());
    }

    private List<String> audit() throws Exception {
        return Files.readAllLines(data.resolve(AuditFile.NAME));
    }
}
