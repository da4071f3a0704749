package io.unshub.scoring;

import java.time.Instant;

/**
 * What two versions of a model made of the same input.
 *
 * @param model plant, circuit and name
 * @param version that is tried out
 * @param production the version that it is compared with
 * @param sinceUtc when the comparison began
 * @param nowUtc when this was said
 * @param compared scores that both gave
 * @param failed scores that the version on trial did not give
 * @param skipped scores that were not compared, as the trial was behind
 * @param meanDifference mean absolute difference of the scores
 * @param mostDifference largest absolute difference
 * @param disagreement share of the scores that only one of them would act on, 0 to 1: that cross
 *     the threshold, or 0.5 where none is configured for a class; null where there is neither
 * @param productionMillis 99th percentile of the time for a score of the version in production
 * @param versionMillis the same of the version that is tried out
 * @param drift whether what comes is what the version on trial was trained on: UNKNOWN, NONE or
 *     DRIFT
 */
public record Divergence(
        String model,
        int version,
        int production,
        Instant sinceUtc,
        Instant nowUtc,
        long compared,
        long failed,
        long skipped,
        double meanDifference,
        double mostDifference,
        Double disagreement,
        double productionMillis,
        double versionMillis,
        String drift) {}
