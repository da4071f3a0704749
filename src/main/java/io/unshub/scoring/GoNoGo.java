package io.unshub.scoring;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * Whether a version on trial should go into production, point by point.
 *
 * @param model plant, circuit and name
 * @param version that is on trial
 * @param points each with its figure
 */
public record GoNoGo(String model, int version, List<Point> points) {

    private static final Duration FRESH = Duration.ofMinutes(1);

    /**
     * @param leastCompared scores that both versions have given
     * @param mostDisagreement share of the scores that only one of them would act on, 0 to 1
     * @param mostMillis 99th percentile of the time for a score
     */
    public record Limits(long leastCompared, double mostDisagreement, double mostMillis) {}

    /**
     * @param go whether it speaks for the version
     * @param text what was found and what was asked for
     */
    public record Point(boolean go, String text) {}

    /** Whether all points speak for the version. */
    public boolean go() {
        return points.stream().allMatch(Point::go);
    }

    /** What is to be done. */
    public String sentence() {
        return go()
                ? "go: uns-hub ml promote %s %d".formatted(model, version)
                : "no go: %d of %d points speak against version %d"
                        .formatted(
                                points.stream().filter(point -> !point.go()).count(),
                                points.size(),
                                version);
    }

    /**
     * Fills the checklist in.
     *
     * @param now to tell whether figures and approval are of today
     * @throws Registry.Refused if nothing is on trial, or the hub has not said anything yet
     */
    public static GoNoGo of(Registry registry, CircuitConfig circuit, Limits limits, Instant now)
            throws IOException, Registry.Refused {
        String model = circuit.id();
        Registry.Stages stages = registry.stages(model);
        if (stages.trial() == null) {
            throw new Registry.Refused(
                    "%s has no version on trial; uns-hub ml try %s VERSION begins one"
                            .formatted(model, model));
        }
        int version = stages.trial().version();
        Optional<Divergence> found =
                registry.divergence(model)
                        .filter(of -> of.version() == version)
                        .filter(of -> of.sinceUtc().equals(stages.trial().sinceUtc()))
                        .filter(of -> of.production() == stages.production());
        if (found.isEmpty()) {
            throw new Registry.Refused(
                    "the hub has said nothing of %s version %d yet; wait ten seconds, and see that the hub runs"
                            .formatted(model, version));
        }
        Divergence live = found.get();
        Registry.Comparison holdout = registry.compare(circuit, version);
        List<Point> points = new ArrayList<>();
        add(
                points,
                live.nowUtc().plus(FRESH).isAfter(now),
                "figures of %s, asked for: of the last minute",
                live.nowUtc());
        add(
                points,
                live.compared() >= limits.leastCompared(),
                "%d scores compared (and %d skipped, as the trial was behind), which differ by %.4f in the mean and by %.4f at most, asked for: %d scores",
                live.compared(),
                live.skipped(),
                live.meanDifference(),
                live.mostDifference(),
                limits.leastCompared());
        add(
                points,
                live.failed() == 0,
                "%d scores that version %d did not give, asked for: 0",
                live.failed(),
                version);
        if (live.disagreement() != null) {
            add(
                    points,
                    live.disagreement() <= limits.mostDisagreement(),
                    "%.2f %% of the scores only one would act on, asked for: %.2f %% at most",
                    live.disagreement() * 100,
                    limits.mostDisagreement() * 100);
        }
        add(
                points,
                live.versionMillis() <= limits.mostMillis(),
                "%.3f ms for a score (p99; production %.3f), asked for: %.3f at most",
                live.versionMillis(),
                live.productionMillis(),
                limits.mostMillis());
        add(
                points,
                !"DRIFT".equals(live.drift()),
                "drift of what comes against its training data: %s, asked for: not DRIFT",
                live.drift());
        add(points, holdout.better(), "%s, asked for: better", holdout.sentence());
        Instant approved = stages.versions().get(version).approvedUtc();
        add(
                points,
                approved != null && approved.plus(Registry.APPROVAL).isAfter(now),
                "approved: %s, asked for: in the last %d h",
                approved == null ? "no" : approved,
                Registry.APPROVAL.toHours());
        return new GoNoGo(model, version, points);
    }

    private static void add(List<Point> points, boolean go, String text, Object... values) {
        points.add(new Point(go, String.format(Locale.ROOT, text, values)));
    }
}
