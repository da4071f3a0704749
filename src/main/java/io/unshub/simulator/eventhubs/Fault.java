package io.unshub.simulator.eventhubs;

/** What can be made to go wrong on command, until it is cleared. */
public enum Fault {
    /** Nothing: everything works. */
    NONE,
    /** Every send is refused with {@code com.microsoft:server-busy}. */
    SERVER_BUSY,
    /** A send above 8 kB is refused as too large, whatever the link said. */
    SMALL,
    /** A send with the word {@code poison} in it is refused with {@code argument-error}. */
    POISON,
    /** Every send detaches its link. */
    DETACH,
    /** Every send closes its connection without a word. */
    DROP,
    /** Nothing is answered any more: sends, requests and new links wait. */
    SILENCE,
    /** Every token is refused with 401. */
    UNAUTHORIZED
}
