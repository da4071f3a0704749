package io.unshub.envelope;

import java.time.Duration;

/**
 * What a reading may measure.
 *
 * @param maxBytes size of the payload
 * @param maxPast how far the source time may lie behind the hub's clock; never before the year 2000
 *     in any case
 * @param maxFuture how far the source time may run ahead of the hub's clock
 */
public record Limits(int maxBytes, Duration maxPast, Duration maxFuture) {

    /** A longer span is a slip of units, and would leave the range of the clock. */
    private static final Duration LONGEST = Duration.ofDays(36_500);

    /** 256 KiB, ten years, five minutes. */
    public static final Limits DEFAULT =
            new Limits(262_144, Duration.ofDays(3_650), Duration.ofMinutes(5));

    public Limits {
        if (maxBytes < 1 || !isSpan(maxPast) || !isSpan(maxFuture)) {
            throw new IllegalArgumentException(
                    "limits are "
                            + maxBytes
                            + " bytes, "
                            + maxPast
                            + " past, "
                            + maxFuture
                            + " future; need 1 byte or more and times from 0 to "
                            + LONGEST.toDays()
                            + " days");
        }
    }

    private static boolean isSpan(Duration time) {
        return !time.isNegative() && time.compareTo(LONGEST) <= 0;
    }
}
