package io.unshub.ops;

import io.unshub.uns.Tally;
import jakarta.inject.Singleton;

/** What came of the logins to the console, since the start. Threads: any. */
@Singleton
public final class Logins {

    private final Tally<Outcome> counts = new Tally<>();

    /** What came of one. */
    public enum Outcome {
        /** Name and password were right. */
        SUCCEEDED,
        /** One of them was wrong. */
        FAILED,
        /** It was not looked at, after too many that failed. */
        DELAYED
    }

    /** Counts one. */
    public void count(Outcome outcome) {
        counts.count(outcome);
    }

    /** How many there were. */
    public long counted(Outcome outcome) {
        return counts.of(outcome);
    }
}
