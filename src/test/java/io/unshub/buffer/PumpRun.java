package io.unshub.buffer;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.unshub.envelope.Reading;
import io.unshub.ledger.Ledger;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

/** A pump on a thread of its own, for a test. */
final class PumpRun {

    private PumpRun() {}

    /** A pump that moves what is published to the buffer, and fails on {@code poison}. */
    static Pump poisonable(Buffer buffer, Ledger ledger) {
        return new Pump(
                buffer,
                Queues.INGEST,
                10,
                10_000,
                Duration.ofMillis(200),
                took -> Duration.ZERO,
                (batch, unit) -> {
                    ledger.sequence(batch);
                    for (Reading reading : batch) {
                        if (new String(reading.payload(), UTF_8).equals("poison")) {
                            throw new IllegalStateException("cannot digest");
                        }
                        unit.buffer(reading);
                    }
                });
    }

    /** Runs it until something is so. */
    static void run(Pump pump, Callable<Boolean> until) throws Exception {
        ExecutorService thread = Executors.newSingleThreadExecutor();
        try {
            thread.execute(pump);
            await().atMost(Duration.ofSeconds(30)).until(until);
        } finally {
            pump.stop();
            thread.shutdown();
            assertThat(thread.awaitTermination(10, TimeUnit.SECONDS)).isTrue();
        }
    }
}
