package io.unshub.ops;

import io.unshub.buffer.Broker;
import io.unshub.collect.ConnectionStatus;
import io.unshub.collect.RunningCollectors;
import io.unshub.forward.EventHubsSender;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Provider;
import jakarta.inject.Singleton;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadInfo;
import java.lang.management.ThreadMXBean;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.HealthCheckResponseBuilder;
import org.eclipse.microprofile.health.Liveness;
import org.eclipse.microprofile.health.Readiness;

/**
 * What {@code /observe/health} says: whether the process works, whether it takes readings, and what
 * is wrong beside that. Down is only what a restart, or another hub in its place, would help; what
 * the hub lives with, an absence of Event Hubs or of a PLC, is told and is not down. See {@code
 * docs/observability/health.md}. Threads: any, from the start of the process on.
 */
@Singleton
public final class Health {

    private final Broker broker;
    private final BufferWatch buffer;
    private final Alarms alarms;
    private final RunningCollectors collectors;
    private final Provider<EventHubsSender> sender;

    Health(
            Broker broker,
            BufferWatch buffer,
            Alarms alarms,
            RunningCollectors collectors,
            Provider<EventHubsSender> sender) {
        this.broker = broker;
        this.buffer = buffer;
        this.alarms = alarms;
        this.collectors = collectors;
        this.sender = sender;
    }

    @Produces
    @Singleton
    @Liveness
    HealthCheck process() {
        return Health::threads;
    }

    @Produces
    @Singleton
    @Readiness
    HealthCheck intake() {
        return this::takesReadings;
    }

    @Produces
    @Singleton
    @Readiness
    HealthCheck beside() {
        return this::condition;
    }

    /** Down when threads wait for each other for ever. */
    static HealthCheckResponse threads() {
        ThreadMXBean threads = ManagementFactory.getThreadMXBean();
        long[] stuck = threads.findDeadlockedThreads();
        HealthCheckResponseBuilder process = HealthCheckResponse.named("process");
        return stuck == null
                ? process.up().build()
                : process.down()
                        .withData(
                                "deadlocked",
                                Arrays.stream(threads.getThreadInfo(stuck))
                                        .map(ThreadInfo::getThreadName)
                                        .sorted()
                                        .collect(Collectors.joining(", ")))
                        .build();
    }

    /** Down while a publisher would get no acknowledgement. */
    HealthCheckResponse takesReadings() {
        HealthCheckResponseBuilder intake = HealthCheckResponse.named("takes-readings");
        if (!broker.started()) {
            return intake.down().withData("why", "the broker does not run").build();
        }
        return buffer.full()
                ? intake.down()
                        .withData(
                                "why",
                                "the buffer is full: publishers are held back, and nothing is lost;"
                                        + " see docs/runbooks/buffer-filling.md")
                        .build()
                : intake.up().build();
    }

    /** Always up: says what is wrong beside. */
    HealthCheckResponse condition() {
        Map<String, String> wrong = new TreeMap<>();
        for (ConnectionStatus connection : collectors.statuses()) {
            if (!connection.connected()) {
                wrong.put("connection-" + connection.connection(), "does not answer");
            }
        }
        sender.get()
                .away()
                .ifPresent(
                        away ->
                                wrong.put(
                                        "event-hubs",
                                        "takes no readings since "
                                                + away.since().truncatedTo(ChronoUnit.SECONDS)));
        for (Alarm alarm : alarms.active()) {
            wrong.put(
                    alarm.name(),
                    alarm.severity().name().toLowerCase(Locale.ROOT)
                            + " since "
                            + alarm.since().truncatedTo(ChronoUnit.SECONDS));
        }
        HealthCheckResponseBuilder condition =
                HealthCheckResponse.named("condition").up().withData("degraded", !wrong.isEmpty());
        wrong.forEach(condition::withData);
        return condition.build();
    }
}
