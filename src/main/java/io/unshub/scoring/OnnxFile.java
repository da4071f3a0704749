package io.unshub.scoring;

import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import io.unshub.scoring.CircuitConfig.Task;
import io.unshub.uns.Excerpt;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.tribuo.Model;
import org.tribuo.classification.Label;
import org.tribuo.classification.LabelFactory;
import org.tribuo.interop.onnx.DenseTransformer;
import org.tribuo.interop.onnx.LabelTransformer;
import org.tribuo.interop.onnx.ONNXExternalModel;
import org.tribuo.interop.onnx.RegressorTransformer;
import org.tribuo.regression.RegressionFactory;
import org.tribuo.regression.Regressor;

/** Models of other tools, in the form of ONNX. */
final class OnnxFile {

    /** What their cards name as algorithm. */
    static final String ALGORITHM = "onnx";

    // of floats that add up to 1
    private static final double ROUNDING = 1e-5;

    private OnnxFile() {}

    /**
     * Reads a model.
     *
     * @param file with one input, a float tensor of [batch, features] in the order of the circuit's
     *     features; for classes it gives their probabilities, alone or after the label, as
     *     scikit-learn's models do; for a number a float tensor of [batch, 1]
     * @param classes their names in the model's order; null for those of the examples, sorted
     * @param examples that it is tried on
     * @throws IllegalArgumentException if it is none, or does not take the features
     */
    static Scorer read(Path file, CircuitConfig config, List<String> classes, Examples examples) {
        if (config.task() == Task.ANOMALY) {
            throw new IllegalArgumentException(
                    config.id() + " has the task anomaly, for which no model can be brought in");
        }
        try {
            Scorer scorer =
                    new Scorer(
                            model(file, config, classes, examples),
                            config,
                            examples.names(),
                            Learner.means(examples));
            // what it does not take, it refuses with these
            check(scorer.score(examples.vectors()), config.task());
            return scorer;
        } catch (OrtException | RuntimeException e) {
            throw new IllegalArgumentException(
                    "%s cannot be used for %s (%s); it needs one input of %d floats, in the order %s"
                            .formatted(
                                    file,
                                    config.id(),
                                    Excerpt.of(String.valueOf(e.getMessage())),
                                    examples.names().size(),
                                    examples.names()),
                    e);
        }
    }

    private static void check(double[] scores, Task task) {
        for (double score : scores) {
            if (!Double.isFinite(score)) {
                throw new IllegalArgumentException("it gives " + score + ", which is no number");
            }
            if (task == Task.CLASSIFICATION && (score < 0 || score > 1 + ROUNDING)) {
                throw new IllegalArgumentException(
                        "it gives " + score + ", which is no probability");
            }
        }
    }

    private static Model<?> model(
            Path file, CircuitConfig config, List<String> classes, Examples examples)
            throws OrtException {
        OrtSession.SessionOptions options = new OrtSession.SessionOptions();
        // beside the data path, one after the other
        options.setIntraOpNumThreads(1);
        options.setInterOpNumThreads(1);
        String input;
        try (OrtSession session =
                OrtEnvironment.getEnvironment().createSession(file.toString(), options)) {
            input = session.getInputNames().iterator().next();
        }
        Map<String, Integer> features = new LinkedHashMap<>();
        examples.names().forEach(name -> features.put(name, features.size()));
        if (config.task() == Task.REGRESSION) {
            return ONNXExternalModel.createOnnxModel(
                    new RegressionFactory(),
                    features,
                    Map.of(new Regressor(Learner.TARGET, Double.NaN), 0),
                    new DenseTransformer(),
                    new RegressorTransformer(),
                    options,
                    file,
                    input);
        }
        List<String> names =
                classes == null
                        ? examples.targets().stream().distinct().sorted().toList()
                        : classes;
        if (!names.contains(config.positive())) {
            throw new IllegalArgumentException(
                    "its classes are " + names + " and positive is " + config.positive());
        }
        Map<Label, Integer> labels = new LinkedHashMap<>();
        names.forEach(name -> labels.put(new Label(name), labels.size()));
        return ONNXExternalModel.createOnnxModel(
                new LabelFactory(),
                features,
                labels,
                new DenseTransformer(),
                new LabelTransformer(),
                options,
                file,
                input);
    }
}
