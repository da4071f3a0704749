package io.unshub.scoring;

import io.smallrye.faulttolerance.api.CircuitBreakerState;
import io.smallrye.faulttolerance.api.Guard;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;

/**
 * A version of a model that scores, behind a circuit breaker: after some failures it is left alone
 * for a while. Threads: any, one at a time.
 */
final class LoadedVersion {

    private static final int MOST_MOVED = 3;

    private final ModelCard card;
    private final Scorer scorer;
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

    LoadedVersion(ModelCard card, Scorer scorer) {
        this.card = card;
        this.scorer = scorer;
    }

    ModelCard card() {
        return card;
    }

    /** Whether it is being left alone. */
    boolean isOpen() {
        return open;
    }

    /**
     * Scores vectors together.
     *
     * @throws Exception if the model fails, or is left alone because it did
     */
    synchronized double[] score(List<double[]> vectors) throws Exception {
        return vectors.isEmpty()
                ? new double[0]
                : breaker.call(() -> scorer.score(vectors), double[].class);
    }

    /** Which features moved a score most, see {@link Scorer#explain}. */
    synchronized Map<String, Double> explain(double[] vector) {
        return scorer.explain(vector, MOST_MOVED);
    }
}
