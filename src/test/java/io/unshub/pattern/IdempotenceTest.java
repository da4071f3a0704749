package io.unshub.pattern;

import static io.unshub.pattern.Readings.TOPIC;
import static io.unshub.pattern.Readings.at;
import static io.unshub.pattern.Readings.through;
import static org.assertj.core.api.Assertions.assertThat;

import io.unshub.envelope.Envelope;
import io.unshub.envelope.Reading;
import org.junit.jupiter.api.Test;

class IdempotenceTest {

    private final FakeHand hand = new FakeHand();
    private final Idempotence step = new Idempotence(2);

    @Test
    void takesRepeatsOutInOneBatchAndAcrossBatches() throws Exception {
        Reading first = at(0, "1");
        Reading second = at(1, "2");

        assertThat(through(step, hand, first, at(0, "1"), second)).containsExactly(first, second);
        assertThat(through(step, hand, at(0, "1"), at(1, "2"))).isEmpty();
    }

    @Test
    void tellsTheSameIdOnAnotherTopicApart() throws Exception {
        Reading here = at(0, "1");
        Envelope of = here.envelope();
        Reading there =
                Reading.of(
                        new Envelope(
                                of.messageId(),
                                of.tsUtc(),
                                TOPIC.replace("101", "102"),
                                of.value(),
                                of.quality(),
                                of.units(),
                                of.sourceSystem(),
                                of.lineageVersion(),
                                of.schemaVersion(),
                                null,
                                null));

        assertThat(through(step, hand, here, there)).containsExactly(here, there);
    }

    @Test
    void letsThroughWhatItHasForgotten() throws Exception {
        through(step, hand, at(0, "1"), at(1, "2"), at(2, "3"));

        assertThat(through(step, hand, at(2, "3"))).isEmpty();
        assertThat(through(step, hand, at(0, "1"))).hasSize(1);
    }

    @Test
    void letsThroughWhatComesAgainAfterARollback() throws Exception {
        through(step, hand, at(0, "1"));
        hand.rollback();

        assertThat(through(step, hand, at(0, "1"))).hasSize(1);
    }
}
