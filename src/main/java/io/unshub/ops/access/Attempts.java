package io.unshub.ops.access;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;

/**
 * Slows down who guesses: from the fifth failure in a row on an account, or an address, is closed
 * for a second, then for twice as long after each failure, a minute at most. Beyond ten thousand
 * that fail, the rest are counted as one. Threads: any.
 */
public final class Attempts {

    private static final int FREE = 4;
    private static final Duration LONGEST = Duration.ofMinutes(1);
    private static final Duration FORGOTTEN = Duration.ofMinutes(15);
    private static final int MOST_DOUBLINGS = 6;
    private static final int MOST = 10_000;
    private static final String OTHERS = "(others)";

    private final InstantSource clock;
    private final Map<String, Failures> failures = new HashMap<>();

    private record Failures(int count, Instant last) {}

    /**
     * @param clock tells when an attempt was made
     */
    public Attempts(InstantSource clock) {
        this.clock = clock;
    }

    /**
     * Counts an attempt, as a failed one until it has succeeded: many at once are many.
     *
     * @return how long the account is still closed, and the attempt must not be made; zero where it
     *     may
     */
    public synchronized Duration begin(String who) {
        String account = known(who);
        Duration closed = closed(account);
        if (closed.isZero()) {
            Instant now = clock.instant();
            failures.values().removeIf(known -> known.last().plus(FORGOTTEN).isBefore(now));
            failures.merge(
                    account,
                    new Failures(1, now),
                    (known, one) -> new Failures(known.count() + 1, now));
        }
        return closed;
    }

    private Duration closed(String account) {
        Failures known = failures.get(account);
        if (known == null || known.count() <= FREE) {
            return Duration.ZERO;
        }
        long seconds = 1L << Math.min(MOST_DOUBLINGS, known.count() - FREE - 1);
        Instant opens = known.last().plusSeconds(Math.min(LONGEST.toSeconds(), seconds));
        Duration left = Duration.between(clock.instant(), opens);
        return left.isNegative() ? Duration.ZERO : left;
    }

    private String known(String who) {
        return failures.containsKey(who) || failures.size() < MOST ? who : OTHERS;
    }

    /** Forgets the failures of an account. */
    public synchronized void succeeded(String who) {
        failures.remove(known(who));
    }
}
