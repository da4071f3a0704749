package io.unshub.buffer;

import io.unshub.ledger.Ledger;
import io.unshub.trace.Traces;
import java.time.Duration;
import java.time.InstantSource;
import java.util.function.Predicate;

/**
 * The way in to the broker's queues for the routes: each consumer opens a unit of work of its own.
 *
 * <p>Threads: any. Failure: {@link #open} throws when the broker is not running.
 */
public final class Buffer {

    private final MessageStore store;
    private final Ledger ledger;
    private final UnitOfWork.Books books;
    private final InstantSource clock;
    private final Predicate<String> overtakes;
    private final Traces traces;

    /** As the other, without traces. */
    public Buffer(
            Broker broker,
            Ledger ledger,
            LedgerJournal journal,
            InstantSource clock,
            Predicate<String> overtakes) {
        this(broker, ledger, journal, clock, overtakes, Traces.OFF);
    }

    /**
     * @param broker holds the queues
     * @param ledger counts what moves
     * @param journal keeps the ledger
     * @param clock tells when a reading was accepted
     * @param overtakes whether a topic's readings may overtake those that wait, now
     * @param traces follow the batches
     */
    public Buffer(
            Broker broker,
            Ledger ledger,
            LedgerJournal journal,
            InstantSource clock,
            Predicate<String> overtakes,
            Traces traces) {
        this(broker, ledger, journal::commit, clock, overtakes, traces);
    }

    /** For readings of which nothing is kept, in the books neither. */
    public Buffer(MemoryStore store, Ledger ledger, InstantSource clock) {
        this(
                store,
                ledger,
                (entry, moves, riding) -> {
                    moves.commit();
                    entry.commit();
                },
                clock,
                topic -> false,
                Traces.OFF);
    }

    private Buffer(
            MessageStore store,
            Ledger ledger,
            UnitOfWork.Books books,
            InstantSource clock,
            Predicate<String> overtakes,
            Traces traces) {
        this.overtakes = overtakes;
        this.traces = traces;
        this.store = store;
        this.ledger = ledger;
        this.books = books;
        this.clock = clock;
    }

    /**
     * How long to leave a lane alone after a batch, so that what travels beside it comes first.
     *
     * @param queue one of {@link Queues}
     * @param took how long the batch took
     * @param share of the time that the lane may have meanwhile, in percent, 1 to 100
     * @return nothing, unless it is a lane with something beside it
     */
    public Duration rest(String queue, Duration took, int share) {
        int lane = Queues.buffer().indexOf(queue);
        if (lane < 0 || lane >= Queues.LANES || store.depth(Queues.live(lane)).orElse(0L) == 0) {
            return Duration.ZERO;
        }
        return took.multipliedBy(100L - share).dividedBy(share);
    }

    /**
     * Opens a consumer with transactions of its own.
     *
     * @param queue one of {@link Queues}
     */
    public UnitOfWork open(String queue) throws Exception {
        return new UnitOfWork(store, ledger, books, clock, overtakes, traces, queue);
    }
}
