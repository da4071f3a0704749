package io.unshub.scoring;

/**
 * The readings of one input over a stretch of event time, with their statistics kept up to date:
 * adding a reading and asking for a figure do not walk through the window, but for a minimum or
 * maximum that has just left it.
 *
 * <p>A reading that comes late takes its place by time. Sums are taken around the first value, and
 * anew after every {@value #RENEW} that left, so that rounding errors do not add up. Not
 * thread-safe.
 */
final class Window {

    private static final int RENEW = 4_096;

    private final double length;
    // a ring, in order of time
    private double[] times = new double[16];
    private double[] values = new double[16];
    private int head;
    private int size;
    private int left;
    private double timeOrigin;
    private double valueOrigin;
    private double sumT;
    private double sumTt;
    private double sumV;
    private double sumVv;
    private double sumTv;
    private double min;
    private double max;

    /**
     * @param length in seconds, above 0: a reading this much older than the newest is out
     */
    Window(double length) {
        this.length = length;
    }

    /** Takes a reading in; one that is older than the window is left out. */
    void add(double time, double value) {
        if (size > 0 && time <= time(size - 1) - length) {
            return;
        }
        if (size == times.length) {
            grow();
        }
        int at = size;
        size++;
        while (at > 0 && time(at - 1) > time) {
            set(at, time(at - 1), value(at - 1));
            at--;
        }
        set(at, time, value);
        if (size == 1) {
            renew();
        } else {
            count(time, value, 1);
            min = Math.min(min, value);
            max = Math.max(max, value);
        }
        expire(time(size - 1));
    }

    /** Lets go of what is out of the window that ends at a time. */
    void expire(double now) {
        boolean extreme = false;
        while (size > 0 && time(0) <= now - length) {
            double value = value(0);
            count(time(0), value, -1);
            extreme |= value <= min || value >= max;
            head = (head + 1) % times.length;
            size--;
            left++;
        }
        if (size == 0 || left >= RENEW) {
            renew();
        } else if (extreme) {
            extremes();
        }
    }

    /** Forgets everything. */
    void clear() {
        size = 0;
        renew();
    }

    /** A statistic of the window; NaN when it is empty. */
    double get(Feature.Kind kind) {
        if (size == 0) {
            return Double.NaN;
        }
        return switch (kind) {
            case MEAN -> valueOrigin + sumV / size;
            case MIN -> min;
            case MAX -> max;
            case STD -> Math.sqrt(Math.max(0, sumVv / size - sumV / size * (sumV / size)));
            case SLOPE -> slope();
            case LAST, LAG, DIFFERENCE, PRODUCT, RATIO ->
                    throw new IllegalArgumentException(kind + " is no figure of a window");
        };
    }

    private double slope() {
        double spread = sumTt - sumT * sumT / size;
        return spread <= 0 ? 0 : (sumTv - sumT * sumV / size) / spread;
    }

    private void count(double time, double value, int sign) {
        double t = time - timeOrigin;
        double v = value - valueOrigin;
        sumT += sign * t;
        sumTt += sign * t * t;
        sumV += sign * v;
        sumVv += sign * v * v;
        sumTv += sign * t * v;
    }

    private void renew() {
        left = 0;
        sumT = 0;
        sumTt = 0;
        sumV = 0;
        sumVv = 0;
        sumTv = 0;
        if (size > 0) {
            timeOrigin = time(0);
            valueOrigin = value(0);
        }
        for (int i = 0; i < size; i++) {
            count(time(i), value(i), 1);
        }
        extremes();
    }

    private void extremes() {
        min = Double.POSITIVE_INFINITY;
        max = Double.NEGATIVE_INFINITY;
        for (int i = 0; i < size; i++) {
            min = Math.min(min, value(i));
            max = Math.max(max, value(i));
        }
    }

    private double time(int i) {
        return times[(head + i) % times.length];
    }

    private double value(int i) {
        return values[(head + i) % times.length];
    }

    private void set(int i, double time, double value) {
        int at = (head + i) % times.length;
        times[at] = time;
        values[at] = value;
    }

    private void grow() {
        double[] newTimes = new double[times.length * 2];
        double[] newValues = new double[times.length * 2];
        for (int i = 0; i < size; i++) {
            newTimes[i] = time(i);
            newValues[i] = value(i);
        }
        head = 0;
        times = newTimes;
        values = newValues;
    }
}
