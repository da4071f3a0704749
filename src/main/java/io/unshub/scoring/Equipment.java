package io.unshub.scoring;

import com.fasterxml.jackson.databind.JsonNode;
import io.unshub.quality.Quality;
import java.util.Arrays;

/** What one model knows of one piece of equipment. Not thread-safe. */
final class Equipment {

    private final FeatureState state;
    private final Quality[] qualities;
    private boolean complete;

    Equipment(FeatureSet features) {
        state = new FeatureState(features);
        qualities = new Quality[features.inputs().size()];
        Arrays.fill(qualities, Quality.GOOD);
    }

    /**
     * Takes a reading in. One of quality ERROR is no measurement: the input has no value then.
     *
     * @return whether it was taken; false when it came too late
     */
    boolean update(int input, double time, JsonNode value, Quality quality) {
        double number = quality == Quality.ERROR ? Double.NaN : number(value);
        if (!state.update(input, time, number)) {
            return false;
        }
        qualities[input] = quality;
        return true;
    }

    double[] vector(double now) {
        double[] vector = state.vector(now);
        complete |= Arrays.stream(vector).noneMatch(Double::isNaN);
        return vector;
    }

    /** Whether it has had all features once; what is missing before has yet to come. */
    boolean wasComplete() {
        return complete;
    }

    /** The worst flag of the newest reading of each input. */
    Quality quality() {
        return Arrays.stream(qualities).reduce(Quality.GOOD, Quality::worst);
    }

    private static double number(JsonNode value) {
        if (value.isBoolean()) {
            return value.booleanValue() ? 1 : 0;
        }
        double number = value.isNumber() ? value.doubleValue() : Double.NaN;
        return Double.isFinite(number) ? number : Double.NaN;
    }
}
