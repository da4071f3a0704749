package io.unshub.ledger;

import java.util.List;

/**
 * The promise's terms for one topic, as the ledger counts them.
 *
 * @param topic the topic
 * @param accepted acknowledged to its sender and taken into a transaction; a replayed reading
 *     counts on the topic that it was replayed to
 * @param generated made by the hub itself
 * @param forwarded acknowledged by the far side
 * @param deadLettered set aside with a reason, and not replayed or evicted since
 * @param buffered should be in the buffer now
 * @param riding of those, in the message of another reading
 * @param withheld kept on the plant by a rule
 * @param deduplicated accepted before
 * @param evicted dropped by an explicit policy
 * @param unaccounted came in but took none of these ways: a fault of the hub
 * @param lastHubSeq the highest sequence number given out
 * @param lastEnqueuedSeq the sequence number that entered the buffer last
 * @param lastForwardedSeq the sequence number that left the buffer last
 * @param lastLiveEnqueuedSeq the same of readings that travel beside their lane
 * @param lastLiveForwardedSeq the same of readings that travel beside their lane
 * @param breaks where the chain of this topic does not hold
 */
public record LedgerLine(
        String topic,
        long accepted,
        long generated,
        long forwarded,
        long deadLettered,
        long buffered,
        long riding,
        long withheld,
        long deduplicated,
        long evicted,
        long unaccounted,
        long lastHubSeq,
        long lastEnqueuedSeq,
        long lastForwardedSeq,
        long lastLiveEnqueuedSeq,
        long lastLiveForwardedSeq,
        List<Break> breaks) {

    static LedgerLine of(String topic, Account account) {
        return new LedgerLine(
                topic,
                account.accepted(),
                account.get(Account.Column.GENERATED),
                account.get(Account.Column.FORWARDED),
                account.deadLettered(),
                account.buffered(),
                account.get(Account.Column.RIDING),
                account.get(Account.Column.WITHHELD),
                account.get(Account.Column.DEDUPLICATED),
                account.evicted(),
                account.unaccounted(),
                account.get(Account.Column.LAST_SEQ),
                account.get(Account.Column.LAST_ENQUEUED),
                account.get(Account.Column.LAST_DEQUEUED),
                account.get(Account.Column.LAST_LIVE_ENQUEUED),
                account.get(Account.Column.LAST_LIVE_DEQUEUED),
                account.breaks());
    }
}
