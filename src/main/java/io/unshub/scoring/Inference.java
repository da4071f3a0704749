package io.unshub.scoring;

import io.unshub.uns.Excerpt;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/**
 * Scores what is asked for directly, with the models in production. Threads: any. Failure: {@link
 * Invalid} names field, rule, value and next step.
 */
public final class Inference {

    /** Most instances in one request. */
    public static final int MOST_INSTANCES = 1_000;

    private final Scoring scoring;

    /**
     * @param value the score
     * @param alarm whether it crosses the model's threshold
     * @param movedBy the features that moved it most, with how much; null when that was not asked
     *     for
     */
    public record Prediction(double value, boolean alarm, Map<String, Double> movedBy) {}

    /**
     * @param model plant, circuit and name
     * @param version that scored
     * @param sha256 of its file
     * @param predictions one for each instance, in their order
     */
    public record Predictions(
            String model, int version, String sha256, List<Prediction> predictions) {}

    /** A request that cannot be answered. */
    public static final class Invalid extends Exception {
        private static final long serialVersionUID = 1L;
        private final String field;
        private final String rule;
        private final String value;
        private final String nextStep;

        Invalid(String field, String rule, String value, String detail, String nextStep) {
            super(detail + "; " + nextStep);
            this.field = field;
            this.rule = rule;
            this.value = value;
            this.nextStep = nextStep;
        }

        /** Where in the request: {@code instances[0].torque}. */
        public String field() {
            return field;
        }

        /** Which rule was broken. */
        public String rule() {
            return rule;
        }

        /** What broke it. */
        public String value() {
            return value;
        }

        /** What the caller can do. */
        public String nextStep() {
            return nextStep;
        }
    }

    public Inference(Scoring scoring) {
        this.scoring = scoring;
    }

    /**
     * Scores instances.
     *
     * @param id plant, circuit and name of the model
     * @param instances feature → value; null for what is missing
     * @param explain whether to say which features moved each score
     * @throws Invalid if there is no such model, or an instance is not what it sees
     */
    public Predictions predict(String id, List<Map<String, Double>> instances, boolean explain)
            throws Invalid {
        if (id == null) {
            throw new Invalid(
                    "model",
                    "model-given",
                    "null",
                    "the request names no model",
                    "give a JSON object with model, as in plant9/mixing/failure, and instances");
        }
        LiveModel model = scoring.model(id).orElseThrow(() -> unknown(id));
        if (instances == null || instances.isEmpty() || instances.size() > MOST_INSTANCES) {
            throw new Invalid(
                    "instances",
                    "instances-count",
                    instances == null ? "null" : Integer.toString(instances.size()),
                    "there is nothing to score, or too much",
                    "give 1 to " + MOST_INSTANCES + " instances");
        }
        List<double[]> vectors = new ArrayList<>();
        for (int i = 0; i < instances.size(); i++) {
            vectors.add(vector(model, "instances[" + i + "]", instances.get(i)));
        }
        double[] values;
        try {
            values = model.production().score(vectors);
        } catch (Exception e) {
            throw new Invalid(
                    "model",
                    "model-works",
                    id,
                    "the model failed (" + e.getMessage() + ")",
                    "try again in ten seconds, or roll it back");
        }
        List<Prediction> predictions = new ArrayList<>();
        for (int i = 0; i < values.length; i++) {
            predictions.add(
                    new Prediction(
                            values[i],
                            model.config().crosses(values[i]),
                            explain ? model.production().explain(vectors.get(i)) : null));
        }
        ModelCard card = model.production().card();
        return new Predictions(id, card.version(), card.sha256(), predictions);
    }

    /** What there is to say of a model that is not in production. */
    public Invalid unknown(String id) {
        if (!scoring.loaded()) {
            return new Invalid(
                    "model", "model-loaded", id, "the hub is starting", "try again in ten seconds");
        }
        return new Invalid(
                "model",
                "model-known",
                String.valueOf(id),
                "no model in production has this name",
                "name one of " + scoring.status().stream().map(Scoring.Status::model).toList());
    }

    private static double[] vector(LiveModel model, String where, Map<String, Double> given)
            throws Invalid {
        List<String> names = model.config().features().names();
        if (given == null) {
            throw new Invalid(
                    where, "feature-present", "null", "an instance is null", "give its features");
        }
        for (String name : new TreeSet<>(given.keySet())) {
            if (!names.contains(name)) {
                throw new Invalid(
                        where + "." + Excerpt.of(name),
                        "feature-known",
                        name,
                        "the model does not see this feature",
                        "give " + names);
            }
        }
        double[] vector = new double[names.size()];
        for (int i = 0; i < vector.length; i++) {
            Double value = given.get(names.get(i));
            vector[i] = value == null ? Double.NaN : value;
            if (Double.isNaN(vector[i]) && model.config().missing() != CircuitConfig.Missing.MEAN) {
                throw new Invalid(
                        where + "." + names.get(i),
                        "feature-present",
                        String.valueOf(value),
                        "a feature is missing, or no number",
                        "give all of " + names);
            }
            if (Double.isInfinite(vector[i])) {
                throw new Invalid(
                        where + "." + names.get(i),
                        "feature-finite",
                        value.toString(),
                        "a feature is infinite",
                        "give a number, or null where it is missing");
            }
        }
        return vector;
    }
}
