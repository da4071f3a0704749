package io.unshub.scoring;

import static org.assertj.core.api.Assertions.assertThat;

import io.unshub.scoring.Feature.Kind;
import java.util.List;
import org.junit.jupiter.api.Test;

class FeatureStateTest {

    private static final FeatureSet SET =
            new FeatureSet(
                    List.of("temperature", "torque"),
                    List.of(
                            new Feature("temperature", 0, 0, Kind.LAST, 0, 0),
                            new Feature("temperature_lag_2", 0, 0, Kind.LAG, 2, 0),
                            new Feature("temperature_mean_10s", 0, 0, Kind.MEAN, 0, 10),
                            new Feature("torque", 1, 1, Kind.LAST, 0, 0)),
                    5,
                    60);

    private final FeatureState state = new FeatureState(SET);

    @Test
    void makesFeaturesOfWhatCameAndNothingOfWhatDidNot() {
        state.update(0, 1, 10);
        assertThat(state.vector(1)).containsExactly(10, Double.NaN, 10, Double.NaN);

        state.update(0, 2, 20);
        state.update(0, 3, 60);
        state.update(1, 3, 7);
        assertThat(state.vector(3)).containsExactly(60, 10, 30, 7);
    }

    @Test
    void givesALateReadingItsPlaceAndLeavesOutWhatIsTooLate() {
        state.update(0, 10, 10);
        state.update(0, 12, 12);
        assertThat(state.update(0, 11, 11)).isTrue();
        assertThat(state.update(0, 6, 99)).isFalse();

        assertThat(state.vector(12)[0]).isEqualTo(12);
        assertThat(state.vector(12)[1]).isEqualTo(10);
        assertThat(state.vector(12)[2]).isEqualTo(11);
    }

    @Test
    void holdsAnInputForMissingWhenItsNewestReadingIsTooOldOrNone() {
        state.update(0, 1, 10);
        state.update(1, 50, 7);
        assertThat(state.vector(62)).containsExactly(Double.NaN, Double.NaN, Double.NaN, 7);

        state.update(1, 51, Double.NaN);
        assertThat(state.vector(52)[3]).isNaN();
    }

    @Test
    void makesFeaturesOfTwoInputsWhereBothAreThere() {
        FeatureState pair =
                new FeatureState(
                        new FeatureSet(
                                SET.inputs(),
                                List.of(
                                        new Feature("difference", 0, 1, Kind.DIFFERENCE, 0, 0),
                                        new Feature("product", 0, 1, Kind.PRODUCT, 0, 0),
                                        new Feature("ratio", 0, 1, Kind.RATIO, 0, 0)),
                                5,
                                60));
        pair.update(0, 1, 10);
        assertThat(pair.vector(1)).containsOnly(Double.NaN);

        pair.update(1, 2, 4);
        assertThat(pair.vector(2)).containsExactly(6, 40, 2.5);

        pair.update(1, 3, 0);
        assertThat(pair.vector(3)).containsExactly(10, 0, Double.NaN);

        // the other input is too old
        pair.update(0, 70, 10);
        assertThat(pair.vector(70)).containsOnly(Double.NaN);
    }

    @Test
    void beginsAnewWhenAClockWasSetBack() {
        state.update(0, 3_600, 99);
        for (int i = 0; i < FeatureState.CLOCK_SET_BACK - 1; i++) {
            assertThat(state.update(0, i, i)).isFalse();
        }
        assertThat(state.update(0, 9, 9)).isTrue();

        assertThat(state.vector(9)).startsWith(9, 7, 4.5);
    }
}
