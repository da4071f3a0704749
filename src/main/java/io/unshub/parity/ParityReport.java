package io.unshub.parity;

import java.time.Instant;
import java.util.List;

/**
 * The ledger against Event Hubs.
 *
 * @param from the first hour of acceptance that was compared
 * @param at the ledger's cut; what was forwarded later is left out
 * @param equal whether each topic and hour has all its readings, once and in order
 * @param forwarded readings that the ledger counts as forwarded
 * @param arrived different readings found at Event Hubs
 * @param missing counted but not found
 * @param unknown found but not counted
 * @param repeated found again
 * @param outOfOrder found behind a later reading of their topic
 * @param foreign events that no hub wrote; left out
 * @param hours the sums by hour of acceptance, oldest first
 * @param differences the topics and hours that are not equal
 */
public record ParityReport(
        Instant from,
        Instant at,
        boolean equal,
        long forwarded,
        long arrived,
        long missing,
        long unknown,
        long repeated,
        long outOfOrder,
        long foreign,
        List<Line> hours,
        List<Line> differences) {

    /**
     * One hour, of one topic or of all.
     *
     * @param topic the topic; null for all
     * @param hour its beginning
     * @param forwarded readings that the ledger counts as forwarded
     * @param arrived different readings found at Event Hubs
     * @param missing counted but not found
     * @param unknown found but not counted
     * @param repeated found again
     * @param outOfOrder found behind a later reading of their topic
     * @param gaps of a topic with missing readings: the numbers that did not arrive, first to last,
     *     at most ten ranges; some may be dead letters
     */
    public record Line(
            String topic,
            Instant hour,
            long forwarded,
            long arrived,
            long missing,
            long unknown,
            long repeated,
            long outOfOrder,
            List<String> gaps) {

        boolean equal() {
            return missing == 0 && unknown == 0 && repeated == 0 && outOfOrder == 0;
        }
    }
}
