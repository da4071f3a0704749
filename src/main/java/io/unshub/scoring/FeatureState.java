package io.unshub.scoring;

import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What one piece of equipment has shown so far, and the features made of it. The same code runs in
 * training and on the data path.
 *
 * <p>In: readings of the circuit's inputs, by event time. Out: a vector in the order of the
 * features, NaN where there is nothing to make one of. Not thread-safe.
 */
final class FeatureState {

    /** So many late readings of one input in a row, in order among themselves, are a new clock. */
    static final int CLOCK_SET_BACK = 10;

    private final FeatureSet set;
    private final Input[] inputs;
    private final Window[] windows;

    FeatureState(FeatureSet set) {
        this.set = set;
        inputs = new Input[set.inputs().size()];
        for (int i = 0; i < inputs.length; i++) {
            inputs[i] = new Input(1 + set.mostSteps(i));
        }
        windows = new Window[set.features().size()];
        Map<List<Object>, Window> shared = new HashMap<>();
        for (int i = 0; i < windows.length; i++) {
            Feature feature = set.features().get(i);
            if (feature.kind().overWindow()) {
                windows[i] =
                        shared.computeIfAbsent(
                                List.of(feature.input(), feature.seconds()),
                                key -> new Window(feature.seconds()));
                inputs[feature.input()].add(windows[i]);
            }
        }
    }

    /** Event time as features count it, in seconds since 1970. */
    static double seconds(Instant time) {
        return time.getEpochSecond() + time.getNano() / 1e9;
    }

    /**
     * Takes a reading in.
     *
     * @param input which one, from 0
     * @param time event time in seconds
     * @param value NaN where there is none: the input is then missing until it has one
     * @return whether it was taken; false when it is later than the lateness allows
     */
    boolean update(int input, double time, double value) {
        return inputs[input].update(time, value);
    }

    /** The features at a time of event time, in seconds; NaN for what is missing. */
    double[] vector(double now) {
        double[] vector = new double[windows.length];
        for (int i = 0; i < vector.length; i++) {
            Feature feature = set.features().get(i);
            Input input = inputs[feature.input()];
            if (input.isMissing(now)) {
                vector[i] = Double.NaN;
            } else if (feature.kind().overWindow()) {
                windows[i].expire(now);
                vector[i] = windows[i].get(feature.kind());
            } else if (feature.kind().ofTwo()) {
                Input with = inputs[feature.with()];
                vector[i] =
                        with.isMissing(now)
                                ? Double.NaN
                                : together(feature.kind(), input.value(0), with.value(0));
            } else {
                vector[i] = input.value(feature.steps());
            }
        }
        return vector;
    }

    private static double together(Feature.Kind kind, double one, double other) {
        double made =
                switch (kind) {
                    case DIFFERENCE -> one - other;
                    case PRODUCT -> one * other;
                    default -> one / other;
                };
        return Double.isFinite(made) ? made : Double.NaN;
    }

    /** The readings of one input, as far back as its features look. */
    private final class Input {

        private final double[] times;
        private final double[] values;
        private final List<Window> own = new ArrayList<>();
        private final double[] lateTimes = new double[CLOCK_SET_BACK];
        private final double[] lateValues = new double[CLOCK_SET_BACK];
        private int count;
        private int late;

        Input(int depth) {
            times = new double[depth];
            values = new double[depth];
        }

        void add(Window window) {
            if (!own.contains(window)) {
                own.add(window);
            }
        }

        boolean isMissing(double now) {
            return count == 0 || now - times[0] > set.maxAgeSeconds();
        }

        double value(int back) {
            return back < count ? values[back] : Double.NaN;
        }

        boolean update(double time, double value) {
            if (count > 0 && time < times[0] - set.latenessSeconds()) {
                return tooLate(time, value);
            }
            late = 0;
            take(time, value);
            return true;
        }

        private void take(double time, double value) {
            int at = 0;
            while (at < count && times[at] > time) {
                at++;
            }
            if (at < times.length) {
                System.arraycopy(times, at, times, at + 1, times.length - at - 1);
                System.arraycopy(values, at, values, at + 1, values.length - at - 1);
                times[at] = time;
                values[at] = value;
                count = Math.min(count + 1, times.length);
            }
            if (!Double.isNaN(value)) {
                own.forEach(window -> window.add(time, value));
            }
        }

        private boolean tooLate(double time, double value) {
            if (late > 0 && time < lateTimes[late - 1]) {
                late = 0;
            }
            lateTimes[late] = time;
            lateValues[late] = value;
            late++;
            if (late < CLOCK_SET_BACK) {
                return false;
            }
            count = 0;
            own.forEach(Window::clear);
            late = 0;
            for (int i = 0; i < CLOCK_SET_BACK; i++) {
                take(lateTimes[i], lateValues[i]);
            }
            return true;
        }
    }
}
