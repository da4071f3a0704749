package io.unshub.scoring;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;

/** How a model is learned, with its hyperparameters, their defaults and where a search looks. */
public enum Algorithm {
    /** One decision tree (CART). */
    CART(Map.of("depth", new Range(8, 2, 12, true), "min_rows", new Range(5, 1, 50, true))),
    /** A random forest of CART trees. */
    FOREST(
            Map.of(
                    "trees", new Range(100, 50, 200, true),
                    "depth", new Range(16, 4, 24, true),
                    "min_rows", new Range(2, 1, 20, true),
                    "feature_share", new Range(0.5, 0.2, 1, false))),
    /** Gradient-boosted trees. */
    XGBOOST(
            Map.of(
                    "rounds", new Range(100, 50, 400, true),
                    "depth", new Range(6, 2, 9, true),
                    "eta", new Range(0.3, 0.02, 0.4, false),
                    "row_share", new Range(1, 0.5, 1, false),
                    "feature_share", new Range(1, 0.3, 1, false),
                    "min_weight", new Range(1, 1, 10, false))),
    /** A one-class support vector machine, for data without labels. */
    ONE_CLASS_SVM(
            Map.of("nu", new Range(0.05, 0.01, 0.2, false), "gamma", new Range(0, 0, 1, false)));

    /**
     * @param preset taken when the configuration gives none
     * @param from where a search begins
     * @param to where a search ends
     * @param whole whether only whole numbers make sense
     */
    record Range(double preset, double from, double to, boolean whole) {}

    private final Map<String, Range> ranges;

    Algorithm(Map<String, Range> ranges) {
        this.ranges = ranges;
    }

    /** The name that configurations use: {@code one-class-svm}. */
    public String word() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** The names of its hyperparameters, sorted. */
    List<String> parameters() {
        return ranges.keySet().stream().sorted().toList();
    }

    /** A hyperparameter as configured, or its default. */
    double value(Map<String, Double> given, String parameter) {
        return given.getOrDefault(parameter, ranges.get(parameter).preset());
    }

    /** Draws hyperparameters; those that are given stay. */
    Map<String, Double> draw(Map<String, Double> given, SplittableRandom random) {
        Map<String, Double> drawn = new TreeMap<>(given);
        for (String parameter : parameters()) {
            Range range = ranges.get(parameter);
            double at = random.nextDouble(range.from(), range.to() + (range.whole() ? 1 : 0));
            drawn.putIfAbsent(
                    parameter, range.whole() ? Math.floor(at) : Math.round(at * 1_000) / 1_000.0);
        }
        return drawn;
    }
}
