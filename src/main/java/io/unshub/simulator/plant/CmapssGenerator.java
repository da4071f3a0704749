package io.unshub.simulator.plant;

import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.SplittableRandom;

/**
 * Generates run-to-failure data in the shape of C-MAPSS FD001, for when NASA's file is absent: each
 * unit wears out in 130 to 360 cycles, and about two thirds of its 21 sensors show it. The same
 * seed gives the same bytes.
 */
public final class CmapssGenerator {

    /** Per sensor: value of a new engine, what full wear adds, standard deviation of the noise. */
    private static final double[][] SENSORS = {
        {518.67, 0, 0}, {642.2, 1.6, 0.35}, {1587, 16, 4}, {1402, 28, 5},
        {14.62, 0, 0}, {21.61, 0, 0.001}, {554, -2.4, 0.4}, {2388.05, 0.2, 0.03},
        {9058, 25, 9}, {1.3, 0, 0}, {47.35, 0.8, 0.12}, {522, -2.1, 0.35},
        {2388.05, 0.2, 0.03}, {8137, 28, 8}, {8.42, 0.09, 0.018}, {0.03, 0, 0},
        {391.5, 4.5, 0.9}, {2388, 0, 0}, {100, 0, 0}, {38.95, -0.5, 0.09},
        {23.37, -0.3, 0.055}
    };

    private final long seed;

    /** Makes a generator; the seed decides every byte. */
    public CmapssGenerator(long seed) {
        this.seed = seed;
    }

    /**
     * Writes a file of whole lives.
     *
     * @param units how many engines, at least 1
     * @return how many rows (engine cycles) were written
     * @throws IOException when the file cannot be written
     */
    public int write(Path file, int units) throws IOException {
        if (units < 1) {
            throw new IllegalArgumentException("units is %d, needs at least 1".formatted(units));
        }
        SplittableRandom random = new SplittableRandom(seed);
        int rows = 0;
        try (BufferedWriter out = Files.newBufferedWriter(file, StandardCharsets.UTF_8)) {
            for (int unit = 1; unit <= units; unit++) {
                int life = 130 + (int) (random.nextDouble() * 231);
                for (int cycle = 1; cycle <= life; cycle++) {
                    out.write(row(unit, cycle, life, random));
                    out.write('\n');
                    rows++;
                }
            }
        }
        return rows;
    }

    private static String row(int unit, int cycle, int life, SplittableRandom random) {
        // wear shows late: little at half of life, all of it at the end
        double wear = StrictMath.expm1(4.0 * cycle / life) / StrictMath.expm1(4.0);
        StringBuilder row = new StringBuilder();
        row.append(unit).append(' ').append(cycle);
        row.append(number(" %.4f", 0.002 * noise(random)));
        row.append(number(" %.4f", 0.0003 * noise(random)));
        row.append(" 100.0");
        for (double[] sensor : SENSORS) {
            double value = sensor[0] + sensor[1] * wear + sensor[2] * noise(random);
            row.append(number(" %.4f", value));
        }
        return row.toString();
    }

    private static String number(String format, double value) {
        return String.format(Locale.ROOT, format, value);
    }

    private static double noise(SplittableRandom random) {
        return 2 * (random.nextDouble() + random.nextDouble() + random.nextDouble() - 1.5);
    }
}
