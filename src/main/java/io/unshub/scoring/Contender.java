package io.unshub.scoring;

import java.time.Instant;
import java.util.List;
import org.apache.commons.statistics.descriptive.Quantile;

/**
 * A version on trial: it sees what the one in production sees, and the two are compared. As a
 * shadow nobody sees its scores; as a canary some of the equipment has them. Threads: any.
 */
final class Contender {

    private static final int KEPT = 1_000;

    private final CircuitConfig config;
    private final LoadedVersion version;
    private final ModelCard production;
    private final Registry.Trial trial;
    private final DriftWatch drift;
    private final double[] productionMillis = new double[KEPT];
    private final double[] versionMillis = new double[KEPT];
    private long batches;
    private long compared;
    private long failed;
    private long skipped;
    private long disagreed;
    private double sum;
    private double most;

    Contender(
            CircuitConfig config,
            LoadedVersion version,
            ModelCard production,
            Registry.Trial trial) {
        this.config = config;
        this.version = version;
        this.production = production;
        this.trial = trial;
        this.drift = new DriftWatch(version.card());
    }

    LoadedVersion version() {
        return version;
    }

    /** Whether this is the same trial, against the same version. */
    boolean is(Registry.Trial other, ModelCard otherProduction) {
        return trial.equals(other) && production.version() == otherProduction.version();
    }

    /** Whether a piece of equipment has the scores of this version; always the same ones do. */
    boolean takes(String equipment) {
        // spread by Fibonacci hashing: names differ in their last letters only
        long spread = equipment.hashCode() * 0x9E37_79B9L & 0xFFFF_FFFFL;
        return spread * 100 >>> 32 < trial.canary();
    }

    /**
     * Scores what the version in production has scored, and compares.
     *
     * @param vectors what both see
     * @param scores what the one in production made of it
     * @param nanos how long that took
     */
    void compare(List<double[]> vectors, double[] scores, long nanos) {
        long begin = System.nanoTime();
        double[] own;
        try {
            own = version.score(vectors);
        } catch (Exception e) {
            // it is on trial to see that
            failed(vectors.size());
            return;
        }
        long took = System.nanoTime() - begin;
        for (int i = 0; i < own.length; i++) {
            drift.add(vectors.get(i), own[i]);
        }
        count(scores, own, nanos, took);
    }

    private synchronized void count(double[] scores, double[] own, long nanos, long took) {
        int at = (int) (batches++ % KEPT);
        productionMillis[at] = nanos / 1e6 / own.length;
        versionMillis[at] = took / 1e6 / own.length;
        for (int i = 0; i < own.length; i++) {
            double difference = Math.abs(own[i] - scores[i]);
            compared++;
            sum += difference;
            most = Math.max(most, difference);
            if (config.acts(own[i]) != config.acts(scores[i])) {
                disagreed++;
            }
        }
    }

    private synchronized void failed(int scores) {
        failed += scores;
    }

    /** Counts scores that could not be compared, as too many waited. */
    synchronized void skipped(int scores) {
        skipped += scores;
    }

    /** What came of the comparison so far. */
    Divergence divergence(Instant now) {
        drift.look(now);
        synchronized (this) {
            int kept = (int) Math.min(batches, KEPT);
            return new Divergence(
                    config.id(),
                    trial.version(),
                    production.version(),
                    trial.sinceUtc(),
                    now,
                    compared,
                    failed,
                    skipped,
                    compared == 0 ? 0 : sum / compared,
                    most,
                    config.canAct() && compared > 0 ? (double) disagreed / compared : null,
                    p99(productionMillis, kept),
                    p99(versionMillis, kept),
                    drift.state().name());
        }
    }

    private static double p99(double[] values, int count) {
        return count == 0
                ? 0
                : Quantile.withDefaults().withCopy(true).evaluateRange(values, 0, count, 0.99);
    }
}
