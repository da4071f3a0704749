package io.unshub.uns;

import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;

/**
 * How many of a kind there were within a minute, so that what comes from outside does not decide
 * how much is written. Beyond {@value #MOST_KINDS} kinds in a minute the rest are one. Threads:
 * any.
 */
public final class Ration {

    private static final int MOST_KINDS = 1_000;
    private static final String OTHERS = "(others)";
    private static final Duration MINUTE = Duration.ofMinutes(1);

    private final int each;
    private final Map<String, Integer> counts = new HashMap<>();
    private Instant minute = Instant.MIN;

    /** What becomes of one. */
    public enum Share {
        /** It is within the ration. */
        ONE,
        /** It is the last that is, until the minute is over. */
        LAST,
        /** It is beyond it. */
        NONE
    }

    /**
     * @param each how many of a kind are within the ration, for a minute
     */
    public Ration(int each) {
        this.each = each;
    }

    /** Takes one of a kind. */
    public synchronized Share take(String kind, Instant now) {
        if (!minute.plus(MINUTE).isAfter(now) || minute.isAfter(now)) {
            minute = now;
            counts.clear();
        }
        String known = counts.containsKey(kind) || counts.size() < MOST_KINDS ? kind : OTHERS;
        int count = counts.merge(known, 1, (before, one) -> Math.min(before + one, each + 1));
        if (count > each) {
            return Share.NONE;
        }
        return count == each ? Share.LAST : Share.ONE;
    }
}
