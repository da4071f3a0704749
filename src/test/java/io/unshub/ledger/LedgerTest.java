package io.unshub.ledger;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.unshub.deadletter.Reason;
import io.unshub.deadletter.Rejection;
import io.unshub.envelope.Batch;
import io.unshub.envelope.Outcome;
import io.unshub.envelope.Reading;
import io.unshub.quality.Quality;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class LedgerTest {

    private static final String TOPIC = "acme/plant1/packaging/line1/cell1/pump-01/temperature";
    private static final InstantSource CLOCK =
            InstantSource.fixed(Instant.parse("2026-03-01T10:00:00Z"));

    private final Ledger ledger = new Ledger(CLOCK);
    private final List<byte[]> stored = new ArrayList<>();

    @Test
    void numbersReadingsPerTopicFromOneWithoutGap() {
        Batch batch = new Batch(List.of(reading(TOPIC), reading("other"), reading(TOPIC)));

        ledger.sequence(batch);

        assertThat(batch.readings()).extracting(Reading::hubSeq).containsExactly(1L, 1L, 2L);
        assertThat(batch.readings().get(0).acceptedUtc()).isEqualTo(CLOCK.instant());
    }

    @Test
    void givesTheSameNumbersAgainAfterARollback() {
        ledger.sequence(new Batch(List.of(reading(TOPIC), reading(TOPIC))));
        Batch again = new Batch(List.of(reading(TOPIC)));

        ledger.sequence(again);

        assertThat(again.readings().get(0).hubSeq()).isEqualTo(1);
    }

    @Test
    void balancesWhatCameInWithWhereItWent() {
        ingest(Outcome.BUFFERED, Outcome.DEAD_LETTERED, Outcome.BUFFERED);
        forward(reading(1, 0, Outcome.FORWARDED));

        LedgerLine line = onlyLine(ledger);

        assertThat(line.accepted()).isEqualTo(3);
        assertThat(line.deadLettered()).isEqualTo(1);
        assertThat(line.forwarded()).isEqualTo(1);
        assertThat(line.buffered()).isEqualTo(1);
        assertThat(line.unaccounted()).isZero();
        assertThat(line.breaks()).isEmpty();
    }

    @Test
    void countsByQualityAndReasonWhatHasCommitted() {
        Reading valid = reading(TOPIC);
        valid.downgrade(valid.payload(), Quality.ERROR);
        Reading broken = reading(TOPIC);
        broken.reject(new Rejection(Reason.PARSE_ERROR, "payload", "no JSON"));
        Reading lost = reading(1, 0, Outcome.DEAD_LETTERED);
        valid.end(Outcome.BUFFERED);
        broken.end(Outcome.DEAD_LETTERED);

        Ledger.Entry entry = ledger.open();
        entry.ingested(valid);
        entry.ingested(broken);
        entry.dequeued(lost);
        assertThat(ledger.valid(Quality.ERROR)).isZero();
        assertThat(ledger.rejected(Reason.PARSE_ERROR)).isZero();

        entry.commit();
        assertThat(ledger.valid(Quality.ERROR)).isEqualTo(1);
        assertThat(ledger.valid(Quality.GOOD)).isZero();
        assertThat(ledger.rejected(Reason.PARSE_ERROR)).isEqualTo(1);
        assertThat(ledger.rejected(Reason.INTERNAL_ERROR)).isEqualTo(1);
    }

    @Test
    void aDeadLetterBetweenTwoReadingsIsNoGap() {
        ingest(Outcome.BUFFERED, Outcome.DEAD_LETTERED, Outcome.BUFFERED);

        forward(reading(1, 0, Outcome.FORWARDED), reading(3, 1, Outcome.FORWARDED));

        assertThat(onlyLine(ledger).breaks()).isEmpty();
    }

    @Test
    void namesTheReadingThatDidNotComeOutOfTheBuffer() {
        ingest(Outcome.BUFFERED, Outcome.BUFFERED, Outcome.BUFFERED, Outcome.BUFFERED);

        forward(reading(1, 0, Outcome.FORWARDED), reading(4, 3, Outcome.FORWARDED));

        assertThat(onlyLine(ledger).breaks()).containsExactly(new Break(Break.Kind.MISSING, 2, 3));
    }

    @Test
    void namesReadingsThatCameOutTwiceAsOneRange() {
        ingest(Outcome.BUFFERED, Outcome.BUFFERED);
        forward(reading(1, 0, Outcome.FORWARDED), reading(2, 1, Outcome.FORWARDED));

        forward(reading(1, 0, Outcome.FORWARDED), reading(2, 1, Outcome.FORWARDED));

        assertThat(onlyLine(ledger).breaks()).containsExactly(new Break(Break.Kind.REPEATED, 1, 2));
        assertThat(onlyLine(ledger).buffered()).isEqualTo(-2);
    }

    @Test
    void isTheSumOfItsStoredEntries() {
        ingest(Outcome.BUFFERED, Outcome.DEAD_LETTERED, Outcome.BUFFERED);
        forward(reading(1, 0, Outcome.FORWARDED));

        assertThat(restored(stored).lines()).isEqualTo(ledger.lines());
    }

    @Test
    void isTheSameWhenOldEntriesAreSummedUpBehindYoungerOnes() {
        ingest(Outcome.BUFFERED, Outcome.BUFFERED);
        ingest(Outcome.DEAD_LETTERED);
        forward(reading(1, 0, Outcome.FORWARDED));
        // as a compaction leaves it: the sum of the first two stands behind the third
        List<byte[]> compacted = new ArrayList<>(stored.subList(2, 3));
        compacted.addAll(ledger.merge(stored.subList(0, 2), 500, 0, false).open());

        assertThat(restored(compacted).lines()).isEqualTo(ledger.lines());
    }

    @Test
    void splitsTheSumIntoRecordsOfAFewTopics() {
        Batch batch =
                new Batch(IntStream.range(0, 7).mapToObj(i -> reading("topic-" + i)).toList());
        take(batch, Outcome.BUFFERED);

        long later = Ledger.hourOf(CLOCK.instant()) + 1;
        Ledger.Sum sum = ledger.merge(stored, 3, later, true);

        List<byte[]> records = sum.open();
        assertThat(records).hasSize(3);
        assertThat(sum.closed().get(later - 1)).hasSize(3);
        assertThat(restored(records).lines()).isEqualTo(ledger.lines());
    }

    @Test
    void tellsTheHoursOfAcceptanceFromRecordsOfAllKinds() {
        ingest(Outcome.BUFFERED, Outcome.DEAD_LETTERED, Outcome.BUFFERED);
        Reading late = reading(1, 0, Outcome.FORWARDED);
        late.acceptedBefore(CLOCK.instant().minusSeconds(3_600));
        forward(late);
        long now = Ledger.hourOf(CLOCK.instant());
        List<TopicHours> before = ledger.hours(stored, now - 1);

        Ledger.Sum sum = ledger.merge(stored, 500, now, true);

        assertThat(before)
                .containsExactly(
                        new TopicHours(
                                TOPIC,
                                1,
                                0,
                                List.of(
                                        new TopicHours.Hour(
                                                CLOCK.instant().minusSeconds(3_600), 0, 1, 0, 0, 0),
                                        new TopicHours.Hour(CLOCK.instant(), 3, 0, 1, 0, 0))));
        assertThat(sum.closed()).containsOnlyKeys(now - 1);
        List<byte[]> after = new ArrayList<>(sum.open());
        after.addAll(sum.closed().get(now - 1));
        assertThat(ledger.hours(after, now - 1)).isEqualTo(before);
        assertThat(ledger.hours(after, now).get(0).hours()).hasSize(1);
        // what is closed is in the books already
        assertThat(restored(sum.open()).lines()).isEqualTo(ledger.lines());
    }

    @Test
    void keepsCountingWhereTheStoredLedgerEnded() {
        ingest(Outcome.BUFFERED, Outcome.BUFFERED);
        Batch next = new Batch(List.of(reading(TOPIC)));

        restored(stored).sequence(next);

        assertThat(next.readings().get(0).hubSeq()).isEqualTo(3);
    }

    @Test
    void refusesEntriesWhoseNamesAreLost() {
        ingest(Outcome.BUFFERED);
        ingest(Outcome.BUFFERED);

        assertThatThrownBy(() -> restored(stored.subList(1, 2)))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage(
                        "the ledger speaks of topic number 0 but no record names it: the journal is"
                                + " damaged; restore the data folder from a backup");
    }

    @Test
    void countsTopicsThatAreTooLongInOneAccount() {
        String endless = "x".repeat(5_000);
        take(new Batch(List.of(reading(endless), reading(endless + "y"))), Outcome.DEAD_LETTERED);

        assertThat(onlyLine(ledger).topic()).isEqualTo(Ledger.OTHER_TOPICS);
        assertThat(onlyLine(ledger).accepted()).isEqualTo(2);
    }

    private void ingest(Outcome... outcomes) {
        List<Reading> readings = new ArrayList<>();
        for (int i = 0; i < outcomes.length; i++) {
            readings.add(reading(TOPIC));
        }
        Batch batch = new Batch(readings);
        ledger.sequence(batch);
        Ledger.Entry entry = ledger.open();
        for (int i = 0; i < outcomes.length; i++) {
            readings.get(i).end(outcomes[i]);
            entry.ingested(readings.get(i));
        }
        store(entry);
    }

    private void take(Batch batch, Outcome outcome) {
        ledger.sequence(batch);
        Ledger.Entry entry = ledger.open();
        for (Reading reading : batch) {
            reading.end(outcome);
            entry.ingested(reading);
        }
        store(entry);
    }

    private void forward(Reading... readings) {
        Ledger.Entry entry = ledger.open();
        for (Reading reading : readings) {
            entry.dequeued(reading);
        }
        store(entry);
    }

    private void store(Ledger.Entry entry) {
        stored.addAll(entry.records());
        entry.commit();
    }

    private static Ledger restored(List<byte[]> records) {
        Ledger restored = new Ledger(CLOCK);
        restored.restore(records);
        return restored;
    }

    private static LedgerLine onlyLine(Ledger ledger) {
        assertThat(ledger.lines()).hasSize(1);
        return ledger.lines().get(0);
    }

    private static Reading reading(String topic) {
        return new Reading(topic, new byte[0]);
    }

    private static Reading reading(long seq, long previous, Outcome outcome) {
        Reading reading = reading(TOPIC);
        reading.restore(seq, previous, CLOCK.instant(), null, null);
        reading.end(outcome);
        return reading;
    }
}
