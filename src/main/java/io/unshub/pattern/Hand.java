package io.unshub.pattern;

import io.unshub.envelope.Reading;
import java.util.function.Supplier;

/**
 * What a route has in hand. A reading that is held stays in its durable subscription when a batch
 * commits, and comes again after a crash; so what is made of it and its leaving the subscription
 * are one transaction.
 */
public interface Hand {

    /** Keeps a reading. */
    void hold(Reading reading);

    /** Lets the next commit take a held reading out of its subscription. */
    void release(Reading reading);

    /** Counts readings that came too late for what a step does. */
    void late(long readings);

    /**
     * What a step remembers of the readings that it holds. When they are put back it is forgotten,
     * as they come again.
     *
     * @param step whose it is
     * @param type of what is remembered
     * @param first makes it
     */
    <T> T state(Step step, Class<T> type, Supplier<T> first);
}
