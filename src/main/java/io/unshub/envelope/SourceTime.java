package io.unshub.envelope;

import io.unshub.uns.Excerpt;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.format.DateTimeFormatter;
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

    static SourceTime parse(String text) {
        try {
            if (SHAPE.matcher(text).matches()) {
                return new SourceTime(
                        DateTimeFormatter.ISO_OFFSET_DATE_TIME.parse(text, Instant::from), null);
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
