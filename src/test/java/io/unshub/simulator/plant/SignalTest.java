package io.unshub.simulator.plant;

import static org.assertj.core.api.Assertions.assertThat;

import io.unshub.simulator.plant.Machine.Quantity;
import io.unshub.simulator.plant.Signal.Fault;
import io.unshub.simulator.plant.Signal.Sample;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class SignalTest {

    private static final int TICKS = 5_000;

    @Test
    void givesTheSameValuesForTheSameSeed() {
        assertThat(samples(1)).isEqualTo(samples(1));
    }

    @Test
    void givesOtherValuesForAnotherSeed() {
        assertThat(samples(1)).isNotEqualTo(samples(2));
    }

    @Test
    void givesTheSameValuesOnEveryJavaVersion() {
        Machine pump = Machine.PLANT1.get(0);
        List<Double> values = new ArrayList<>();
        for (Quantity quantity : pump.kind().quantities()) {
            values.add(new Signal(1, pump, quantity).at(100_000).value());
        }
        assertThat(values)
                .containsExactly(
                        67.73, 2.76, 38.69, 20.29, 2757.0, 1.43, 9.88, 112.18, 21.26, 100.0);
    }

    @Test
    void staysInRangeWhenNothingIsWrong() {
        forEachQuantity(
                (machine, quantity) -> {
                    Signal signal = new Signal(1, machine, quantity);
                    assertThat(LongStream.range(0, TICKS).mapToObj(signal::at))
                            .filteredOn(sample -> sample.fault() == Fault.NONE)
                            .allMatch(
                                    sample ->
                                            sample.value() >= quantity.min()
                                                    && sample.value() <= quantity.max());
                });
    }

    @Test
    void failsNowAndThenForAFewTicksWithBothFaults() {
        List<Fault> faults = new ArrayList<>();
        forEachQuantity(
                (machine, quantity) -> {
                    Signal signal = new Signal(1, machine, quantity);
                    int run = 0;
                    for (int tick = 0; tick < TICKS; tick++) {
                        Sample sample = signal.at(tick);
                        if (sample.fault() == Fault.NONE) {
                            assertThat(run).isIn(0, 3, 4, 5, 6, 7, 8);
                            run = 0;
                        } else {
                            run++;
                            faults.add(sample.fault());
                            assertThat(sample.value()).isGreaterThan(quantity.max());
                        }
                    }
                });
        assertThat(faults).contains(Fault.SENSOR_FAILURE, Fault.OUT_OF_RANGE);
        assertThat(faults).hasSizeLessThan(200 * TICKS / 1000);
    }

    @Test
    void outOfRangeValuesFitTheirRegisters() {
        forEachQuantity(
                (machine, quantity) -> {
                    double most = new Signal(1, machine, quantity).outOfRange();
                    switch (quantity.coding()) {
                        case INT -> assertThat(most).isLessThanOrEqualTo(Short.MAX_VALUE);
                        case DINT -> assertThat(quantity.noise()).isZero();
                        case REAL -> assertThat(most).isFinite();
                    }
                });
    }

    private interface QuantityAction {
        void accept(Machine machine, Quantity quantity);
    }

    private static void forEachQuantity(QuantityAction action) {
        Stream.concat(Machine.PLANT1.stream(), Machine.PLANT2.stream())
                .forEach(
                        machine ->
                                machine.kind()
                                        .quantities()
                                        .forEach(quantity -> action.accept(machine, quantity)));
    }

    private static List<Sample> samples(long seed) {
        List<Sample> samples = new ArrayList<>();
        forEachQuantity(
                (machine, quantity) -> {
                    Signal signal = new Signal(seed, machine, quantity);
                    LongStream.range(0, 50).mapToObj(signal::at).forEach(samples::add);
                });
        return samples;
    }
}
