package io.unshub.scoring;

import io.unshub.uns.Excerpt;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import libsvm.svm;
import org.tribuo.Example;
import org.tribuo.Model;
import org.tribuo.MutableDataset;
import org.tribuo.Output;
import org.tribuo.OutputFactory;
import org.tribuo.Trainer;
import org.tribuo.anomaly.AnomalyFactory;
import org.tribuo.anomaly.Event;
import org.tribuo.anomaly.libsvm.LibSVMAnomalyTrainer;
import org.tribuo.anomaly.libsvm.SVMAnomalyType;
import org.tribuo.anomaly.libsvm.SVMAnomalyType.SVMMode;
import org.tribuo.classification.Label;
import org.tribuo.classification.LabelFactory;
import org.tribuo.classification.baseline.DummyClassifierTrainer;
import org.tribuo.classification.dtree.CARTClassificationTrainer;
import org.tribuo.classification.dtree.impurity.GiniIndex;
import org.tribuo.classification.ensemble.VotingCombiner;
import org.tribuo.classification.xgboost.XGBoostClassificationTrainer;
import org.tribuo.common.libsvm.KernelType;
import org.tribuo.common.libsvm.SVMParameters;
import org.tribuo.common.tree.RandomForestTrainer;
import org.tribuo.provenance.SimpleDataSourceProvenance;
import org.tribuo.regression.RegressionFactory;
import org.tribuo.regression.Regressor;
import org.tribuo.regression.baseline.DummyRegressionTrainer;
import org.tribuo.regression.ensemble.AveragingCombiner;
import org.tribuo.regression.rtree.CARTRegressionTrainer;
import org.tribuo.regression.rtree.impurity.MeanSquaredError;
import org.tribuo.regression.xgboost.XGBoostRegressionTrainer;
import org.tribuo.regression.xgboost.XGBoostRegressionTrainer.RegressionType;
import org.tribuo.transform.TransformTrainer;
import org.tribuo.transform.TransformationMap;
import org.tribuo.transform.transformations.MeanStdDevTransformation;

/**
 * Makes models of examples with Tribuo. The same examples, hyperparameters and seed make the same
 * model. Threads: any, one model each.
 */
final class Learner {

    /** What Tribuo calls the target of a regression. */
    static final String TARGET = "target";

    // one for each model: circuits are trained side by side
    private static final int THREADS = 1;

    private final CircuitConfig config;

    Learner(CircuitConfig config) {
        this.config = config;
    }

    /**
     * Learns a model.
     *
     * @param hyperparameters those that are not left to their defaults
     * @throws IllegalArgumentException if the examples do not allow it
     */
    Scorer learn(Examples examples, Map<String, Double> hyperparameters, long seed) {
        check(examples);
        return switch (config.task()) {
            case CLASSIFICATION -> fit(classifier(hyperparameters, seed), examples);
            case REGRESSION -> fit(regressor(hyperparameters, seed), examples);
            case ANOMALY -> fit(detector(hyperparameters), examples);
        };
    }

    /** What is right without any learning: the commonest class, or the mean. */
    Scorer baseline(Examples examples) {
        check(examples);
        return switch (config.task()) {
            case CLASSIFICATION ->
                    fit(DummyClassifierTrainer.createMostFrequentTrainer(), examples);
            case REGRESSION -> fit(DummyRegressionTrainer.createMeanTrainer(), examples);
            case ANOMALY ->
                    throw new IllegalArgumentException("there is no baseline without labels");
        };
    }

    /**
     * Checks that there is something to learn from.
     *
     * @throws IllegalArgumentException if there is not
     */
    void check(Examples examples) {
        if (examples.size() < 2) {
            throw new IllegalArgumentException(
                    "%s: %d examples are left to learn from (%d rows had a feature or the target missing); give more data, or missing: mean"
                            .formatted(config.id(), examples.size(), examples.leftOut()));
        }
        if (config.task() == CircuitConfig.Task.CLASSIFICATION
                && examples.targets().stream().distinct().count() < 2) {
            throw new IllegalArgumentException(
                    "%s: every example is %s; give data with both classes"
                            .formatted(config.id(), examples.targets().get(0)));
        }
        if (config.task() == CircuitConfig.Task.CLASSIFICATION
                && !examples.targets().contains(config.positive())) {
            throw new IllegalArgumentException(
                    "%s: no example is %s, which is positive; %s has %s"
                            .formatted(
                                    config.id(),
                                    config.positive(),
                                    config.target(),
                                    Excerpt.of(
                                            examples.targets().stream()
                                                    .distinct()
                                                    .sorted()
                                                    .toList()
                                                    .toString())));
        }
    }

    private Trainer<Label> classifier(Map<String, Double> given, long seed) {
        Algorithm algorithm = config.algorithm();
        return switch (algorithm) {
            case CART -> classificationTree(given, 1, seed);
            case FOREST ->
                    new RandomForestTrainer<>(
                            classificationTree(given, share(given), seed),
                            new VotingCombiner(),
                            whole(given, "trees"),
                            seed);
            default ->
                    new XGBoostClassificationTrainer(
                            whole(given, "rounds"),
                            algorithm.value(given, "eta"),
                            0,
                            whole(given, "depth"),
                            algorithm.value(given, "min_weight"),
                            algorithm.value(given, "row_share"),
                            algorithm.value(given, "feature_share"),
                            1,
                            0,
                            THREADS,
                            true,
                            seed);
        };
    }

    private CARTClassificationTrainer classificationTree(
            Map<String, Double> given, double share, long seed) {
        return new CARTClassificationTrainer(
                whole(given, "depth"),
                whole(given, "min_rows"),
                0f,
                (float) share,
                false,
                new GiniIndex(),
                seed);
    }

    private Trainer<Regressor> regressor(Map<String, Double> given, long seed) {
        Algorithm algorithm = config.algorithm();
        return switch (algorithm) {
            case CART -> regressionTree(given, 1, seed);
            case FOREST ->
                    new RandomForestTrainer<>(
                            regressionTree(given, share(given), seed),
                            new AveragingCombiner(),
                            whole(given, "trees"),
                            seed);
            default ->
                    new XGBoostRegressionTrainer(
                            RegressionType.LINEAR,
                            whole(given, "rounds"),
                            algorithm.value(given, "eta"),
                            0,
                            whole(given, "depth"),
                            algorithm.value(given, "min_weight"),
                            algorithm.value(given, "row_share"),
                            algorithm.value(given, "feature_share"),
                            1,
                            0,
                            THREADS,
                            true,
                            seed);
        };
    }

    private CARTRegressionTrainer regressionTree(
            Map<String, Double> given, double share, long seed) {
        return new CARTRegressionTrainer(
                whole(given, "depth"),
                whole(given, "min_rows"),
                0f,
                (float) share,
                false,
                new MeanSquaredError(),
                seed);
    }

    private Trainer<Event> detector(Map<String, Double> given) {
        // it would write its progress between the figures on standard output
        svm.svm_set_print_string_function(line -> {});
        SVMParameters<Event> parameters =
                new SVMParameters<>(new SVMAnomalyType(SVMMode.ONE_CLASS), KernelType.RBF);
        parameters.setNu(config.algorithm().value(given, "nu"));
        double gamma = config.algorithm().value(given, "gamma");
        parameters.setGamma(gamma > 0 ? gamma : 1.0 / config.features().features().size());
        return new TransformTrainer<>(
                new LibSVMAnomalyTrainer(parameters),
                new TransformationMap(List.of(new MeanStdDevTransformation())));
    }

    private double share(Map<String, Double> given) {
        return config.algorithm().value(given, "feature_share");
    }

    private int whole(Map<String, Double> given, String parameter) {
        return (int) config.algorithm().value(given, parameter);
    }

    private <T extends Output<T>> Scorer fit(Trainer<T> trainer, Examples examples) {
        double[] means = means(examples);
        Kind<T> kind = Kind.of(config);
        List<Example<T>> all = new ArrayList<>(examples.size());
        for (int i = 0; i < examples.size(); i++) {
            all.add(
                    Scorer.example(
                            kind.output().apply(examples.targets().get(i)),
                            examples.names(),
                            examples.vectors().get(i),
                            means));
        }
        Model<T> model;
        try {
            model =
                    trainer.train(
                            new MutableDataset<>(
                                    all,
                                    new SimpleDataSourceProvenance(config.id(), kind.factory()),
                                    kind.factory()));
        } catch (IllegalArgumentException | IllegalStateException e) {
            throw new IllegalArgumentException(
                    "%s: nothing can be learned from this data (%s); look for numbers that are far too large"
                            .formatted(config.id(), e.getMessage()),
                    e);
        }
        return new Scorer(model, config, examples.names(), means);
    }

    /** The mean of each feature, of those there are. */
    static double[] means(Examples examples) {
        double[] means = new double[examples.names().size()];
        for (int i = 0; i < means.length; i++) {
            int feature = i;
            means[i] =
                    examples.vectors().stream()
                            .mapToDouble(vector -> vector[feature])
                            .filter(value -> !Double.isNaN(value))
                            .average()
                            .orElse(0);
        }
        return means;
    }

    /**
     * Tribuo's side of a task.
     *
     * @param factory of its outputs
     * @param output makes one of a target
     */
    record Kind<T extends Output<T>>(OutputFactory<T> factory, Function<String, T> output) {

        @SuppressWarnings("unchecked") // the task says which output its trainers have
        static <T extends Output<T>> Kind<T> of(CircuitConfig config) {
            return (Kind<T>)
                    switch (config.task()) {
                        case CLASSIFICATION -> new Kind<>(new LabelFactory(), Label::new);
                        case REGRESSION ->
                                new Kind<>(
                                        new RegressionFactory(),
                                        target -> new Regressor(TARGET, capped(target, config)));
                        case ANOMALY ->
                                new Kind<>(
                                        new AnomalyFactory(),
                                        target -> new Event(Event.EventType.EXPECTED));
                    };
        }

        private static double capped(String target, CircuitConfig config) {
            try {
                double value = Double.parseDouble(target);
                return config.targetCap() == null ? value : Math.min(value, config.targetCap());
            } catch (NumberFormatException e) {
                throw new IllegalArgumentException(
                        "%s: target %s is %s; give a number"
                                .formatted(config.id(), config.target(), target),
                        e);
            }
        }
    }
}
