package io.unshub.ops;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.logging.LogRecord;
import org.jboss.logmanager.ExtLogRecord;
import org.jboss.logmanager.Level;
import org.jboss.logmanager.formatters.PatternFormatter;
import org.junit.jupiter.api.Test;

class PrintableLogTest {

    private static final String EVIL = "a/b\r\n2026-01-01 00:00:00 INFO  all is well\u001b[2J";
    private static final String SHOWN =
            "a/b\\u000D\\u000A2026-01-01 00:00:00 INFO  all is well\\u001B[2J";

    private final PrintableLog log = new PrintableLog();

    @Test
    void writesOutWhatWouldBeginALineOrActOnATerminal() {
        ExtLogRecord record =
                new ExtLogRecord(
                        Level.WARN, "reading on %s", ExtLogRecord.FormatStyle.PRINTF, "io.unshub");
        record.setParameters(new Object[] {EVIL});

        assertThat(log.isLoggable(record)).isTrue();

        assertThat(new PatternFormatter("%s").format(record)).isEqualTo("reading on " + SHOWN);
    }

    @Test
    void writesItOutInTheMessagesOfAFailureAndKeepsItsTrace() {
        IllegalStateException failure =
                new IllegalStateException("outer", new IllegalArgumentException(EVIL));
        LogRecord record = new ExtLogRecord(Level.ERROR, "it failed", "io.unshub");
        record.setThrown(failure);

        log.isLoggable(record);

        StringWriter trace = new StringWriter();
        record.getThrown().printStackTrace(new PrintWriter(trace));
        assertThat(trace.toString())
                .contains("Caused by: java.lang.IllegalArgumentException: " + SHOWN)
                .contains("at " + PrintableLogTest.class.getName())
                .doesNotContain("\u001b", "\r");
    }

    @Test
    void leavesEverythingElseAsItIs() {
        Exception failure = new IllegalStateException("plain");
        ExtLogRecord record =
                new ExtLogRecord(
                        Level.WARN, "%d %% of é", ExtLogRecord.FormatStyle.PRINTF, "io.unshub");
        record.setParameters(new Object[] {80});
        record.setThrown(failure);

        log.isLoggable(record);

        assertThat(new PatternFormatter("%s").format(record)).isEqualTo("80 % of é");
        assertThat(record.getThrown()).isSameAs(failure);
    }
}
