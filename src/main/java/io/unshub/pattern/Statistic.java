package io.unshub.pattern;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;
import org.apache.commons.statistics.descriptive.Max;
import org.apache.commons.statistics.descriptive.Mean;
import org.apache.commons.statistics.descriptive.Min;
import org.apache.commons.statistics.descriptive.StandardDeviation;
import org.apache.commons.statistics.descriptive.Sum;

/** What a window is summed up to. */
public enum Statistic {
    /** The arithmetic mean. */
    MEAN(values -> Mean.of(values).getAsDouble()),
    /** The smallest. */
    MIN(values -> Min.of(values).getAsDouble()),
    /** The largest. */
    MAX(values -> Max.of(values).getAsDouble()),
    /** The sum. */
    SUM(values -> Sum.of(values).getAsDouble()),
    /** How many there are. */
    COUNT(values -> values.length),
    /** The standard deviation of the sample; 0 for a single value. */
    STDDEV(values -> StandardDeviation.of(values).getAsDouble()),
    /** The earliest. */
    FIRST(values -> values[0]),
    /** The latest. */
    LAST(values -> values[values.length - 1]);

    private final ToDoubleFunction<double[]> of;

    Statistic(ToDoubleFunction<double[]> of) {
        this.of = of;
    }

    double of(double[] values) {
        return of.applyAsDouble(values);
    }

    /**
     * Returns the statistic of that name.
     *
     * @throws IllegalArgumentException if there is none
     */
    static Statistic named(String name) {
        Optional<Statistic> found =
                Arrays.stream(values())
                        .filter(each -> each.name().toLowerCase(Locale.ROOT).equals(name))
                        .findFirst();
        return found.orElseThrow(
                () ->
                        new IllegalArgumentException(
                                "function is %s; write one of %s"
                                        .formatted(
                                                name,
                                                Arrays.stream(values())
                                                        .map(
                                                                each ->
                                                                        each.name()
                                                                                .toLowerCase(
                                                                                        Locale
                                                                                                .ROOT))
                                                        .collect(Collectors.joining(", ")))));
    }
}
