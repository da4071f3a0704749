package io.unshub.collect;

import java.time.Duration;
import java.util.random.RandomGenerator;

/**
 * Waits between attempts: the ceiling doubles up to the maximum, and the wait is drawn evenly
 * between the minimum and the ceiling, so that many clients do not come back at once. Not for use
 * by several threads.
 */
final class Backoff {

    private final Duration min;
    private final Duration max;
    private final RandomGenerator random;
    private Duration ceiling;

    Backoff(Duration min, Duration max, RandomGenerator random) {
        this.min = min;
        this.max = max;
        this.random = random;
        this.ceiling = min;
    }

    Duration next() {
        ceiling = ceiling.multipliedBy(2);
        if (ceiling.compareTo(max) > 0) {
            ceiling = max;
        }
        long spread = Math.max(0, ceiling.minus(min).toNanos());
        return min.plusNanos((long) (random.nextDouble() * spread));
    }

    void reset() {
        ceiling = min;
    }
}
