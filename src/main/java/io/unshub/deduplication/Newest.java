package io.unshub.deduplication;

import io.unshub.envelope.MessageIds;
import io.unshub.envelope.Reading;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.function.LongSupplier;

/**
 * Knows of most readings that the hub collected that they come for the first time, without a look
 * into the table: the {@link MessageIds} of those stand for the source time, too, and one that is
 * newer than all that came on its topic has an id that none of them had.
 *
 * <p>It says so only once it has seen all that came within the window. Not thread-safe.
 */
final class Newest {

    /** Topics beyond which it begins anew, so that a hostile publisher cannot fill memory. */
    private static final int MOST_TOPICS = 200_000;

    private final Duration window;
    private final LongSupplier nanos;
    private final Map<String, Instant> byTopic = new HashMap<>();
    private boolean hasSeenAll;
    private Instant since;
    private long sinceNanos;

    /**
     * @param window how long a reading is remembered
     * @param fromTheStart whether nothing came before
     * @param nanos goes on whatever becomes of the clock
     */
    Newest(Duration window, boolean fromTheStart, LongSupplier nanos) {
        this.nanos = nanos;
        this.window = window;
        this.hasSeenAll = fromTheStart;
    }

    /** Takes note of a valid reading. Returns whether it is sure to come for the first time. */
    boolean isFirst(Reading reading) {
        if (byTopic.size() >= MOST_TOPICS && !byTopic.containsKey(reading.topic())) {
            byTopic.clear();
            hasSeenAll = false;
            since = null;
        }
        Instant time = reading.envelope().tsUtc();
        Instant before = byTopic.get(reading.topic());
        boolean newer = before == null || time.isAfter(before);
        if (newer) {
            byTopic.put(reading.topic(), time);
        }
        return reading.made() != null && hasSeenAll(reading.acceptedUtc()) && newer;
    }

    private boolean hasSeenAll(Instant now) {
        if (!hasSeenAll) {
            long nanosNow = nanos.getAsLong();
            if (since == null) {
                since = now;
                sinceNanos = nanosNow;
            }
            // a clock that is set ahead has not seen the time between
            hasSeenAll =
                    isOver(Duration.between(since, now))
                            && isOver(Duration.ofNanos(nanosNow - sinceNanos));
        }
        return hasSeenAll;
    }

    private boolean isOver(Duration time) {
        return time.compareTo(window) > 0;
    }
}
