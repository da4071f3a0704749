package io.unshub.scoring;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.tribuo.Example;
import org.tribuo.Model;
import org.tribuo.Output;
import org.tribuo.Prediction;
import org.tribuo.anomaly.Event;
import org.tribuo.classification.Label;
import org.tribuo.classification.evaluation.LabelEvaluation;
import org.tribuo.classification.evaluation.LabelEvaluationUtil;
import org.tribuo.classification.evaluation.LabelEvaluator;
import org.tribuo.common.xgboost.XGBoostModel;
import org.tribuo.impl.ArrayExample;
import org.tribuo.provenance.SimpleDataSourceProvenance;
import org.tribuo.regression.Regressor;
import org.tribuo.regression.evaluation.RegressionEvaluation;
import org.tribuo.regression.evaluation.RegressionEvaluator;

/**
 * A model that scores: vectors in, one number for each out.
 *
 * <p>The number is the probability of the configured class, the predicted value, or, for anomalies,
 * how far outside of the training data something is (above 0: outside). Threads: one at a time.
 */
final class Scorer {

    private final Model<?> model;
    private final CircuitConfig config;
    private final List<String> names;
    private final double[] means;

    /**
     * @param means of the features in training, for those that are missing
     */
    Scorer(Model<?> model, CircuitConfig config, List<String> names, double[] means) {
        this.model = model;
        this.config = config;
        this.names = List.copyOf(names);
        this.means = means;
        if (model instanceof XGBoostModel<?> boosted) {
            boosted.setNumThreads(1);
        }
    }

    /**
     * Reads a model.
     *
     * @throws IllegalArgumentException if the file is none, or was written by a newer Tribuo
     */
    static Scorer read(Path file, CircuitConfig config, List<String> names, double[] means) {
        try {
            return new Scorer(Model.deserializeFromFile(file), config, names, means);
        } catch (IOException | RuntimeException e) {
            throw new IllegalArgumentException(
                    "%s cannot be read as a model (%s); it is damaged or was made by newer software: train it again, or roll back"
                            .formatted(file, e.getMessage()),
                    e);
        }
    }

    /** Writes the model, without its features and means. */
    void write(Path file) throws IOException {
        model.serializeToFile(file);
    }

    double[] means() {
        return means.clone();
    }

    /** Scores all vectors at once, which some models do much faster than one by one. */
    double[] score(List<double[]> vectors) {
        return vectors.isEmpty() ? new double[0] : score(model, vectors);
    }

    /**
     * Which features moved a score most: how much it changes when one is at its mean instead.
     *
     * @param most how many, largest first
     */
    Map<String, Double> explain(double[] vector, int most) {
        List<double[]> asked = new ArrayList<>(List.of(vector));
        for (int i = 0; i < vector.length; i++) {
            double[] without = vector.clone();
            without[i] = means[i];
            asked.add(without);
        }
        double[] scores = score(asked);
        List<Integer> order = new ArrayList<>();
        for (int i = 0; i < vector.length; i++) {
            order.add(i);
        }
        order.sort(
                (a, b) ->
                        Double.compare(
                                Math.abs(scores[0] - scores[b + 1]),
                                Math.abs(scores[0] - scores[a + 1])));
        Map<String, Double> moved = new LinkedHashMap<>();
        for (int i : order.subList(0, Math.min(most, order.size()))) {
            moved.put(names.get(i), scores[0] - scores[i + 1]);
        }
        return moved;
    }

    /** How well the model does on examples, by name of the figure; empty for anomalies. */
    Map<String, Double> figures(Examples examples) {
        return switch (config.task()) {
            case CLASSIFICATION -> classification(examples);
            case REGRESSION -> {
                Model<Regressor> numbers = numbers();
                RegressionEvaluation evaluation =
                        new RegressionEvaluator()
                                .evaluate(numbers, predict(numbers, examples), from());
                yield Map.of(
                        "rmse", evaluation.averageRMSE(),
                        "mae", evaluation.averageMAE(),
                        "r2", evaluation.averageR2());
            }
            case ANOMALY -> Map.of();
        };
    }

    private Map<String, Double> classification(Examples examples) {
        List<Prediction<Label>> predictions = predict(labels(), examples);
        LabelEvaluation evaluation = new LabelEvaluator().evaluate(labels(), predictions, from());
        Label positive = new Label(config.positive());
        // what was learned from may have had none of it
        boolean known =
                labels().getOutputIDInfo().getDomain().stream()
                        .anyMatch(label -> label.getLabel().equals(config.positive()));
        double f1 = known ? evaluation.f1(positive) : 0;
        // not all of Tribuo's models say that their scores can be ranked, and all can
        double[] scores = predictions.stream().mapToDouble(this::number).toArray();
        boolean[] truth = new boolean[scores.length];
        for (int i = 0; i < truth.length; i++) {
            truth[i] = examples.targets().get(i).equals(config.positive());
        }
        return Map.of(
                "f1", Double.isNaN(f1) ? 0 : f1,
                "auc", LabelEvaluationUtil.binaryAUCROC(truth, scores),
                "average_precision", LabelEvaluationUtil.averagedPrecision(truth, scores));
    }

    @SuppressWarnings("unchecked") // the task says what the model's outputs are
    private Model<Label> labels() {
        return (Model<Label>) model;
    }

    @SuppressWarnings("unchecked")
    private Model<Regressor> numbers() {
        return (Model<Regressor>) model;
    }

    private SimpleDataSourceProvenance from() {
        return new SimpleDataSourceProvenance(config.id(), Learner.Kind.of(config).factory());
    }

    private <T extends Output<T>> List<Prediction<T>> predict(Model<T> by, Examples examples) {
        Learner.Kind<T> kind = Learner.Kind.of(config);
        List<Example<T>> asked = new ArrayList<>(examples.size());
        for (int i = 0; i < examples.size(); i++) {
            T truth = kind.output().apply(examples.targets().get(i));
            asked.add(example(truth, names, examples.vectors().get(i), means));
        }
        return by.predict(asked);
    }

    private <T extends Output<T>> double[] score(Model<T> by, List<double[]> vectors) {
        Learner.Kind<T> kind = Learner.Kind.of(config);
        T unknown = kind.factory().getUnknownOutput();
        List<Example<T>> asked = new ArrayList<>(vectors.size());
        for (double[] vector : vectors) {
            asked.add(example(unknown, names, vector, means));
        }
        double[] scores = new double[vectors.size()];
        List<Prediction<T>> predictions = by.predict(asked);
        for (int i = 0; i < scores.length; i++) {
            scores[i] = number(predictions.get(i));
        }
        return scores;
    }

    private double number(Prediction<?> prediction) {
        Output<?> output = prediction.getOutput();
        if (output instanceof Regressor number) {
            return number.getValues()[0];
        }
        if (output instanceof Event event) {
            return event.getType() == Event.EventType.ANOMALOUS
                    ? Math.abs(event.getScore())
                    : -Math.abs(event.getScore());
        }
        Output<?> positive = prediction.getOutputScores().get(config.positive());
        return positive instanceof Label label ? label.getScore() : 0;
    }

    /** An example of Tribuo's; what is missing has its mean. */
    static <T extends Output<T>> Example<T> example(
            T output, List<String> names, double[] vector, double[] means) {
        double[] values = vector.clone();
        for (int i = 0; i < values.length; i++) {
            if (Double.isNaN(values[i])) {
                values[i] = means[i];
            }
        }
        return new ArrayExample<>(output, names.toArray(new String[0]), values);
    }
}
