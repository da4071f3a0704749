package io.unshub.ops;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.unshub.buffer.Broker;
import io.unshub.buffer.BrokerConfig;
import io.unshub.buffer.BufferGauge.Level;
import io.unshub.collect.RunningCollectors;
import io.unshub.forward.EventHubsSender;
import io.unshub.load.HubProcess;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.HealthCheckResponse.Status;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HealthTest {

    private static final Instant NOW = Instant.parse("2026-03-01T10:00:00Z");

    @TempDir private Path work;
    private final Alarms alarms = new Alarms(() -> NOW, (name, alarm) -> {});
    private final EventHubsSender sender =
            new EventHubsSender(() -> null, null, topic -> 0, lane -> true, () -> NOW);
    private int fill;
    private final BufferWatch buffer =
            new BufferWatch(
                    () -> new Level(NOW, 0, 0, fill, 100, null, 0, 0),
                    () -> true,
                    alarms,
                    hold -> {});

    @Test
    void isReadyWhileItTakesReadings() throws Exception {
        Broker broker =
                new Broker(
                        new BrokerConfig(
                                work.resolve("broker"),
                                "127.0.0.1",
                                HubProcess.freePort(),
                                1 << 20,
                                1L << 30));
        Health health = health(broker);
        assertThat(down(health.takesReadings())).isEqualTo("the broker does not run");
        broker.start();
        try {
            assertThat(health.takesReadings().getStatus()).isEqualTo(Status.UP);

            fill = 100;
            buffer.tick();
            assertThat(down(health.takesReadings()))
                    .startsWith("the buffer is full: publishers are held back");

            fill = 50;
            buffer.tick();
            assertThat(health.takesReadings().getStatus()).isEqualTo(Status.UP);
        } finally {
            broker.stop();
        }
        assertThat(health.takesReadings().getStatus()).isEqualTo(Status.DOWN);
    }

    @Test
    void isDegradedAndNotDownWhileAnAlarmStands() {
        Health health = health(null);
        assertThat(health.condition().getData().orElseThrow())
                .containsOnly(Map.entry("degraded", false));

        alarms.raise("event-hubs", Alarm.Severity.WARNING, "away, with names of machines");

        HealthCheckResponse degraded = health.condition();
        assertThat(degraded.getStatus()).isEqualTo(Status.UP);
        assertThat(degraded.getData().orElseThrow())
                .containsEntry("degraded", true)
                .containsEntry("event-hubs", "warning since 2026-03-01T10:00:00Z")
                .hasSize(2);
    }

    @Test
    void isDeadOnceThreadsWaitForEachOther() throws Exception {
        assertThat(Health.threads().getStatus()).isEqualTo(Status.UP);
        Lock one = new ReentrantLock();
        Lock other = new ReentrantLock();
        CountDownLatch both = new CountDownLatch(2);
        Thread first = deadlock("first-of-two", one, other, both);
        Thread second = deadlock("second-of-two", other, one, both);
        try {
            await().until(() -> Health.threads().getStatus() == Status.DOWN);
            assertThat(Health.threads().getData().orElseThrow())
                    .containsEntry("deadlocked", "first-of-two, second-of-two");
        } finally {
            first.interrupt();
            second.interrupt();
        }
        first.join();
        second.join();
        assertThat(Health.threads().getStatus()).isEqualTo(Status.UP);
    }

    private static Thread deadlock(String name, Lock mine, Lock theirs, CountDownLatch both) {
        Thread thread =
                new Thread(
                        () -> {
                            mine.lock();
                            try {
                                both.countDown();
                                both.await();
                                theirs.lockInterruptibly();
                            } catch (InterruptedException e) {
                                Thread.currentThread().interrupt();
                            } finally {
                                mine.unlock();
                            }
                        },
                        name);
        thread.start();
        return thread;
    }

    private Health health(Broker broker) {
        return new Health(broker, buffer, alarms, new RunningCollectors(), () -> sender);
    }

    private static String down(HealthCheckResponse response) {
        assertThat(response.getStatus()).isEqualTo(Status.DOWN);
        return response.getData().orElseThrow().get("why").toString();
    }
}
