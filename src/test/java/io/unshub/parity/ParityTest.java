package io.unshub.parity;

import static org.assertj.core.api.Assertions.assertThat;

import io.unshub.ledger.HourlyReport;
import io.unshub.ledger.TopicHours;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class ParityTest {

    private static final Instant TEN = Instant.parse("2026-03-01T10:00:00Z");
    private static final Instant ELEVEN = TEN.plus(Duration.ofHours(1));
    private static final Instant CUT = ELEVEN.plus(Duration.ofMinutes(30));
    private static final String TOPIC = "acme/plant1/a";

    private final Parity parity =
            new Parity(
                    new HourlyReport(
                            CUT,
                            List.of(
                                    new TopicHours(
                                            TOPIC, 5, 0, List.of(hour(TEN, 3), hour(ELEVEN, 2))))),
                    TEN);

    @Test
    void isEqualWhenAllOfEachHourArrivedOnceAndInOrder() {
        arrive(TEN, 1, 2, 3);
        arrive(ELEVEN, 4, 5);

        ParityReport report = parity.report();

        assertThat(report.equal()).isTrue();
        assertThat(report.forwarded()).isEqualTo(5);
        assertThat(report.arrived()).isEqualTo(5);
        assertThat(report.differences()).isEmpty();
        assertThat(report.hours()).extracting(ParityReport.Line::hour).containsExactly(TEN, ELEVEN);
    }

    @Test
    void namesTopicHourAndNumbersOfWhatIsMissing() {
        arrive(TEN, 1, 3);
        arrive(ELEVEN, 4, 5);

        ParityReport report = parity.report();

        assertThat(report.equal()).isFalse();
        assertThat(report.missing()).isEqualTo(1);
        assertThat(report.differences())
                .singleElement()
                .satisfies(
                        line -> {
                            assertThat(line.topic()).isEqualTo(TOPIC);
                            assertThat(line.hour()).isEqualTo(TEN);
                            assertThat(line.forwarded()).isEqualTo(3);
                            assertThat(line.arrived()).isEqualTo(2);
                            assertThat(line.gaps()).containsExactly("2");
                        });
    }

    @Test
    void findsAnHourOfWhichNothingArrived() {
        arrive(ELEVEN, 4, 5);

        assertThat(parity.report().differences())
                .singleElement()
                .satisfies(line -> assertThat(line.missing()).isEqualTo(3));
    }

    @Test
    void tellsRepeatsFromDisorder() {
        arrive(TEN, 1, 3, 2, 3);
        arrive(ELEVEN, 4, 5);

        ParityReport report = parity.report();

        assertThat(report.equal()).isFalse();
        assertThat(report.repeated()).isEqualTo(1);
        assertThat(report.outOfOrder()).isEqualTo(1);
        assertThat(report.missing()).isZero();
    }

    @Test
    void leavesOutWhatWasUnderWayAtTheCutOrAcceptedBeforeTheFirstHour() {
        arrive(TEN.minusSeconds(1), 0);
        arrive(TEN, 1, 2, 3);
        arrive(ELEVEN, 4, 5, 6, 7);
        parity.add(arrival("0", CUT.plusSeconds(1), "acme/plant1/new", 1, CUT));

        assertThat(parity.report().equal()).isTrue();
    }

    @Test
    void countsWhatTheLedgerDoesNotKnow() {
        arrive(TEN, 1, 2, 3);
        arrive(ELEVEN, 4, 5);
        parity.add(arrival("0", CUT.minusSeconds(1), "acme/plant1/strange", 1, ELEVEN));

        ParityReport report = parity.report();

        assertThat(report.equal()).isFalse();
        assertThat(report.unknown()).isEqualTo(1);
        assertThat(report.differences())
                .extracting(ParityReport.Line::topic)
                .containsExactly("acme/plant1/strange");
    }

    @Test
    void leavesOutWhatNoHubWroteAndSaysHowMuch() {
        arrive(TEN, 1, 2, 3);
        arrive(ELEVEN, 4, 5);
        parity.add(arrival("0", TEN, null, 0, null));
        parity.add(arrival("0", TEN, TOPIC, 1, null));

        assertThat(parity.report().equal()).isTrue();
        assertThat(parity.report().foreign()).isEqualTo(2);
    }

    @Test
    void countsALiveReadingBeforeEarlierOnesAsInOrder() {
        Parity own =
                new Parity(
                        new HourlyReport(
                                CUT, List.of(new TopicHours(TOPIC, 2, 3, List.of(hour(TEN, 3))))),
                        TEN);
        for (long number : new long[] {3, 1, 2, 4}) {
            own.add(
                    new Arrival(
                            "0", TEN.plusSeconds(1), TOPIC, number, TEN, number > 2, new byte[0]));
        }

        assertThat(own.report().outOfOrder()).isZero();
        assertThat(own.report().equal()).as("4 was under way").isTrue();
    }

    private void arrive(Instant accepted, long... numbers) {
        for (long number : numbers) {
            parity.add(arrival("0", accepted.plusSeconds(1), TOPIC, number, accepted));
        }
    }

    private static Arrival arrival(
            String partition, Instant enqueued, String topic, long hubSeq, Instant accepted) {
        return new Arrival(partition, enqueued, topic, hubSeq, accepted, false, new byte[0]);
    }

    private static TopicHours.Hour hour(Instant hour, long forwarded) {
        return new TopicHours.Hour(hour, forwarded, forwarded, 0, 0, 0);
    }
}
