package io.unshub.scoring;

import com.tdunning.math.stats.Centroid;
import com.tdunning.math.stats.TDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * How far what comes now is from what a model was trained on, for one feature or for the score.
 *
 * @param of the feature's name, or {@value #SCORE}
 * @param psi population stability index over the tenths of the baseline; 0 for the same, from 0.25
 *     on commonly held to be another population
 * @param ks Kolmogorov-Smirnov statistic, the largest difference of the distributions, 0 to 1
 * @param wasserstein mean distance of the quantiles, in standard deviations of the baseline
 * @param meanShift of the mean, in standard deviations of the baseline
 * @param varianceRatio the variance now over that of the baseline
 * @param missingChange of the share that is missing, -1 to 1
 */
public record Drift(
        String of,
        double psi,
        double ks,
        double wasserstein,
        double meanShift,
        double varianceRatio,
        double missingChange) {

    /** From here on it is another population. */
    public static final double LIMIT = 0.25;

    /** What the drift of the score is called. */
    public static final String SCORE = "(score)";

    /** With fewer there is nothing to say. */
    static final int LEAST = 200;

    private static final int BINS = 10;
    private static final int STEPS = 100;

    /** Whether what comes now is another population. */
    public boolean detected() {
        return psi >= LIMIT || Math.abs(missingChange) >= LIMIT;
    }

    /**
     * Compares.
     *
     * @param names of the features
     * @param vectors what came, NaN for what was missing
     * @param scores what the model made of it
     * @return each feature, and the score as the last
     */
    static List<Drift> of(
            ModelCard.Baseline baseline,
            List<String> names,
            List<double[]> vectors,
            double[] scores) {
        List<Drift> all = new ArrayList<>();
        for (int i = 0; i < names.size(); i++) {
            int feature = i;
            double missing =
                    vectors.stream().filter(vector -> Double.isNaN(vector[feature])).count()
                            / Math.max(1.0, vectors.size());
            all.add(
                    of(
                            names.get(i),
                            baseline.features().get(i).digest(),
                            Distribution.digest(
                                    vectors.stream().mapToDouble(vector -> vector[feature])),
                            missing - baseline.missing()[i]));
        }
        all.add(
                of(
                        SCORE,
                        baseline.scores().digest(),
                        Distribution.digest(Arrays.stream(scores)),
                        0));
        return all;
    }

    private static Drift of(String name, TDigest then, TDigest now, double missing) {
        if (then.size() == 0 || now.size() == 0) {
            return new Drift(name, 0, 0, 0, 0, 1, missing);
        }
        double before = variance(then);
        double unit = before > 0 ? Math.sqrt(before) : 1;
        return new Drift(
                name,
                psi(then, now),
                ks(then, now),
                distance(then, now) / unit,
                (mean(now) - mean(then)) / unit,
                variance(now) / (before > 0 ? before : 1),
                missing);
    }

    private static double mean(TDigest digest) {
        double sum = 0;
        for (Centroid centroid : digest.centroids()) {
            sum += centroid.mean() * centroid.count();
        }
        return sum / digest.size();
    }

    private static double variance(TDigest digest) {
        double mean = mean(digest);
        double sum = 0;
        for (Centroid centroid : digest.centroids()) {
            sum += Math.pow(centroid.mean() - mean, 2) * centroid.count();
        }
        return sum / digest.size();
    }

    private static double psi(TDigest then, TDigest now) {
        // equal edges, as with a feature of few values, are one
        double[] edges =
                IntStream.range(1, BINS)
                        .mapToDouble(i -> then.quantile((double) i / BINS))
                        .distinct()
                        .toArray();
        double[] expected = shares(then, edges);
        double[] found = shares(now, edges);
        double psi = 0;
        for (int i = 0; i < expected.length; i++) {
            psi += (found[i] - expected[i]) * Math.log(found[i] / expected[i]);
        }
        return psi;
    }

    /** The share of each bin; half a value more in each, so that none is empty. */
    private static double[] shares(TDigest digest, double[] edges) {
        double[] shares = new double[edges.length + 1];
        double below = 0;
        for (int i = 0; i < shares.length; i++) {
            double upTo = i < edges.length ? upTo(digest, edges[i]) : 1;
            shares[i] =
                    ((upTo - below) * digest.size() + 0.5) / (digest.size() + 0.5 * shares.length);
            below = upTo;
        }
        return shares;
    }

    private static double ks(TDigest then, TDigest now) {
        return Stream.of(then, now)
                .flatMap(digest -> digest.centroids().stream())
                .mapToDouble(Centroid::mean)
                .map(value -> Math.abs(upTo(then, value) - upTo(now, value)))
                .max()
                .orElse(0);
    }

    /** The share of values up to one, it included: of that one itself a digest counts half. */
    private static double upTo(TDigest digest, double value) {
        return digest.cdf(Math.nextUp(value));
    }

    private static double distance(TDigest then, TDigest now) {
        return IntStream.rangeClosed(0, STEPS)
                .mapToDouble(i -> (double) i / STEPS)
                .map(share -> Math.abs(then.quantile(share) - now.quantile(share)))
                .average()
                .orElse(0);
    }
}
