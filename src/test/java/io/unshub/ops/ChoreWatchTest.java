package io.unshub.ops;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

class ChoreWatchTest {

    private static final Instant START = Instant.parse("2026-03-01T10:00:00Z");

    private volatile Instant now = START;
    private final Alarms alarms = new Alarms(() -> now, (name, alarm) -> {});
    private final ChoreWatch watch = new ChoreWatch(alarms, () -> now);

    @Test
    void tellsWhereAChoreStandsThatDoesNotEnd() throws Exception {
        CountDownLatch begun = new CountDownLatch(1);
        CompletableFuture<Void> end = new CompletableFuture<>();
        CompletableFuture<Void> chore =
                CompletableFuture.runAsync(
                        () -> {
                            try {
                                watch.watched(
                                        () -> {
                                            begun.countDown();
                                            end.join();
                                        });
                            } catch (Exception e) {
                                throw new CompletionException(e);
                            }
                        });
        begun.await();
        now = START.plusSeconds(59);
        watch.tick();
        assertThat(alarms.active()).isEmpty();

        now = START.plusSeconds(60);
        watch.tick();
        assertThat(alarms.active())
                .singleElement()
                .satisfies(
                        alarm -> {
                            assertThat(alarm.name()).isEqualTo("housekeeping");
                            assertThat(alarm.severity()).isEqualTo(Alarm.Severity.ERROR);
                            assertThat(alarm.text())
                                    .startsWith(
                                            "a chore of the hub has not ended since"
                                                    + " 2026-03-01T10:00:00Z, at ")
                                    .contains("io.unshub.ops.ChoreWatchTest.");
                        });

        end.complete(null);
        chore.join();
        watch.tick();
        assertThat(alarms.active()).isEmpty();
    }

    @Test
    void letsTheNextChoreHaveItsOwnTime() throws Exception {
        watch.watched(() -> now = START.plusSeconds(50));
        watch.watched(
                () -> {
                    now = START.plusSeconds(100);
                    watch.tick();
                });
        assertThat(alarms.active()).isEmpty();
    }
}
