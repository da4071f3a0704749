package io.unshub.bench;

/**
 * One measured figure, as {@code docs/benchmarks.json} keeps it.
 *
 * @param name what was measured
 * @param value the figure
 * @param unit its unit
 * @param peer what it was compared with in the same run; null for none
 * @param ratio value over the peer's; null for none
 * @param commit the measured commit
 * @param date day of the run
 */
public record Result(
        String name,
        double value,
        String unit,
        String peer,
        Double ratio,
        String commit,
        String date) {}
