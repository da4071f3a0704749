package io.unshub.scoring;

import com.fasterxml.jackson.databind.node.DoubleNode;
import com.fasterxml.jackson.databind.node.NullNode;
import io.unshub.envelope.MessageIds;
import io.unshub.uns.Excerpt;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;

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
        History history = History.read(data, config).before(config.cutoff());
        return registry.add(new Training(config).train(history, options, origin), config);
    }

    /**
     * Adds a model that another tool has learned to the registry, as a candidate.
     *
     * @param onnx its file, see {@link OnnxFile#read}
     * @param classes the names of its classes, in its order; null for those of the data, sorted
     * @param data recorded readings that it has not seen, see {@link History#read}
     * @param author who brings it in
     * @param commit of the configuration; null for none
     * @throws IllegalArgumentException if it does not take the circuit's features, or the data does
     *     not allow it
     */
    public ModelCard bringIn(
            CircuitConfig config,
            Path onnx,
            List<String> classes,
            Path data,
            String author,
            String commit)
            throws IOException {
        Training.Origin origin =
                new Training.Origin(Registry.sha256(data), author, commit, clock.instant());
        return registry.add(
                new Training(config).bringIn(onnx, classes, History.read(data, config), origin),
                config);
    }

    /**
     * Trains a model on recent data and moves it to staging, where it waits for approval, if it is
     * better than the version in production on what it has not seen itself.
     *
     * @param data recorded readings, see {@link History#read}
     * @param author who trains it
     * @param commit of the configuration; null for none
     * @return how the new version does beside the one in production
     */
    public Registry.Comparison retrain(
            CircuitConfig config, Path data, Training.Options options, String author, String commit)
            throws IOException, Registry.Refused {
        ModelCard card = train(config, data, options, author, commit);
        return registry.stage(config, card.version());
    }

    /**
     * A score of recorded readings.
     *
     * @param messageId the same whenever the same version scores the same row
     * @param unit of the row
     * @param tsUtc its time; rows without times count seconds from 1970
     * @param model plant, circuit and name
     * @param version that scored
     * @param sha256 of its file
     * @param value null where a feature is missing and the model does without a value then
     * @param errorCode why there is none; null where there is one
     * @param alarm whether it crosses the model's threshold
     */
    public record BatchScore(
            UUID messageId,
            String unit,
            Instant tsUtc,
            String model,
            int version,
            String sha256,
            Double value,
            String errorCode,
            boolean alarm) {}

    /**
     * Scores recorded readings, as the hub would have scored them. The same version, data and range
     * give the same scores.
     *
     * @param data recorded readings; what comes before the range fills windows and lags
     * @param from beginning of the range; null for none
     * @param to its end, which is no part of it; null for none
     */
    public List<BatchScore> score(
            CircuitConfig config, int version, Path data, Instant from, Instant to)
            throws IOException, Registry.Refused {
        ModelCard card = registry.card(config.id(), version);
        Scorer scorer = registry.scorer(card, config);
        double begin = from == null ? Double.NEGATIVE_INFINITY : FeatureState.seconds(from);
        double end = to == null ? Double.POSITIVE_INFINITY : FeatureState.seconds(to);
        List<History.Row> asked = new ArrayList<>();
        List<double[]> vectors = new ArrayList<>();
        Examples.walk(
                History.readings(data, config).rows(),
                config,
                (row, vector) -> {
                    if (row.time() >= begin && row.time() < end) {
                        asked.add(row);
                        vectors.add(vector);
                    }
                });
        double[] values = scorer.score(vectors.stream().filter(config.missing()::bears).toList());
        List<BatchScore> scores = new ArrayList<>();
        int next = 0;
        for (int i = 0; i < asked.size(); i++) {
            boolean whole = config.missing().bears(vectors.get(i));
            Double value = whole ? values[next++] : null;
            if (whole || config.missing() != CircuitConfig.Missing.SKIP) {
                scores.add(batchScore(config, card, asked.get(i), value));
            }
        }
        return scores;
    }

    private static BatchScore batchScore(
            CircuitConfig config, ModelCard card, History.Row row, Double value) {
        Instant time = Instant.ofEpochSecond(0, Math.round(row.time() * 1e3) * 1_000_000);
        return new BatchScore(
                MessageIds.of(
                        Scoring.SOURCE,
                        List.of(card.sha256(), config.version(), row.unit()),
                        config.id(),
                        time,
                        value == null ? NullNode.instance : DoubleNode.valueOf(value)),
                row.unit(),
                time,
                config.id(),
                card.version(),
                card.sha256(),
                value,
                value == null ? LiveModel.FEATURE_MISSING : null,
                value != null && config.crosses(value));
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
                lives.add(life(truth, line));
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
        History history = History.readings(data, config);
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
        List<double[]> vectors = new ArrayList<>();
        Examples.walkBegun(history.rows(), config, vectors::add);
        if (vectors.size() < Drift.LEAST) {
            throw new IllegalArgumentException(
                    "%s gives %d examples, with fewer than %d there is nothing to say"
                            .formatted(data, vectors.size(), Drift.LEAST));
        }
        return Drift.of(
                card.baseline(),
                card.features(),
                vectors,
                scorer.score(vectors.stream().filter(config.missing()::bears).toList()));
    }

    private static List<double[]> lastOfEachUnit(History history, CircuitConfig config) {
        Examples examples = Examples.of(history, config);
        Map<String, double[]> last = new LinkedHashMap<>();
        for (int i = 0; i < examples.size(); i++) {
            last.put(examples.units().get(i), examples.vectors().get(i));
        }
        return List.copyOf(last.values());
    }

    private static double life(Path truth, String line) {
        try {
            return Double.parseDouble(line.strip());
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException(
                    "%s has the line %s; give a number for each unit, and nothing else"
                            .formatted(truth, Excerpt.of(line)),
                    e);
        }
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
