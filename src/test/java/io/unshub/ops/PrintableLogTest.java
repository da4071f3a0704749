package io.unshub.ops;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.logging.LogRecord;
import org.jboss.logmanager.ExtLogRecord;
import org.jboss.logmanager.Level;
import org.jboss.logmanager.formatters.PatternFormatter;
import org.junit.jupiter.api.Test;

class PrintableLogTest {

    private static final String EVIL = "a/b\r\n2026-01-01 00:00:00 INFO  all is well\u001b[2J";
    private static final String SHOWN =
            "a/b\\u000D\\u000A2026-01-01 00:00:00 INFO  all is well\\u001B[2J";

    private static final Instant NOON = Instant.parse("2026-03-01T12:00:00Z");

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

    @Test
    void writesOneShortLineForAPacketThatTheBrokerCannotTake() {
        ExtLogRecord record = ofTheBroker("AMQ834002: Error processing control packet: " + EVIL);
        record.setMessage(
                record.getMessage() + "x".repeat(4_000_000), ExtLogRecord.FormatStyle.NO_FORMAT);
        record.setThrown(new IllegalStateException("no session" + EVIL));

        assertThat(log.isLoggable(record)).isTrue();

        assertThat(record.getMessage())
                .contains("control packet: " + SHOWN)
                .endsWith(": java.lang.IllegalStateException: no session" + SHOWN)
                .hasSizeLessThan(3_000);
        assertThat(record.getThrown()).isNull();
    }

    @Test
    void doesNotLetThePacketsOfAStrangerFillTheDisk() {
        List<String> written = new ArrayList<>();
        for (int i = 0; i < 10_000; i++) {
            ExtLogRecord record = ofTheBroker("AMQ834002: Error processing control packet: " + i);
            record.setInstant(NOON.plusMillis(i));
            // the console and a file
            boolean first = log.isLoggable(record);
            assertThat(log.isLoggable(record)).isEqualTo(first);
            if (first) {
                written.add(record.getMessage());
            }
        }
        ExtLogRecord other = ofTheBroker("AMQ222010: Critical IO Error");
        other.setInstant(NOON.plusSeconds(20));
        ExtLogRecord later = ofTheBroker("AMQ834002: Error processing control packet: later");
        later.setInstant(NOON.plusSeconds(60));

        assertThat(written).hasSize(20);
        assertThat(written.get(18)).endsWith(": 18");
        assertThat(written.get(19)).endsWith("; more like it within this minute are left out");
        assertThat(log.isLoggable(other)).isTrue();
        assertThat(log.isLoggable(later)).isTrue();
    }

    @Test
    void leavesTheLinesOfTheHubAndOfAnEngineersRoutesUncounted() {
        for (int i = 0; i < 100; i++) {
            assertThat(log.isLoggable(new ExtLogRecord(Level.INFO, "a line", "my-route"))).isTrue();
        }
    }

    private static ExtLogRecord ofTheBroker(String message) {
        ExtLogRecord record =
                new ExtLogRecord(Level.ERROR, message, ExtLogRecord.FormatStyle.NO_FORMAT, "slf4j");
        record.setLoggerName("org.apache.activemq.artemis.core.protocol.mqtt");
        return record;
    }
}
