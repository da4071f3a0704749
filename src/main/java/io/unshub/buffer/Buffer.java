package io.unshub.buffer;

import io.unshub.ledger.Ledger;
import java.time.InstantSource;

/**
 * The way in to the broker's queues for the routes: each consumer opens a unit of work of its own.
 *
 * <p>Threads: any. Failure: {@link #open} throws when the broker is not running.
 */
public final class Buffer {

    private final Broker broker;
    private final Ledger ledger;
    private final LedgerJournal journal;
    private final InstantSource clock;

    /** A buffer on the given broker, counted by the given ledger. */
    public Buffer(Broker broker, Ledger ledger, LedgerJournal journal, InstantSource clock) {
        this.broker = broker;
        this.ledger = ledger;
        this.journal = journal;
        this.clock = clock;
    }

    /**
     * Opens a consumer with transactions of its own.
     *
     * @param queue one of {@link Queues}
     */
    public UnitOfWork open(String queue) throws Exception {
        return new UnitOfWork(broker, ledger, journal, clock, queue);
    }
}
