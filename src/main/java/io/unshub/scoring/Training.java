package io.unshub.scoring;

import io.unshub.scoring.CircuitConfig.Judge;
import io.unshub.scoring.CircuitConfig.Task;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.apache.commons.statistics.descriptive.DoubleStatistics;
import org.apache.commons.statistics.descriptive.Statistic;
import org.tribuo.Tribuo;

/**
 * Trains a model of a circuit and judges it on units that it has not seen.
 *
 * <p>The figures are over several splits, with the trivial baseline beside each. The model itself
 * learns from the first split, whose held-out rows go with it, so that a later version can be
 * judged on the same. The same data, configuration and options make the same model.
 */
public final class Training {

    /** Which figure decides for a task, and whether less is better. */
    enum Deciding {
        AUC("auc", false),
        RMSE("rmse", true);

        final String figure;
        final boolean lessIsBetter;

        Deciding(String figure, boolean lessIsBetter) {
            this.figure = figure;
            this.lessIsBetter = lessIsBetter;
        }

        static Deciding of(Task task) {
            return task == Task.REGRESSION ? RMSE : AUC;
        }

        boolean isBetter(double one, double other) {
            return lessIsBetter ? one < other : one > other;
        }
    }

    private static final double HELD_OUT = 0.2;
    private static final long SEARCH_SEED = 20_011;

    private final CircuitConfig config;
    private final Learner learner;

    /**
     * @param seeds how many splits the figures are over, 1 or more
     * @param trials how many hyperparameters are tried, 0 for none
     */
    public record Options(int seeds, int trials) {}

    /**
     * @param scorer the model
     * @param card what is known of it, without version and hash
     * @param holdout the rows that it has not seen
     */
    record Trained(Scorer scorer, ModelCard card, History holdout) {}

    public Training(CircuitConfig config) {
        this.config = config;
        this.learner = new Learner(config);
    }

    /**
     * Trains.
     *
     * @param history what is known of the circuit
     * @param origin hash of the file, author and commit, for the card
     * @throws IllegalArgumentException if the data does not allow it
     */
    Trained train(History history, Options options, Origin origin) {
        Examples examples = Examples.of(history, config);
        learner.check(examples);
        List<ModelCard.Trial> trials = search(examples, options.trials());
        Map<String, Double> hyperparameters =
                trials.isEmpty() ? config.hyperparameters() : best(trials);
        Map<String, ModelCard.Figure> figures = figures(examples, hyperparameters, options.seeds());
        Split split = Split.of(examples, config, HELD_OUT, 0);
        Examples learned = examples.some(split.learn());
        Scorer scorer = learner.learn(learned, hyperparameters, 0);
        History heldOut = heldOut(history, examples, split);
        ModelCard card =
                card(
                        origin,
                        data(history, examples, origin),
                        config.algorithm().word(),
                        hyperparameters,
                        trials,
                        figures,
                        scorer.figures(Examples.of(heldOut, config)),
                        scorer,
                        learned);
        return new Trained(scorer, card, heldOut);
    }

    /**
     * Judges a model that another tool has learned, on data that it has not seen.
     *
     * @param onnx the model
     * @param classes the names of its classes, in its order; null for those of the data, sorted
     * @param history what is known of the circuit, and the model has not seen
     * @throws IllegalArgumentException if the model does not take the circuit's features, or the
     *     data does not allow it
     */
    Trained bringIn(Path onnx, List<String> classes, History history, Origin origin) {
        Examples examples = Examples.of(history, config);
        learner.check(examples);
        Scorer scorer = OnnxFile.read(onnx, config, classes, examples);
        Map<String, Double> trivial = learner.baseline(examples).figures(examples);
        Map<String, ModelCard.Figure> figures = new TreeMap<>();
        Map<String, Double> holdout = scorer.figures(examples);
        holdout.forEach(
                (name, value) ->
                        figures.put(name, new ModelCard.Figure(value, 0, trivial.get(name))));
        ModelCard card =
                card(
                        origin,
                        data(history, examples, origin),
                        OnnxFile.ALGORITHM,
                        Map.of(),
                        List.of(),
                        figures,
                        holdout,
                        scorer,
                        examples);
        return new Trained(scorer, card, history);
    }

    /**
     * @param known what the baseline for drift is made of
     */
    private ModelCard card(
            Origin origin,
            ModelCard.Data data,
            String algorithm,
            Map<String, Double> hyperparameters,
            List<ModelCard.Trial> trials,
            Map<String, ModelCard.Figure> figures,
            Map<String, Double> holdout,
            Scorer scorer,
            Examples known) {
        return new ModelCard(
                config.id(),
                0,
                null,
                origin.now(),
                origin.author(),
                origin.commit(),
                config.version(),
                environment(),
                config.task(),
                algorithm,
                hyperparameters,
                known.names(),
                scorer.means(),
                data,
                figures,
                holdout,
                trials,
                baseline(known, scorer));
    }

    private Map<String, String> environment() {
        return new TreeMap<>(
                Map.of(
                        "version", config.environmentVersion(),
                        "java", System.getProperty("java.version"),
                        "tribuo", Tribuo.VERSION));
    }

    private ModelCard.Data data(History history, Examples examples, Origin origin) {
        return new ModelCard.Data(
                origin.dataSha256(),
                history.rows().size(),
                examples.size(),
                (int) examples.units().stream().distinct().count(),
                config.cutoff());
    }

    /**
     * Where a model comes from.
     *
     * @param dataSha256 of the file that it is trained on
     * @param author who trains it
     * @param commit of the configuration; null for none
     * @param now the time
     */
    record Origin(String dataSha256, String author, String commit, Instant now) {}

    private List<ModelCard.Trial> search(Examples examples, int trials) {
        if (trials == 0 || config.task() == Task.ANOMALY) {
            return List.of();
        }
        // within what is learned from: the held-out rows decide nothing
        Examples inner = examples.some(Split.of(examples, config, HELD_OUT, 0).learn());
        Split split = Split.of(inner, config, HELD_OUT, SEARCH_SEED);
        Deciding deciding = Deciding.of(config.task());
        SplittableRandom random = new SplittableRandom(SEARCH_SEED);
        List<ModelCard.Trial> steps = new ArrayList<>();
        for (int i = 0; i < trials; i++) {
            // what is configured is the first to try
            Map<String, Double> drawn =
                    i == 0
                            ? config.hyperparameters()
                            : config.algorithm().draw(config.hyperparameters(), random);
            double figure =
                    judge(
                                    learner.learn(inner.some(split.learn()), drawn, 0),
                                    inner,
                                    split,
                                    SEARCH_SEED)
                            .get(deciding.figure);
            if (Double.isNaN(figure)) {
                throw unjudged(examples);
            }
            double before = i == 0 ? figure : steps.get(i - 1).best();
            double best = deciding.isBetter(figure, before) ? figure : before;
            steps.add(new ModelCard.Trial(drawn, figure, best));
        }
        return steps;
    }

    private static Map<String, Double> best(List<ModelCard.Trial> trials) {
        double best = trials.get(trials.size() - 1).best();
        return trials.stream()
                .filter(trial -> trial.figure() == best)
                .findFirst()
                .orElseThrow()
                .hyperparameters();
    }

    private Map<String, ModelCard.Figure> figures(
            Examples examples, Map<String, Double> hyperparameters, int seeds) {
        if (config.task() == Task.ANOMALY) {
            return Map.of();
        }
        Map<String, DoubleStatistics> own = new TreeMap<>();
        Map<String, DoubleStatistics> trivial = new TreeMap<>();
        String deciding = Deciding.of(config.task()).figure;
        for (int seed = 0; seed < seeds; seed++) {
            Split split = Split.of(examples, config, HELD_OUT, seed);
            Examples learn = examples.some(split.learn());
            Map<String, Double> judged =
                    judge(learner.learn(learn, hyperparameters, seed), examples, split, seed);
            // what was held out may all be of one class
            if (!Double.isNaN(judged.get(deciding))) {
                count(own, judged);
                count(trivial, judge(learner.baseline(learn), examples, split, seed));
            }
        }
        if (own.isEmpty()) {
            throw unjudged(examples);
        }
        Map<String, ModelCard.Figure> figures = new TreeMap<>();
        own.forEach(
                (name, values) ->
                        figures.put(
                                name,
                                new ModelCard.Figure(
                                        values.getAsDouble(Statistic.MEAN),
                                        seeds == 1
                                                ? 0
                                                : values.getAsDouble(Statistic.STANDARD_DEVIATION),
                                        trivial.get(name).getAsDouble(Statistic.MEAN))));
        return figures;
    }

    private IllegalArgumentException unjudged(Examples examples) {
        return new IllegalArgumentException(
                "%s: of %d examples of %d units none of one class was held out, so nothing can be judged; give more data of both"
                        .formatted(
                                config.id(),
                                examples.size(),
                                examples.units().stream().distinct().count()));
    }

    private static void count(Map<String, DoubleStatistics> to, Map<String, Double> figures) {
        figures.forEach(
                (name, value) ->
                        to.computeIfAbsent(
                                        name,
                                        n ->
                                                DoubleStatistics.of(
                                                        Statistic.MEAN,
                                                        Statistic.STANDARD_DEVIATION))
                                .accept(value));
    }

    private Map<String, Double> judge(Scorer scorer, Examples examples, Split split, long seed) {
        List<Integer> places =
                config.judge() == Judge.UNITS ? split.oneOfEachUnit(examples, seed) : split.judge();
        return scorer.figures(examples.some(places));
    }

    /** The rows that were not learned from: of other units, or after the last that was. */
    private static History heldOut(History history, Examples examples, Split split) {
        Map<String, Integer> learned = new HashMap<>();
        split.learn()
                .forEach(
                        place ->
                                learned.merge(
                                        examples.units().get(place),
                                        examples.rows().get(place),
                                        Math::max));
        Set<String> judged = new HashSet<>();
        split.judge().forEach(place -> judged.add(examples.units().get(place)));
        List<History.Row> rows = history.rows();
        return history.with(
                IntStream.range(0, rows.size())
                        .filter(i -> judged.contains(rows.get(i).unit()))
                        .filter(i -> i > learned.getOrDefault(rows.get(i).unit(), -1))
                        .mapToObj(rows::get)
                        .toList());
    }

    private static ModelCard.Baseline baseline(Examples examples, Scorer scorer) {
        int features = examples.names().size();
        List<Distribution> distributions = new ArrayList<>();
        for (int i = 0; i < features; i++) {
            int feature = i;
            distributions.add(
                    Distribution.of(
                            examples.vectors().stream().mapToDouble(vector -> vector[feature])));
        }
        return new ModelCard.Baseline(
                distributions,
                examples.missing(),
                Distribution.of(Arrays.stream(scorer.score(examples.vectors()))));
    }
}
