package io.unshub.envelope;

import io.unshub.uns.Excerpt;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.regex.Pattern;

/**
 * A source time as text. Either {@code instant} or {@code problem} is null.
 *
 * @param instant the moment
 * @param problem the rule that the text breaks, the text and the next step
 */
record SourceTime(Instant instant, String problem) {

    private static final Pattern SHAPE =
            Pattern.compile(
                    "\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}:\\d{2}(\\.\\d{1,9})?(Z|[+-]\\d{2}:\\d{2})");

    private static final int SECONDS_END = 19;

    static SourceTime parse(String text) {
        try {
            if (SHAPE.matcher(text).matches()) {
                return new SourceTime(instant(text), null);
            }
        } catch (DateTimeException e) {
            return refused(text, "is no date that exists; correct the source's clock or format");
        }
        return refused(
                text,
                hasNoZone(text)
                        ? "has no zone; send UTC with a Z at the end"
                        : "is no ISO 8601 time; send it as 2026-01-31T08:15:30.123Z");
    }

    /** What {@code ISO_OFFSET_DATE_TIME} reads, whose parser costs as much as the schema check. */
    private static Instant instant(String text) {
        int zone = text.endsWith("Z") ? text.length() - 1 : text.length() - 6;
        int nanos = 0;
        if (zone > SECONDS_END) {
            nanos = number(text, SECONDS_END + 1, zone);
            for (int i = zone - SECONDS_END; i <= 9; i++) {
                nanos *= 10;
            }
        }
        return LocalDateTime.of(
                        number(text, 0, 4),
                        number(text, 5, 7),
                        number(text, 8, 10),
                        number(text, 11, 13),
                        number(text, 14, 16),
                        number(text, 17, SECONDS_END),
                        nanos)
                .toInstant(ZoneOffset.of(text.substring(zone)));
    }

    private static int number(String text, int from, int to) {
        return Integer.parseInt(text, from, to, 10);
    }

    private static boolean hasNoZone(String text) {
        try {
            return LocalDateTime.parse(text) != null;
        } catch (DateTimeException e) {
            return false;
        }
    }

    private static SourceTime refused(String text, String why) {
        return new SourceTime(null, "tsUtc \"" + Excerpt.of(text) + "\" " + why);
    }
}
