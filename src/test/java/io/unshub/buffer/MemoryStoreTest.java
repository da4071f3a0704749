package io.unshub.buffer;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.unshub.deadletter.DeadLetter;
import io.unshub.deadletter.Reason;
import io.unshub.deadletter.Rejection;
import io.unshub.envelope.Batch;
import io.unshub.envelope.Reading;
import io.unshub.ledger.Ledger;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Queues of a rehearsal. */
class MemoryStoreTest extends MessageStoreContract {

    private static final String TOPIC = "acme/plant1/packaging/line1/filler/pump-1/temperature";
    private static final Instant ACCEPTED = Instant.parse("2026-03-01T00:00:00Z");

    private final List<DeadLetter> letters = new ArrayList<>();
    private final MemoryStore store = new MemoryStore(letters::add);

    @Override
    MessageStore store() {
        return store;
    }

    @Test
    void tellsOfDeadLettersOnceTheyAreCommittedAndKeepsNone() throws Exception {
        Buffer buffer = new Buffer(store, new Ledger(Clock.systemUTC()), Clock.systemUTC());
        publish(buffer, "no JSON");
        try (UnitOfWork unit = buffer.open(Queues.INGEST)) {
            Batch batch = unit.receive(10, 1_000, Duration.ofSeconds(5), Duration.ZERO);
            Reading reading = batch.readings().get(0);
            reading.accept(7, ACCEPTED);
            reading.reject(new Rejection(Reason.PARSE_ERROR, "payload", "it is no JSON"));
            unit.deadLetter(reading);
            assertThat(letters).isEmpty();

            unit.commit();
        }
        assertThat(letters)
                .singleElement()
                .satisfies(
                        letter -> {
                            assertThat(letter.topic()).isEqualTo(TOPIC);
                            assertThat(letter.hubSeq()).isEqualTo(7);
                            assertThat(letter.acceptedUtc()).isEqualTo(ACCEPTED);
                            assertThat(letter.payload()).asString(UTF_8).isEqualTo("no JSON");
                            assertThat(letter.rejection().reason()).isEqualTo(Reason.PARSE_ERROR);
                        });
        assertThat(store.depth(Queues.INGEST)).hasValue(0L);
        assertThat(store.depth(Queues.DEAD_LETTER)).isEmpty();
    }

    @Test
    void countsWhatNobodyHasInHand() throws Exception {
        Buffer buffer = new Buffer(store, new Ledger(Clock.systemUTC()), Clock.systemUTC());
        publish(buffer, "1");
        publish(buffer, "2");
        assertThat(store.undelivered()).isEqualTo(2);
        try (UnitOfWork unit = buffer.open(Queues.INGEST)) {
            unit.receive(1, 1_000, Duration.ofSeconds(5), Duration.ZERO);

            assertThat(store.undelivered()).isEqualTo(1);
            assertThat(store.depth(Queues.INGEST)).hasValue(2L);
        }
        assertThat(store.undelivered()).isEqualTo(2);
    }

    private static void publish(Buffer buffer, String payload) throws Exception {
        try (UnitOfWork unit = buffer.open(Queues.REPLAY)) {
            Reading reading = new Reading(TOPIC, payload.getBytes(UTF_8));
            reading.acceptedBefore(ACCEPTED);
            unit.replay(reading);
            unit.commit();
        }
    }
}
