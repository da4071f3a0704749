package io.unshub.scoring;

import io.smallrye.faulttolerance.api.CircuitBreakerState;
import io.smallrye.faulttolerance.api.Guard;
import io.unshub.quality.Quality;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The version of a model that scores, with what it knows of its equipment.
 *
 * <p>Behind a circuit breaker: after some failures it is left alone for a while, and what it did
 * not score is counted. Threads: one; figures from any.
 */
final class LiveModel {

    // a hostile publisher may make up names
    private static final int MOST_EQUIPMENT = 10_000;

    private final CircuitConfig config;
    private final ModelCard card;
    private final Scorer scorer;
    private final Map<String, Equipment> equipment;
    private final DriftWatch drift;
    private volatile boolean open;
    private final Guard breaker =
            Guard.create()
                    .withCircuitBreaker()
                    .requestVolumeThreshold(4)
                    .failureRatio(0.75)
                    .delay(10, ChronoUnit.SECONDS)
                    .successThreshold(1)
                    .onStateChange(state -> open = state != CircuitBreakerState.CLOSED)
                    .done()
                    .build();

    LiveModel(CircuitConfig config, ModelCard card, Scorer scorer) {
        this(config, card, scorer, new HashMap<>());
    }

    private LiveModel(
            CircuitConfig config, ModelCard card, Scorer scorer, Map<String, Equipment> equipment) {
        this.config = config;
        this.card = card;
        this.scorer = scorer;
        this.equipment = equipment;
        this.drift = new DriftWatch(card);
    }

    /** Another version of the model, which goes on with what this one knows. */
    LiveModel with(ModelCard otherCard, Scorer otherScorer) {
        return new LiveModel(config, otherCard, otherScorer, equipment);
    }

    CircuitConfig config() {
        return config;
    }

    ModelCard card() {
        return card;
    }

    /** What is known of a piece of equipment; null when there is no room for one more. */
    Equipment equipment(String name) {
        Equipment known = equipment.get(name);
        if (known == null && equipment.size() < MOST_EQUIPMENT) {
            known = new Equipment(config.features());
            equipment.put(name, known);
        }
        return known;
    }

    DriftWatch drift() {
        return drift;
    }

    /** Whether the model is being left alone. */
    boolean isOpen() {
        return open;
    }

    /**
     * Scores vectors together.
     *
     * @throws Exception if the model fails, or is left alone because it did
     */
    double[] score(List<double[]> vectors) throws Exception {
        return breaker.call(() -> scorer.score(vectors), double[].class);
    }

    Map<String, Double> explain(double[] vector) {
        return scorer.explain(vector, 3);
    }

    /** Whether a score is worth an alarm. */
    boolean crosses(double score) {
        Double alarm = config.alarm();
        return alarm != null && (config.alarmBelow() ? score <= alarm : score >= alarm);
    }

    /** Why there is no score; null where there is one. */
    static String refusal(double[] vector, Quality worst, CircuitConfig.Missing rule) {
        if (worst == Quality.ERROR) {
            return "INPUT_ERROR";
        }
        return rule.bears(vector) ? null : "FEATURE_MISSING";
    }
}
