package io.unshub.scoring;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.apache.commons.statistics.descriptive.DoubleStatistics;
import org.apache.commons.statistics.descriptive.Statistic;
import org.apache.commons.statistics.inference.KolmogorovSmirnovTest;

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
            double[] values =
                    vectors.stream()
                            .mapToDouble(vector -> vector[feature])
                            .filter(value -> !Double.isNaN(value))
                            .sorted()
                            .toArray();
            double missing = vectors.isEmpty() ? 0 : 1 - (double) values.length / vectors.size();
            all.add(
                    of(
                            names.get(i),
                            baseline.quantiles()[i],
                            values,
                            missing - baseline.missing()[i]));
        }
        double[] sorted = scores.clone();
        Arrays.sort(sorted);
        all.add(of(SCORE, baseline.scores(), sorted, 0));
        return all;
    }

    private static Drift of(String name, double[] expected, double[] sorted, double missing) {
        if (expected.length == 0 || sorted.length == 0) {
            return new Drift(name, 0, 0, 0, 0, 1, missing);
        }
        DoubleStatistics then = statistics(expected);
        DoubleStatistics now = statistics(sorted);
        double spread = then.getAsDouble(Statistic.STANDARD_DEVIATION);
        double unit = spread > 0 ? spread : 1;
        return new Drift(
                name,
                psi(expected, sorted),
                expected.length < 2 || sorted.length < 2
                        ? 0
                        : KolmogorovSmirnovTest.withDefaults().statistic(expected, sorted),
                distance(expected, sorted) / unit,
                (now.getAsDouble(Statistic.MEAN) - then.getAsDouble(Statistic.MEAN)) / unit,
                now.getAsDouble(Statistic.VARIANCE)
                        / (spread > 0 ? then.getAsDouble(Statistic.VARIANCE) : 1),
                missing);
    }

    private static DoubleStatistics statistics(double[] values) {
        return DoubleStatistics.builder(
                        Statistic.MEAN, Statistic.VARIANCE, Statistic.STANDARD_DEVIATION)
                .build(values);
    }

    private static double psi(double[] expected, double[] values) {
        double[] edges = new double[BINS - 1];
        for (int i = 0; i < edges.length; i++) {
            edges[i] = at(expected, (i + 1.0) / BINS);
        }
        // equal edges, as with a feature of few values, are one
        edges = Arrays.stream(edges).distinct().toArray();
        double[] then = shares(expected, edges);
        double[] now = shares(values, edges);
        double psi = 0;
        for (int i = 0; i < then.length; i++) {
            psi += (now[i] - then[i]) * Math.log(now[i] / then[i]);
        }
        return psi;
    }

    /** The share of each bin; half a value more in each, so that none is empty. */
    private static double[] shares(double[] values, double[] edges) {
        double[] shares = new double[edges.length + 1];
        for (double value : values) {
            int at = Arrays.binarySearch(edges, value);
            shares[at >= 0 ? at : -at - 1]++;
        }
        for (int i = 0; i < shares.length; i++) {
            shares[i] = (shares[i] + 0.5) / (values.length + 0.5 * shares.length);
        }
        return shares;
    }

    private static double distance(double[] expected, double[] values) {
        int steps = 100;
        double sum = 0;
        for (int i = 0; i <= steps; i++) {
            sum += Math.abs(at(expected, (double) i / steps) - at(values, (double) i / steps));
        }
        return sum / (steps + 1);
    }

    /** The quantile of sorted values. */
    private static double at(double[] sorted, double share) {
        return sorted[(int) Math.round(share * (sorted.length - 1))];
    }
}
