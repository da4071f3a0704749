package io.unshub.ops;

import io.quarkus.logging.LoggingFilter;
import io.unshub.uns.Excerpt;
import io.unshub.uns.Ration;
import java.util.List;
import java.util.logging.Filter;
import java.util.logging.Formatter;
import java.util.logging.LogRecord;
import org.jboss.logmanager.ExtLogRecord;
import org.jboss.logmanager.formatters.PatternFormatter;

/**
 * Keeps what comes from outside from acting through the log, whoever logs it. Control characters
 * are written out, so that it cannot begin a line of its own, nor act on a terminal. Of the
 * libraries that strangers speak with, a line is short, and {@value #EACH} of a kind are written
 * within a minute, so that it cannot fill the disk; what the broker says of a packet has no trace,
 * as it tells nothing but where the broker looked. Threads: any.
 */
@LoggingFilter(name = "printable")
public final class PrintableLog implements Filter {

    private static final Formatter MESSAGE = new PatternFormatter("%s");
    private static final int EACH = 20;
    private static final int LONGEST = 1_000;
    private static final List<String> SPEAK_WITH_STRANGERS =
            List.of("org.apache.activemq.", "io.netty.", "io.quarkus.", "io.vertx.");
    private static final String OF_PACKETS = "org.apache.activemq.artemis.core.protocol.";

    private final Ration ration = new Ration(EACH);

    // a record comes by once for each handler
    private enum Seen {
        WRITTEN,
        LEFT_OUT
    }

    @Override
    public boolean isLoggable(LogRecord record) {
        if (record instanceof ExtLogRecord extended && isOfStrangers(record.getLoggerName())) {
            if (!(extended.getMarker() instanceof Seen)) {
                extended.setMarker(bounded(extended));
            }
            return extended.getMarker() != Seen.LEFT_OUT;
        }
        String message = MESSAGE.format(record);
        show(record, message, Excerpt.printable(message));
        record.setThrown(Shown.of(record.getThrown()));
        return true;
    }

    private static boolean isOfStrangers(String logger) {
        return logger != null && SPEAK_WITH_STRANGERS.stream().anyMatch(logger::startsWith);
    }

    private Seen bounded(ExtLogRecord record) {
        String message = MESSAGE.format(record);
        // the rest may be what the stranger sent
        String kind = record.getLoggerName() + " " + message.split(" ", 2)[0];
        Ration.Share share = ration.take(kind, record.getInstant());
        if (share == Ration.Share.NONE) {
            return Seen.LEFT_OUT;
        }
        Throwable failure = record.getThrown();
        String shown = Excerpt.printable(message, LONGEST);
        if (failure != null && record.getLoggerName().startsWith(OF_PACKETS)) {
            shown += ": " + Excerpt.printable(failure.toString(), LONGEST);
            failure = null;
        }
        if (share == Ration.Share.LAST) {
            shown += "; more like it within this minute are left out";
        }
        show(record, message, shown);
        record.setThrown(Shown.of(failure));
        return Seen.WRITTEN;
    }

    private static void show(LogRecord record, String message, String shown) {
        if (shown.equals(message)) {
            return;
        }
        if (record instanceof ExtLogRecord extended) {
            extended.setMessage(shown, ExtLogRecord.FormatStyle.NO_FORMAT);
        } else {
            record.setMessage(shown);
            record.setParameters(null);
        }
    }

    /** A failure whose message has such characters, as it is shown. */
    private static final class Shown extends Throwable {

        private static final long serialVersionUID = 1L;

        private Shown(Throwable failure, Throwable cause) {
            super(Excerpt.printable(failure.toString()), cause, false, true);
            setStackTrace(failure.getStackTrace());
        }

        /** The failure itself where there is nothing to write out in it. */
        static Throwable of(Throwable failure) {
            if (failure == null) {
                return null;
            }
            Throwable cause = failure.getCause() == failure ? null : of(failure.getCause());
            String text = failure.toString();
            return cause == failure.getCause() && text.equals(Excerpt.printable(text))
                    ? failure
                    : new Shown(failure, cause);
        }

        @Override
        public String toString() {
            return getMessage();
        }
    }
}
