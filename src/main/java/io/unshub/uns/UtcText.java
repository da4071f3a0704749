package io.unshub.uns;

import com.ethlo.time.ITU;
import java.time.Instant;
import java.time.ZoneOffset;

/** Moments as ISO 8601 text in UTC, to the letter as {@link Instant#toString()} writes them. */
public final class UtcText {

    private static final Instant FIRST = Instant.parse("0000-01-01T00:00:00Z");
    private static final Instant AFTER = Instant.parse("+10000-01-01T00:00:00Z");

    private UtcText() {}

    /**
     * Returns the text, with no digits of a fraction, or three, six or nine. The platform's own
     * takes three times as long, which each reading would have to bear thrice.
     */
    public static String of(Instant moment) {
        // years of more or less than four digits
        if (moment.isBefore(FIRST) || !moment.isBefore(AFTER)) {
            return moment.toString();
        }
        return ITU.formatUtc(moment.atOffset(ZoneOffset.UTC), digits(moment.getNano()));
    }

    private static int digits(int nanos) {
        if (nanos == 0) {
            return 0;
        } else if (nanos % 1_000_000 == 0) {
            return 3;
        }
        return nanos % 1_000 == 0 ? 6 : 9;
    }
}
