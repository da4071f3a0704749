package io.unshub.quality;

/**
 * How far a reading can be trusted, best first. Where values combine, the worst input wins.
 *
 * <p>The four flags condense OPC UA status codes (OPC 10000-4, 7.39) and PLC response codes to what
 * a consumer acts on.
 */
public enum Quality {
    /** Measured, in range and fresh. */
    GOOD,
    /** Made by a simulator; never sent to a sink that is marked production. */
    SIMULATED,
    /** True once, but older than its tag allows. */
    STALE,
    /** Not a measurement: the source reported a fault, or the value is outside its range. */
    ERROR;

    /** Returns the worse of the two flags. */
    public Quality worst(Quality other) {
        return compareTo(other) >= 0 ? this : other;
    }
}
