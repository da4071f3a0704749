package io.unshub.deduplication;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.IntNode;
import io.unshub.envelope.Batch;
import io.unshub.envelope.Envelope;
import io.unshub.envelope.EnvelopeCodec;
import io.unshub.envelope.MessageIds;
import io.unshub.envelope.Outcome;
import io.unshub.envelope.Reading;
import io.unshub.quality.Quality;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the hub itself collected; see DeduplicateRouteTest for what others published. */
class DeduplicationTest {

    private static final Instant T = Instant.parse("2026-03-01T12:00:00Z");
    private static final Duration WINDOW = Duration.ofMinutes(10);

    @TempDir private Path folder;
    private Instant now = T;
    private long nanos;
    private long seq;
    private long committed = Long.MAX_VALUE;
    private Deduplication stage;

    @BeforeEach
    void open() {
        stage =
                new Deduplication(
                        folder.resolve("table"),
                        WINDOW,
                        topic -> committed,
                        trouble -> assertThat(trouble).isNull(),
                        () -> nanos);
    }

    @AfterEach
    void close() {
        stage.close();
    }

    @Test
    void takesOutWhatComesAgainAndNothingElse() {
        assertThat(passing(collected(1), collected(2), collected(2), collected(4)))
                .containsExactly(1, 2, 4);
        assertThat(passing(collected(4), collected(3), collected(5))).containsExactly(3, 5);
        assertThat(passing(collected(1), collected(3), collected(5))).isEmpty();
    }

    @Test
    void knowsAfterARestartWhatCameBefore() {
        assertThat(passing(collected(1), collected(2), collected(3))).hasSize(3);
        close();
        open();

        // as a server sends again what was not acknowledged, each newer than the one before
        assertThat(passing(collected(1))).isEmpty();
        assertThat(passing(collected(2), collected(3), collected(4))).containsExactly(4);
        goOn(WINDOW);
        assertThat(passing(collected(5))).containsExactly(5);
        goOn(Duration.ofMillis(1));
        assertThat(passing(collected(6), collected(6), collected(5))).containsExactly(6);
    }

    @Test
    void isNotMistakenAboutWhatItSawByAClockThatIsSetAhead() {
        assertThat(passing(collected(1), made("acme/other", 1, true))).hasSize(2);
        close();
        open();

        now = T.minus(Duration.ofHours(1));
        assertThat(passing(collected(2))).hasSize(1);
        now = T.plus(Duration.ofMinutes(1));
        assertThat(passing(made("acme/other", 1, true), collected(3))).containsExactly(3);
    }

    private void goOn(Duration time) {
        now = now.plus(time);
        nanos += time.toNanos();
    }

    @Test
    void knowsWhatCameInAMessageThatWasRead() {
        assertThat(passing(read(1), read(2))).containsExactly(1, 2);
        assertThat(passing(collected(2), collected(3))).containsExactly(3);
        assertThat(passing(read(3), read(4))).containsExactly(4);
    }

    @Test
    void takesABatchThatWasRolledBackForNoRepeat() {
        committed = 0;
        assertThat(passing(collected(1), collected(2))).hasSize(2);
        seq = 0;
        assertThat(passing(collected(1), collected(2))).hasSize(2);
        committed = 2;
        assertThat(passing(collected(1), collected(2), collected(3))).containsExactly(3);
    }

    @Test
    void keepsTopicsApart() {
        assertThat(passing(collected(5))).hasSize(1);
        assertThat(passing(made("acme/other", 4, true), collected(5))).containsExactly(4);
    }

    private List<Integer> passing(Reading... readings) {
        for (Reading reading : readings) {
            reading.accept(++seq, now);
        }
        Batch batch = new Batch(new ArrayList<>(Arrays.asList(readings)));
        stage.deduplicate(batch);
        assertThat(readings)
                .filteredOn(each -> !batch.readings().contains(each))
                .allMatch(each -> each.outcome() == Outcome.DEDUPLICATED);
        return batch.readings().stream().map(each -> each.envelope().value().intValue()).toList();
    }

    private static Reading collected(int value) {
        return made("acme/tag", value, true);
    }

    private static Reading read(int value) {
        return made("acme/tag", value, false);
    }

    private static Reading made(String topic, int value, boolean known) {
        Instant time = T.plusSeconds(value);
        IntNode node = IntNode.valueOf(value);
        Envelope envelope =
                new Envelope(
                        MessageIds.of("plc", List.of("1"), topic, time, node),
                        time,
                        topic,
                        node,
                        Quality.GOOD,
                        "1",
                        "plc",
                        "1",
                        Envelope.SCHEMA_VERSION,
                        null,
                        null);
        Reading reading =
                known
                        ? Reading.toPublish(envelope)
                        : new Reading(topic, EnvelopeCodec.encode(envelope));
        reading.valid(envelope);
        return reading;
    }
}
