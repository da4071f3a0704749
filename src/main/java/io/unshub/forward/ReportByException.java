package io.unshub.forward;

import io.unshub.collect.Tag;
import io.unshub.envelope.Reading;
import java.math.BigDecimal;
import java.math.MathContext;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Function;

/**
 * Tells which readings say nothing new, by the {@code report} of their tags.
 *
 * <p>A reading is reported if it is the first of its topic, if its quality or the kind of its value
 * differs from the last one that was reported, if its number differs by more than the deadband (a
 * value of another kind: at all), or if the longest interval is over; but for the first two not
 * before the shortest interval is over. Times are source times. After a restart the next reading is
 * the first.
 *
 * <p>Threads: any. A batch that was rolled back comes again: a reading whose hubSeq is not above
 * that of the last reported one is reported, and what follows is measured against it again.
 */
final class ReportByException {

    /**
     * Exact for any two readings that differ by less than their own size; without a limit,
     * 1e500000000 less 1 would be written out, and the data path would wait for it.
     */
    private static final MathContext DIGITS = new MathContext(2_100);

    private final Function<String, Tag> tags;
    private final Map<String, Reported> reported = new HashMap<>();

    private record Reported(long hubSeq, String quality, Object value, Instant at) {}

    /**
     * @param tags gives a topic's tag, or null
     */
    ReportByException(Function<String, Tag> tags) {
        this.tags = tags;
    }

    /** Whether the reading may be kept back; if not, it is the last reported one from now on. */
    boolean saysNothingNew(Reading reading) {
        Tag tag = tags.apply(reading.topic());
        if (tag == null || tag.report() == null || reading.envelope() == null) {
            return false;
        }
        Reported now =
                new Reported(
                        reading.hubSeq(),
                        reading.quality().name(),
                        value(reading),
                        reading.envelope().tsUtc());
        synchronized (reported) {
            Reported last = reported.get(reading.topic());
            if (last != null && now.hubSeq() > last.hubSeq() && sameAs(last, now, tag.report())) {
                return true;
            }
            reported.put(reading.topic(), now);
            return false;
        }
    }

    private static Object value(Reading reading) {
        return reading.envelope().value().isNumber()
                ? reading.envelope().value().decimalValue()
                : reading.envelope().value();
    }

    private static boolean sameAs(Reported last, Reported now, Tag.Report rule) {
        if (!now.quality().equals(last.quality())
                || now.value().getClass() != last.value().getClass()) {
            return false;
        }
        Duration since = Duration.between(last.at(), now.at());
        if (since.isNegative()) {
            return false; // replayed, or a clock that was set back
        }
        if (since.compareTo(rule.minInterval()) < 0) {
            return true;
        }
        if (rule.maxInterval() != null && since.compareTo(rule.maxInterval()) >= 0) {
            return false;
        }
        return now.value() instanceof BigDecimal number
                ? number.subtract((BigDecimal) last.value(), DIGITS)
                                .abs()
                                .compareTo(rule.deadband())
                        <= 0
                : now.value().equals(last.value());
    }
}
