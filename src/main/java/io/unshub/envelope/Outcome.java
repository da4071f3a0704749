package io.unshub.envelope;

/** Where a reading went: each accepted reading ends with exactly one of these, or still waits. */
public enum Outcome {
    /** In the store-and-forward buffer; the one outcome that is not final. */
    BUFFERED,
    /** Acknowledged by the far side. */
    FORWARDED,
    /** Set aside with a reason, replayable. */
    DEAD_LETTERED,
    /** Put back to the ingest queue by a replay, where it is accepted anew. */
    REPLAYED,
    /** Kept on the plant by a rule that an engineer wrote. */
    WITHHELD,
    /** The same reading had been accepted before. */
    DEDUPLICATED,
    /** Dropped by an explicit eviction policy. */
    EVICTED
}
