package io.unshub.scoring;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Trains and judges models of the registry, for people at a command line. */
public final class ModelBench {

    private final Registry registry;
    private final InstantSource clock;

    public ModelBench(Registry registry, InstantSource clock) {
        this.registry = registry;
        this.clock = clock;
    }

    /**
     * Trains a model, and adds it to the registry as a candidate.
     *
     * @param data recorded readings, see {@link History#read}
     * @param author who trains it
     * @param commit of the configuration; null for none
     * @throws IllegalArgumentException if the data does not allow it
     */
    public ModelCard train(
            CircuitConfig config, Path data, Training.Options options, String author, String commit)
            throws IOException {
        Training.Origin origin =
                new Training.Origin(Registry.sha256(data), author, commit, clock.instant());
        History history = History.read(data, config);
        return registry.add(new Training(config).train(history, options, origin), config);
    }

    /**
     * Judges a version on data that was kept apart.
     *
     * @param data recorded readings
     * @param truth what became of each unit after its last row, one number a line in the order of
     *     the units, as NASA's test sets have it; null to judge every row by the target in {@code
     *     data}
     * @return figures by name; with {@code truth} also {@code rmse_capped}, both sides cut off at
     *     the circuit's target_cap
     * @throws IllegalArgumentException if data and truth do not fit
     */
    public Map<String, Double> evaluate(CircuitConfig config, int version, Path data, Path truth)
            throws IOException, Registry.Refused {
        Scorer scorer = registry.scorer(registry.card(config.id(), version), config);
        History history = History.read(data, config);
        if (truth == null) {
            return new TreeMap<>(scorer.figures(Examples.of(history, config)));
        }
        List<Double> lives = new ArrayList<>();
        for (String line : Files.readAllLines(truth)) {
            if (!line.isBlank()) {
                lives.add(Double.parseDouble(line.strip()));
            }
        }
        List<double[]> last = lastOfEachUnit(history, config);
        if (last.size() != lives.size()) {
            throw new IllegalArgumentException(
                    "%s has %d units and %s %d lines; give one for each unit"
                            .formatted(data, last.size(), truth, lives.size()));
        }
        double[] scores = scorer.score(last);
        double cap = config.targetCap() == null ? Double.MAX_VALUE : config.targetCap();
        return new TreeMap<>(
                Map.of(
                        "rmse", rmse(scores, lives, Double.MAX_VALUE),
                        "rmse_capped", rmse(scores, lives, cap)));
    }

    /**
     * Compares recorded readings with what a version was trained on.
     *
     * @param data recorded readings
     * @param shifts input → what is added to each of its values, to see what a drift would do
     */
    public List<Drift> drift(
            CircuitConfig config, int version, Path data, Map<String, Double> shifts)
            throws IOException, Registry.Refused {
        ModelCard card = registry.card(config.id(), version);
        Scorer scorer = registry.scorer(card, config);
        History history = History.read(data, config);
        List<String> inputs = List.copyOf(config.inputs().keySet());
        shifts.forEach(
                (input, by) -> {
                    if (!inputs.contains(input)) {
                        throw new IllegalArgumentException(
                                "%s has no input %s, it has %s"
                                        .formatted(config.id(), input, inputs));
                    }
                    history.rows().forEach(row -> row.inputs()[inputs.indexOf(input)] += by);
                });
        Examples examples = Examples.of(history, config);
        if (examples.size() < Drift.LEAST) {
            throw new IllegalArgumentException(
                    "%s gives %d examples, with fewer than %d there is nothing to say"
                            .formatted(data, examples.size(), Drift.LEAST));
        }
        return Drift.of(
                card.baseline(),
                card.features(),
                examples.vectors(),
                scorer.score(examples.vectors()));
    }

    private static List<double[]> lastOfEachUnit(History history, CircuitConfig config) {
        Examples examples = Examples.of(history, config);
        Map<String, double[]> last = new LinkedHashMap<>();
        for (int i = 0; i < examples.size(); i++) {
            last.put(examples.units().get(i), examples.vectors().get(i));
        }
        return List.copyOf(last.values());
    }

    private static double rmse(double[] scores, List<Double> truth, double cap) {
        double sum = 0;
        for (int i = 0; i < scores.length; i++) {
            double error = Math.min(scores[i], cap) - Math.min(truth.get(i), cap);
            sum += error * error;
        }
        return Math.sqrt(sum / scores.length);
    }
}
