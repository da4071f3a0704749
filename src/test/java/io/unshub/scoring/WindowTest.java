package io.unshub.scoring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.unshub.scoring.Feature.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.apache.commons.statistics.descriptive.DoubleStatistics;
import org.apache.commons.statistics.descriptive.Statistic;
import org.apache.commons.statistics.descriptive.StatisticsConfiguration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class WindowTest {

    /** A level far from 0 is where sums of squares lose their digits. */
    @ParameterizedTest
    @ValueSource(doubles = {0, 1e6})
    void agreesWithStatisticsOfTheWholeWindowAlsoWhenReadingsComeLate(double level) {
        Random random = new Random(3);
        Window window = new Window(60);
        List<double[]> all = new ArrayList<>();
        double newest = 0;
        for (int i = 0; i < 20_000; i++) {
            double time = Math.max(0, newest + random.nextDouble() * 3 - 1);
            double value = level + random.nextGaussian();
            window.add(time, value);
            newest = Math.max(newest, time);
            all.add(new double[] {time, value});
            double from = newest - 60;
            all.removeIf(reading -> reading[0] <= from);

            if (i % 50 == 0) {
                assertSame(window, all);
            }
        }
    }

    private static void assertSame(Window window, List<double[]> readings) {
        DoubleStatistics expected =
                DoubleStatistics.builder(
                                Statistic.MEAN,
                                Statistic.MIN,
                                Statistic.MAX,
                                Statistic.STANDARD_DEVIATION)
                        .setConfiguration(StatisticsConfiguration.withDefaults().withBiased(true))
                        .build(readings.stream().mapToDouble(reading -> reading[1]).toArray());
        assertThat(window.get(Kind.MEAN))
                .isCloseTo(expected.getAsDouble(Statistic.MEAN), within(1e-6));
        assertThat(window.get(Kind.MIN)).isEqualTo(expected.getAsDouble(Statistic.MIN));
        assertThat(window.get(Kind.MAX)).isEqualTo(expected.getAsDouble(Statistic.MAX));
        assertThat(window.get(Kind.STD))
                .isCloseTo(expected.getAsDouble(Statistic.STANDARD_DEVIATION), within(1e-5));
        assertThat(window.get(Kind.SLOPE)).isCloseTo(slope(readings), within(1e-5));
    }

    private static double slope(List<double[]> readings) {
        double t = readings.stream().mapToDouble(reading -> reading[0]).average().orElseThrow();
        double v = readings.stream().mapToDouble(reading -> reading[1]).average().orElseThrow();
        double both = 0;
        double spread = 0;
        for (double[] reading : readings) {
            both += (reading[0] - t) * (reading[1] - v);
            spread += (reading[0] - t) * (reading[0] - t);
        }
        return readings.size() == 1 ? 0 : both / spread;
    }

    @Test
    void hasNoFigureWhenItIsEmptyAndNoSpreadWithOneReading() {
        Window window = new Window(10);
        assertThat(window.get(Kind.MEAN)).isNaN();

        window.add(1, 5);
        assertThat(window.get(Kind.STD)).isZero();
        assertThat(window.get(Kind.SLOPE)).isZero();

        window.expire(11);
        assertThat(window.get(Kind.MAX)).isNaN();
    }
}
