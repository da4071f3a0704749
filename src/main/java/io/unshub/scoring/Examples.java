package io.unshub.scoring;

import io.unshub.scoring.CircuitConfig.Task;
import io.unshub.scoring.History.Row;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.function.Consumer;

/**
 * Vectors with their targets, made of a history by the code of the data path: each row's inputs are
 * taken in as readings, and the vector of its moment follows.
 *
 * @param names of the features
 * @param vectors one for each example, NaN for what is missing
 * @param targets one for each example; null for anomaly detection
 * @param units the unit of each example
 * @param rows the place of each example's row in the history
 * @param missing share of each feature that was missing, once a unit had had all of them
 * @param leftOut rows that gave no example, as a feature or the target was missing
 */
record Examples(
        List<String> names,
        List<double[]> vectors,
        List<String> targets,
        List<String> units,
        List<Integer> rows,
        double[] missing,
        int leftOut) {

    /** Makes an example of each row that has one. */
    static Examples of(History history, CircuitConfig config) {
        List<double[]> vectors = new ArrayList<>();
        List<String> targets = new ArrayList<>();
        List<String> units = new ArrayList<>();
        List<Integer> rows = new ArrayList<>();
        int[] seen = new int[1];
        walk(
                history.rows(),
                config,
                (row, vector) -> {
                    if (config.missing().bears(vector) && known(row.target(), config.task())) {
                        vectors.add(vector);
                        targets.add(row.target());
                        units.add(row.unit());
                        rows.add(seen[0]);
                    }
                    seen[0]++;
                });
        List<double[]> begun = new ArrayList<>();
        walkBegun(history.rows(), config, begun::add);
        return new Examples(
                config.features().names(),
                vectors,
                targets,
                units,
                rows,
                missing(begun, config.features().names().size()),
                seen[0] - rows.size());
    }

    /** Takes rows in one after the other, and hands each on with the vector of its moment. */
    static void walk(List<Row> rows, CircuitConfig config, BiConsumer<Row, double[]> to) {
        FeatureState state = null;
        String unit = null;
        for (Row row : rows) {
            if (!row.unit().equals(unit)) {
                unit = row.unit();
                state = new FeatureState(config.features());
            }
            for (int i = 0; i < row.inputs().length; i++) {
                state.update(i, row.time(), row.inputs()[i]);
            }
            to.accept(row, state.vector(row.time()));
        }
    }

    /**
     * Hands on the vectors of a unit from its first that can be scored: what is missing before has
     * yet to come, and tells nothing.
     */
    static void walkBegun(List<Row> rows, CircuitConfig config, Consumer<double[]> to) {
        String[] begun = new String[1];
        walk(
                rows,
                config,
                (row, vector) -> {
                    if (row.unit().equals(begun[0]) || config.missing().bears(vector)) {
                        begun[0] = row.unit();
                        to.accept(vector);
                    }
                });
    }

    /** The share of each feature that is missing. */
    static double[] missing(List<double[]> vectors, int features) {
        double[] missing = new double[features];
        for (double[] vector : vectors) {
            for (int i = 0; i < features; i++) {
                missing[i] += Double.isNaN(vector[i]) ? 1.0 / vectors.size() : 0;
            }
        }
        return missing;
    }

    /** How many there are. */
    int size() {
        return vectors.size();
    }

    /** Some of the examples, by their places. */
    Examples some(List<Integer> places) {
        return new Examples(
                names,
                places.stream().map(vectors::get).toList(),
                places.stream().map(targets::get).toList(),
                places.stream().map(units::get).toList(),
                places.stream().map(rows::get).toList(),
                missing,
                leftOut);
    }

    private static boolean known(String target, Task task) {
        return task == Task.ANOMALY || target != null && !target.isBlank();
    }
}
