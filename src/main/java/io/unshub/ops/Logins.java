package io.unshub.ops;

import jakarta.inject.Singleton;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;

/** What came of the logins to the console, since the start. Threads: any. */
@Singleton
public final class Logins {

    private final Map<Outcome, LongAdder> counts = new EnumMap<>(Outcome.class);

    /** What came of one. */
    public enum Outcome {
        /** Name and password were right. */
        SUCCEEDED,
        /** One of them was wrong. */
        FAILED,
        /** It was not looked at, after too many that failed. */
        DELAYED
    }

    /** None yet. */
    public Logins() {
        for (Outcome outcome : Outcome.values()) {
            counts.put(outcome, new LongAdder());
        }
    }

    /** Counts one. */
    public void count(Outcome outcome) {
        counts.get(outcome).increment();
    }

    /** How many there were. */
    public long counted(Outcome outcome) {
        return counts.get(outcome).sum();
    }
}
