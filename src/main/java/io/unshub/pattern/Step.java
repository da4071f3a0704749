package io.unshub.pattern;

import io.unshub.envelope.Batch;

/** One thing that is done to each reading of a batch. */
public interface Step {

    /**
     * Does it: changes readings, takes some out, or puts others in.
     *
     * @param batch its readings, each with its envelope; may be empty, so that what waits for a
     *     time comes to its turn
     * @param hand of the route that the batch is in
     * @throws InterruptedException if the hub stops meanwhile
     */
    void apply(Batch batch, Hand hand) throws InterruptedException;

    /** Whether it holds readings, and so must see them in batches. */
    default boolean holds() {
        return false;
    }
}
