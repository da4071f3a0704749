package io.unshub.envelope;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Iterator;
import java.util.List;

/**
 * The unit of work on the data path: readings in the order of their queue, each with its own
 * verdict.
 *
 * <p>One bad reading never fails its neighbours: a stage marks it, and the dead-letter stage takes
 * the marked ones out. Not thread-safe; one thread carries a batch through all its stages.
 */
public final class Batch implements Iterable<Reading> {

    private final List<Reading> readings;

    /** A batch of the given readings, in order. */
    public Batch(Collection<Reading> readings) {
        this.readings = new ArrayList<>(readings);
    }

    /** How many readings are still in the batch. */
    public int size() {
        return readings.size();
    }

    /** Whether no reading is left. */
    public boolean isEmpty() {
        return readings.isEmpty();
    }

    /** The readings still in the batch, in order; live, not a copy. */
    public List<Reading> readings() {
        return readings;
    }

    /** Puts other readings in the place of those in the batch. */
    public void replace(Collection<Reading> by) {
        readings.clear();
        readings.addAll(by);
    }

    /** Takes the rejected readings out of the batch and returns them, both in order. */
    public List<Reading> takeRejected() {
        List<Reading> rejected = new ArrayList<>();
        readings.removeIf(reading -> reading.rejected() && rejected.add(reading));
        return rejected;
    }

    @Override
    public Iterator<Reading> iterator() {
        return readings.iterator();
    }

    @Override
    public String toString() {
        return "Batch[" + readings.size() + " readings]";
    }
}
