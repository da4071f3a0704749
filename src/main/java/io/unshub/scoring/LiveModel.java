package io.unshub.scoring;

import io.unshub.quality.Quality;
import java.util.HashMap;
import java.util.Map;

/**
 * A model of a circuit that scores: the version in production, one on trial beside it, and what is
 * known of the equipment. Threads: one; figures from any.
 */
final class LiveModel {

    /** Why there is no score when a feature cannot be made. */
    static final String FEATURE_MISSING = "FEATURE_MISSING";

    // a hostile publisher may make up names
    private static final int MOST_EQUIPMENT = 10_000;

    private final CircuitConfig config;
    private final LoadedVersion production;
    private final Contender contender;
    private final Map<String, Equipment> equipment;
    private final DriftWatch drift;

    /**
     * @param contender null for none
     */
    LiveModel(CircuitConfig config, LoadedVersion production, Contender contender) {
        this(config, production, contender, new HashMap<>(), new DriftWatch(production.card()));
    }

    private LiveModel(
            CircuitConfig config,
            LoadedVersion production,
            Contender contender,
            Map<String, Equipment> equipment,
            DriftWatch drift) {
        this.config = config;
        this.production = production;
        this.contender = contender;
        this.equipment = equipment;
        this.drift = drift;
    }

    /** Other versions of the model, which go on with what these know. */
    LiveModel with(LoadedVersion otherProduction, Contender otherContender) {
        return new LiveModel(
                config,
                otherProduction,
                otherContender,
                equipment,
                otherProduction == production ? drift : new DriftWatch(otherProduction.card()));
    }

    CircuitConfig config() {
        return config;
    }

    LoadedVersion production() {
        return production;
    }

    /** The version on trial; null for none. */
    Contender contender() {
        return contender;
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

    /** Why there is no score; null where there is one. */
    static String refusal(double[] vector, Quality worst, CircuitConfig.Missing rule) {
        if (worst == Quality.ERROR) {
            return "INPUT_ERROR";
        }
        return rule.bears(vector) ? null : FEATURE_MISSING;
    }
}
