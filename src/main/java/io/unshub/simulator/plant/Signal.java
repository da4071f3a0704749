package io.unshub.simulator.plant;

import io.unshub.simulator.plant.Machine.Coding;
import io.unshub.simulator.plant.Machine.Quantity;
import io.unshub.simulator.plant.Machine.Shape;
import java.util.SplittableRandom;

/**
 * One quantity of one machine as a pure function of the tick: duty cycle, lag, wear, noise and now
 * and then a fault of a few ticks. The same seed, machine, quantity and tick give the same value on
 * every machine and Java version; nothing is remembered between calls, so any thread may ask for
 * any tick.
 */
final class Signal {

    /** Ticks among which at most one fault of a tag falls. */
    static final int FAULT_WINDOW = 600;

    private static final double FAULT_PROBABILITY = 1.0 / 30;
    private static final int RAMP = 20;
    private static final long DAY = 86_400;

    private final Quantity quantity;
    private final long machineKey;
    private final long key;

    Signal(long seed, Machine machine, Quantity quantity) {
        this.quantity = quantity;
        this.machineKey = mix(seed, machine.name().hashCode());
        this.key = mix(machineKey, quantity.name().hashCode());
    }

    /**
     * What a sensor gives at one tick.
     *
     * @param value the measurement; out of range when the fault is {@link Fault#OUT_OF_RANGE}
     */
    record Sample(double value, Fault fault) {}

    /** What is wrong with a sample. */
    enum Fault {
        NONE,
        /** The sensor knows that it is broken. */
        SENSOR_FAILURE,
        /** The sensor reports what cannot be. */
        OUT_OF_RANGE
    }

    /** Returns the sample at a tick, 0 or later. */
    Sample at(long tick) {
        Fault fault = fault(tick);
        if (fault != Fault.NONE) {
            return new Sample(outOfRange(), fault);
        }
        double value = quantity.base() + quantity.swing() * share(tick);
        if (quantity.noise() > 0) {
            value += quantity.noise() * noise(tick);
        }
        return new Sample(round(clamp(value)), Fault.NONE);
    }

    /** Returns what a wire gives that broke: a fifth of the range above the highest value. */
    double outOfRange() {
        return round(quantity.max() + (quantity.max() - quantity.min()) / 5);
    }

    private double share(long tick) {
        Shape shape = quantity.shape();
        if (shape == Shape.COUNTER) {
            return tick;
        }
        if (shape == Shape.WEAR) {
            return wear(tick);
        }
        if (shape == Shape.THERMAL) {
            double sum = 0;
            for (int back = 0; back < 8; back++) {
                sum += load(Math.max(0, tick - 15L * back));
            }
            return sum / 8 + 0.05 * StrictMath.sin(2 * Math.PI * (tick % DAY) / DAY);
        }
        return shape == Shape.VIBRATION ? load(tick) * (0.7 + 0.6 * wear(tick)) : load(tick);
    }

    /** Returns the machine's load, 0 (idle) to about 1; all its quantities share it. */
    private double load(long tick) {
        SplittableRandom machine = new SplittableRandom(machineKey);
        long period = (long) between(machine, 600, 1800);
        long running = (long) (period * between(machine, 0.75, 0.95));
        long shifted = tick + (long) between(machine, 0, period);
        long inCycle = shifted % period;
        if (inCycle >= running) {
            return 0;
        }
        double level = between(new SplittableRandom(mix(machineKey, shifted / period)), 0.7, 1.0);
        double ramp = Math.min(1.0, Math.min(inCycle, running - inCycle) / (double) RAMP);
        return level * ramp * (1 + 0.04 * StrictMath.sin(2 * Math.PI * (shifted % 97) / 97));
    }

    private double wear(long tick) {
        SplittableRandom part = new SplittableRandom(mix(machineKey, 7));
        long life = (long) between(part, 20_000, 60_000);
        return ((tick + (long) between(part, 0, life)) % life) / (double) life;
    }

    private Fault fault(long tick) {
        if (quantity.noise() == 0) {
            return Fault.NONE;
        }
        SplittableRandom window =
                new SplittableRandom(mix(key, -1 - Math.floorDiv(tick, (long) FAULT_WINDOW)));
        if (window.nextDouble() >= FAULT_PROBABILITY) {
            return Fault.NONE;
        }
        int length = (int) between(window, 3, 9);
        // never at the very start of a window: tick 0 is what a client sees first
        int first = (int) between(window, 1, FAULT_WINDOW - length);
        int inWindow = (int) Math.floorMod(tick, (long) FAULT_WINDOW);
        if (inWindow < first || inWindow >= first + length) {
            return Fault.NONE;
        }
        return window.nextDouble() < 0.5 ? Fault.SENSOR_FAILURE : Fault.OUT_OF_RANGE;
    }

    private double noise(long tick) {
        SplittableRandom random = new SplittableRandom(mix(key, tick));
        // three uniforms come close enough to a Gaussian, and are the same on every Java version
        return 2 * (random.nextDouble() + random.nextDouble() + random.nextDouble() - 1.5);
    }

    private double clamp(double value) {
        return Math.max(quantity.min(), Math.min(quantity.max(), value));
    }

    private double round(double value) {
        return quantity.coding() == Coding.REAL ? Math.rint(value * 100) / 100 : Math.rint(value);
    }

    /** Returns a number from low to below high; bounded draws differ between Java versions. */
    private static double between(SplittableRandom random, double low, double high) {
        return low + (high - low) * random.nextDouble();
    }

    /** Scrambles two numbers into one, so that neighbours share nothing. */
    private static long mix(long a, long b) {
        return new SplittableRandom(a * 0xD1342543DE82EF95L + new SplittableRandom(b).nextLong())
                .nextLong();
    }
}
