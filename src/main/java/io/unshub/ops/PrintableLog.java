package io.unshub.ops;

import io.quarkus.logging.LoggingFilter;
import io.unshub.uns.Excerpt;
import java.util.logging.Filter;
import java.util.logging.Formatter;
import java.util.logging.LogRecord;
import org.jboss.logmanager.ExtLogRecord;
import org.jboss.logmanager.formatters.PatternFormatter;

/**
 * Writes control characters out in every line of the log, whoever logs it: what comes from outside
 * cannot begin a line of its own, nor act on a terminal. Threads: any.
 */
@LoggingFilter(name = "printable")
public final class PrintableLog implements Filter {

    private static final Formatter MESSAGE = new PatternFormatter("%s");

    @Override
    public boolean isLoggable(LogRecord record) {
        String message = MESSAGE.format(record);
        String shown = Excerpt.printable(message);
        if (!shown.equals(message)) {
            if (record instanceof ExtLogRecord extended) {
                extended.setMessage(shown, ExtLogRecord.FormatStyle.NO_FORMAT);
            } else {
                record.setMessage(shown);
                record.setParameters(null);
            }
        }
        record.setThrown(Shown.of(record.getThrown()));
        return true;
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
