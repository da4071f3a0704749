package io.unshub.pattern;

import static io.unshub.pattern.Readings.NOON;
import static io.unshub.pattern.Readings.at;
import static io.unshub.pattern.Readings.text;
import static io.unshub.pattern.Readings.through;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.node.DecimalNode;
import io.unshub.envelope.Reading;
import io.unshub.quality.Quality;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class WindowsTest {

    private static final Duration TEN = Duration.ofSeconds(10);
    private static final Duration TWO = Duration.ofSeconds(2);

    private final FakeHand hand = new FakeHand();
    private Instant now = NOON;

    private Windows windows(String function, Duration every, Duration lateness) {
        return new Windows(function, TEN, every, lateness, () -> now);
    }

    private Windows tumbling(String function) {
        return windows(function, Duration.ZERO, Duration.ZERO);
    }

    private static List<String> described(List<Reading> sums) {
        return sums.stream()
                .map(
                        sum ->
                                "%s %s"
                                        .formatted(
                                                Duration.between(NOON, sum.envelope().tsUtc())
                                                        .toSeconds(),
                                                sum.envelope().value()))
                .toList();
    }

    @Test
    void sumsUpEachReadingInOneTumblingWindow() throws Exception {
        Windows sum = tumbling("sum");

        assertThat(through(sum, hand, at(0, "1"), at(9.999, "2"))).isEmpty();
        assertThat(described(through(sum, hand, at(10, "4"), at(19, "8"), at(20, "16"))))
                .containsExactly("10 3.0", "20 12.0");
    }

    @Test
    void sumsUpAReadingInEachSlidingWindowThatTakesItIn() throws Exception {
        Windows sum = windows("sum", Duration.ofSeconds(5), Duration.ZERO);

        assertThat(described(through(sum, hand, at(1, "1"), at(6, "2"), at(11, "4"), at(20, "8"))))
                .containsExactly("5 1.0", "10 3.0", "15 6.0", "20 4.0");
    }

    @Test
    void keepsTheTopicsApart() throws Exception {
        Reading other =
                Readings.of(
                        Readings.TOPIC.replace("101", "102"),
                        0,
                        new DecimalNode(new BigDecimal("7")),
                        Quality.GOOD,
                        "Cel");

        assertThat(described(through(tumbling("sum"), hand, other, at(0, "1"), at(10, "1"))))
                .containsExactly("10 1.0");
    }

    @Test
    void waitsForReadingsThatAreLate() throws Exception {
        Windows sum = windows("sum", Duration.ZERO, TWO);

        assertThat(through(sum, hand, at(1, "1"), at(11.999, "100"), at(2, "2"))).isEmpty();
        assertThat(described(through(sum, hand, at(12, "100")))).containsExactly("10 3.0");
        assertThat(hand.late()).isZero();
    }

    @Test
    void leavesAReadingOutThatIsTooLateAndCountsIt() throws Exception {
        Windows sum = tumbling("sum");
        through(sum, hand, at(1, "1"), at(10, "2"));
        Reading late = at(9, "100");

        assertThat(described(through(sum, hand, late, at(20, "4")))).containsExactly("20 2.0");
        assertThat(hand.late()).isEqualTo(1);
        assertThat(hand.held()).doesNotContain(late);
    }

    @Test
    void aReadingIsTooLateWhereverABatchEnds() throws Exception {
        Windows sum = tumbling("sum");

        assertThat(
                        described(
                                through(
                                        sum,
                                        hand,
                                        at(1, "1"),
                                        at(10, "2"),
                                        at(9, "100"),
                                        at(20, "4"))))
                .containsExactly("10 1.0", "20 2.0");
        assertThat(hand.late()).isEqualTo(1);
    }

    @Test
    void takesALateReadingIntoTheWindowsThatAreStillOpen() throws Exception {
        Windows sum = windows("sum", Duration.ofSeconds(5), Duration.ZERO);
        through(sum, hand, at(6, "1"), at(10, "2"));

        assertThat(described(through(sum, hand, at(7, "4"), at(15, "8"))))
                .containsExactly("15 7.0");
        assertThat(hand.late()).isZero();
    }

    @Test
    void closesAWindowWhenNothingComesAnyMore() throws Exception {
        Windows sum = windows("sum", Duration.ZERO, TWO);
        through(sum, hand, at(1, "1"));

        now = NOON.plusMillis(11_999);
        assertThat(through(sum, hand)).isEmpty();
        now = NOON.plusSeconds(12);
        assertThat(described(through(sum, hand))).containsExactly("10 1.0");
        assertThat(hand.held()).isEmpty();
        assertThat(through(sum, hand)).isEmpty();
    }

    @Test
    void hasTheWorstQualityOfItsReadings() throws Exception {
        assertThat(
                        through(
                                tumbling("mean"),
                                hand,
                                at(1, "1"),
                                at(2, "2", Quality.STALE),
                                at(3, "3", Quality.SIMULATED),
                                at(10, "4", Quality.ERROR)))
                .singleElement()
                .satisfies(
                        mean -> {
                            assertThat(mean.quality()).isEqualTo(Quality.STALE);
                            assertThat(mean.decimal()).isEqualByComparingTo("2");
                            assertThat(mean.units()).isEqualTo("Cel");
                        });
    }

    @Test
    void hasNoValueWhereAReadingIsAnError() throws Exception {
        assertError(
                through(tumbling("mean"), hand, at(1, "1"), at(2, "2", Quality.ERROR), at(10, "4")),
                "INPUT_ERROR");
    }

    @Test
    void hasNoValueWhereThereIsNoNumber() throws Exception {
        assertError(through(tumbling("mean"), hand, text(1, "open"), at(10, "4")), "NO_VALUE");
    }

    private static void assertError(List<Reading> sums, String code) {
        assertThat(sums)
                .singleElement()
                .satisfies(
                        sum -> {
                            assertThat(sum.quality()).isEqualTo(Quality.ERROR);
                            assertThat(sum.envelope().errorCode()).isEqualTo(code);
                            assertThat(sum.envelope().value().isNull()).isTrue();
                        });
    }

    @Test
    void leavesOutOfASumWhatIsNoNumber() throws Exception {
        assertThat(
                        described(
                                through(
                                        tumbling("sum"),
                                        hand,
                                        text(1, "open"),
                                        at(2, "2"),
                                        at(10, "4"))))
                .containsExactly("10 2.0");
    }

    @Test
    void countsReadingsWhateverIsInThem() throws Exception {
        assertThat(
                        through(
                                tumbling("count"),
                                hand,
                                text(1, "open"),
                                at(2, "2", Quality.ERROR),
                                at(3, "3"),
                                at(10, "4")))
                .singleElement()
                .satisfies(
                        count -> {
                            assertThat(count.decimal()).isEqualByComparingTo("3");
                            assertThat(count.quality()).isEqualTo(Quality.GOOD);
                            assertThat(count.units()).isEqualTo("1");
                        });
    }

    @ParameterizedTest
    @CsvSource({
        "mean, 5",
        "min, 2",
        "max, 9",
        "sum, 40",
        "count, 8",
        "first, 2",
        "last, 9",
        "stddev, 2.138089935299395"
    })
    void knowsItsStatistics(String function, double expected) throws Exception {
        List<Reading> sums =
                through(
                        tumbling(function),
                        hand,
                        at(8, "9"),
                        at(1, "2"),
                        at(2, "4"),
                        at(3, "4"),
                        at(4, "4"),
                        at(5, "5"),
                        at(6, "5"),
                        at(7, "7"),
                        at(10, "0"));

        assertThat(sums.get(0).decimal().doubleValue()).isCloseTo(expected, within(1e-12));
    }

    @Test
    void holdsReadingsUntilTheirLastWindowHasClosed() throws Exception {
        Windows sum = windows("sum", Duration.ofSeconds(5), Duration.ZERO);
        Reading first = at(1, "1");
        Reading second = at(6, "2");
        through(sum, hand, first, second);
        assertThat(hand.held()).containsExactlyInAnyOrder(first, second);

        Reading third = at(10, "4");
        through(sum, hand, third);
        assertThat(hand.held()).containsExactlyInAnyOrder(second, third);

        Reading fourth = at(16, "8");
        through(sum, hand, fourth);
        assertThat(hand.held()).containsExactlyInAnyOrder(third, fourth);
    }

    @Test
    void givesTheSameSumsWhenItsReadingsComeAgain() throws Exception {
        Windows mean = tumbling("mean");
        List<Reading> readings = List.of(at(1, "1"), at(4, "2"), at(10, "3"), at(20, "4"));
        List<Reading> once = new ArrayList<>();
        for (Reading reading : readings) {
            once.addAll(through(mean, hand, reading));
        }
        hand.rollback();
        List<Reading> again = through(mean, hand, readings.toArray(Reading[]::new));

        assertThat(once).hasSize(2);
        assertThat(again)
                .extracting(Reading::envelope)
                .isEqualTo(once.stream().map(Reading::envelope).toList());
    }

    @ParameterizedTest
    @CsvSource({"0, 0, 0", "1000, 2000, 0", "1000, 0, -1"})
    void refusesWhatDoesNotGoTogether(long size, long every, long lateness) {
        assertThatThrownBy(
                        () ->
                                new Windows(
                                        "mean",
                                        Duration.ofMillis(size),
                                        Duration.ofMillis(every),
                                        Duration.ofMillis(lateness),
                                        () -> now))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("every is not more than size");
    }

    @Test
    void refusesAStatisticThatItDoesNotKnow() {
        assertThatThrownBy(() -> tumbling("median"))
                .hasMessage(
                        "function is median; write one of mean, min, max, sum, count, stddev, first, last");
    }
}
