package io.unshub.scoring;

import io.unshub.scoring.CircuitConfig.Task;
import io.unshub.scoring.History.Row;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiConsumer;

/**
 * Vectors with their targets, made of a history by the code of the data path: each row's inputs are
 * taken in as readings, and the vector of its moment follows.
 *
 * @param names of the features
 * @param vectors one for each example, NaN for what is missing
 * @param targets one for each example; null for anomaly detection
 * @param units the unit of each example
 * @param rows the place of each example's row in the history
 * @param leftOut rows that gave no example, as a feature or the target was missing
 */
record Examples(
        List<String> names,
        List<double[]> vectors,
        List<String> targets,
        List<String> units,
        List<Integer> rows,
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
        return new Examples(
                config.features().names(), vectors, targets, units, rows, seen[0] - rows.size());
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
                leftOut);
    }

    private static boolean known(String target, Task task) {
        return task == Task.ANOMALY || target != null && !target.isBlank();
    }
}
