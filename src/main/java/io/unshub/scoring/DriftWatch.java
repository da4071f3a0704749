package io.unshub.scoring;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/**
 * Keeps the vectors and scores that came last, and compares them with the training data now and
 * then. Threads: {@link #add} from one, the rest from any.
 */
final class DriftWatch {

    /** What can be said. */
    enum State {
        /** Too little came so far. */
        UNKNOWN,
        /** It is what the model was trained on. */
        NONE,
        /** It is something else. */
        DRIFT
    }

    private static final int KEPT = 1_000;

    private final ModelCard card;
    private final double[][] vectors = new double[KEPT][];
    private final double[] scores = new double[KEPT];
    private long count;
    private volatile State state = State.UNKNOWN;
    private volatile List<Drift> latest = List.of();
    private volatile Simulation simulated;
    private volatile boolean simulating;

    private record Simulation(int feature, double by, Instant until) {

        double[] moved(double[] vector) {
            double[] moved = vector.clone();
            moved[feature] += by;
            return moved;
        }
    }

    DriftWatch(ModelCard card) {
        this.card = card;
    }

    /**
     * Takes in what was to be scored.
     *
     * @param score NaN where a feature was missing and there is none
     */
    synchronized void add(double[] vector, double score) {
        int at = (int) (count % KEPT);
        vectors[at] = vector;
        scores[at] = score;
        count++;
    }

    /**
     * Acts for a while as if an input had moved, to see what a drift would do; scores stay as they
     * are.
     *
     * @param feature that moves; one of the card's
     * @param by how far
     * @param until when it ends
     */
    void simulate(String feature, double by, Instant until) {
        simulated = new Simulation(card.features().indexOf(feature), by, until);
    }

    /** Whether what was found last is of a simulation. */
    boolean isSimulated() {
        return simulating;
    }

    /** Compares what came last. */
    void look(Instant now) {
        List<double[]> kept = new ArrayList<>();
        double[] values;
        synchronized (this) {
            int n = (int) Math.min(count, KEPT);
            if (n < Drift.LEAST) {
                return;
            }
            values = new double[n];
            for (int i = 0; i < n; i++) {
                kept.add(vectors[i]);
                values[i] = scores[i];
            }
        }
        Simulation simulation = simulated;
        simulating = simulation != null && now.isBefore(simulation.until());
        if (simulating) {
            kept.replaceAll(simulation::moved);
        }
        latest = Drift.of(card.baseline(), card.features(), kept, values);
        state = latest.stream().anyMatch(Drift::detected) ? State.DRIFT : State.NONE;
    }

    State state() {
        return state;
    }

    List<Drift> latest() {
        return latest;
    }
}
