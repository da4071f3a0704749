package io.unshub.ledger;

import java.time.Instant;
import java.util.List;

/**
 * The books at one consistent cut, held against what the queues really contain.
 *
 * @param at when the cut was made
 * @param balanced whether every term is accounted for; false exactly when there are findings
 * @param total the terms summed over all topics
 * @param awaitingIngest published and on disk, but not yet in a transaction: in total as accepted
 *     and as buffered, in no topic's line
 * @param findings what does not balance, each naming topic and range where they can be known
 * @param topics one line per topic
 */
public record LedgerReport(
        Instant at,
        boolean balanced,
        LedgerLine total,
        long awaitingIngest,
        List<String> findings,
        List<LedgerLine> topics) {}
