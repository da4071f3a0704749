package io.unshub.ledger;

/**
 * A place where a topic's chain of readings does not hold.
 *
 * @param kind what is wrong
 * @param from first hubSeq concerned
 * @param to last hubSeq concerned, inclusive
 */
public record Break(Kind kind, long from, long to) {

    /** What a break in the chain means. The ordinals are stored: only ever append. */
    public enum Kind {
        /** Entered the buffer but did not come out between its neighbours. */
        MISSING,
        /** Came out of the buffer more than once. */
        REPEATED
    }

    @Override
    public String toString() {
        return (kind == Kind.MISSING ? "missing" : "repeated")
                + (from == to ? " hubSeq " + from : " hubSeq " + from + " to " + to);
    }
}
