package io.unshub.ledger;

import java.time.Instant;
import java.util.List;
import java.util.SortedMap;

/**
 * What became of the readings of one topic, by the hour in which the hub accepted them.
 *
 * @param topic the topic
 * @param lastForwardedSeq the hubSeq that left the buffer last; what is higher was under way
 * @param lastLiveForwardedSeq the same of readings that travel beside their lane
 * @param hours oldest first; an hour without readings is not among them
 */
public record TopicHours(
        String topic, long lastForwardedSeq, long lastLiveForwardedSeq, List<Hour> hours) {

    /**
     * The readings that were accepted in one hour. Each is counted once it has gone that way, in
     * whatever hour that was.
     *
     * @param hour its beginning
     * @param accepted taken into a transaction, replayed ones once more; also what the hub made
     * @param forwarded acknowledged by the far side
     * @param deadLettered set aside, ever
     * @param withheld kept on the plant by a rule
     * @param deduplicated accepted before
     */
    public record Hour(
            Instant hour,
            long accepted,
            long forwarded,
            long deadLettered,
            long withheld,
            long deduplicated) {}

    static TopicHours of(String topic, Account books, SortedMap<Long, Account> hours) {
        return new TopicHours(
                topic,
                books.get(Account.Column.LAST_DEQUEUED),
                books.get(Account.Column.LAST_LIVE_DEQUEUED),
                hours.entrySet().stream()
                        .map(
                                hour ->
                                        new Hour(
                                                Instant.ofEpochSecond(hour.getKey() * 3_600),
                                                hour.getValue().get(Account.Column.ACCEPTED)
                                                        + hour.getValue()
                                                                .get(Account.Column.GENERATED),
                                                hour.getValue().get(Account.Column.FORWARDED),
                                                hour.getValue().rejected(),
                                                hour.getValue().get(Account.Column.WITHHELD),
                                                hour.getValue().get(Account.Column.DEDUPLICATED)))
                        .toList());
    }
}
