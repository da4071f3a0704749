package io.unshub.pattern;

import static io.unshub.pattern.Readings.in;
import static io.unshub.pattern.Readings.text;
import static io.unshub.pattern.Readings.through;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.unshub.envelope.Reading;
import io.unshub.quality.Quality;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class UnitConversionTest {

    private final FakeHand hand = new FakeHand();

    private Reading converted(String units, Reading reading) throws InterruptedException {
        return through(new UnitConversion(units), hand, reading).get(0);
    }

    @ParameterizedTest
    @CsvSource({
        "77, [degF], Cel, 25",
        "298.15, K, Cel, 25",
        "25, Cel, K, 298.15",
        "-40, Cel, [degF], -40",
        "3, bar, kPa, 300",
        "101.325, kPa, bar, 1.01325",
        "90, m3/h, L/s, 25",
        "3, 1/min, 1/s, 0.05",
        "12, %, 1, 0.12"
    })
    void bringsNumbersIntoAnotherUnit(String number, String from, String to, String expected)
            throws Exception {
        Reading reading = converted(to, in(from, number));

        assertThat(reading.decimal()).isEqualByComparingTo(expected);
        assertThat(reading.units()).isEqualTo(to);
        assertThat(reading.quality()).isEqualTo(Quality.GOOD);
        assertThat(new String(reading.payload(), StandardCharsets.UTF_8))
                .contains("\"units\":\"" + to + "\"");
    }

    @ParameterizedTest
    @ValueSource(strings = {"bar", "furlongs", "°C", "m³/h", "", "1/", "no units"})
    void makesAnErrorOfWhatCannotBeBroughtIntoIt(String units) throws Exception {
        Reading reading = converted("Cel", in(units, "3"));

        assertThat(reading.quality()).isEqualTo(Quality.ERROR);
        assertThat(reading.envelope().errorCode()).isEqualTo("UNITS_MISMATCH");
        assertThat(reading.envelope().value().isNull()).isTrue();
    }

    @Test
    void leavesWhatIsNoNumberAsItIs() throws Exception {
        Reading open = text(0, "open");
        byte[] before = open.payload();

        assertThat(converted("Cel", open).payload()).isSameAs(before);
    }

    @Test
    void leavesANumberInTheUnitAsItIs() throws Exception {
        Reading exact = in("Cel", "21.50000000000000000001");
        byte[] before = exact.payload();

        assertThat(converted("Cel", exact).payload()).isSameAs(before);
    }

    @Test
    void refusesAUnitThatIsNone() {
        assertThatThrownBy(() -> new UnitConversion("furlongs"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("units is furlongs, which is not UCUM; write it as in Cel");
    }
}
