package io.unshub.scoring;

import java.util.Locale;

/**
 * One number that a model sees: an input itself, an earlier value of it, what it makes with another
 * input, or a statistic over a window of event time that ends with the reading that asks for the
 * score.
 *
 * @param name the column's name, from input, kind and extent
 * @param input which input of its circuit, from 0
 * @param with which other input; that input itself unless the kind is of two
 * @param kind what is made of it
 * @param steps how many readings back; 0 unless the kind is {@link Kind#LAG}
 * @param seconds how long the window is; 0 unless the kind has one
 */
record Feature(String name, int input, int with, Kind kind, int steps, double seconds) {

    /** What is made of an input's readings. */
    enum Kind {
        /** The reading that came last. */
        LAST,
        /** The one some readings before it. */
        LAG,
        /** What it is above the other input, of the newest readings of both. */
        DIFFERENCE,
        /** It times the other input, of the newest readings of both. */
        PRODUCT,
        /**
         * It divided by the other input, of the newest readings of both; missing where that is 0.
         */
        RATIO,
        /** Arithmetic mean of the window. */
        MEAN,
        /** Smallest value of the window. */
        MIN,
        /** Largest value of the window. */
        MAX,
        /** Standard deviation of the window, with n in the denominator; 0 for one reading. */
        STD,
        /** Least-squares slope over the window, per second; 0 for one reading. */
        SLOPE;

        boolean ofTwo() {
            return this == DIFFERENCE || this == PRODUCT || this == RATIO;
        }

        boolean overWindow() {
            return compareTo(MEAN) >= 0;
        }

        String word() {
            return name().toLowerCase(Locale.ROOT);
        }
    }
}
