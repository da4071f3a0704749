package io.unshub.ops;

import io.unshub.forward.EventHubsSender;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Raises an alarm while Event Hubs takes no readings. A short absence is none: the buffer is there
 * for it. Threads: one.
 */
public final class FarSideWatch {

    private static final String NAME = "event-hubs";
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final Supplier<Optional<EventHubsSender.Away>> away;
    private final Alarms alarms;
    private final InstantSource clock;

    /**
     * @param away since when the far side has taken nothing, and why
     * @param alarms are raised here
     * @param clock tells for how long
     */
    public FarSideWatch(
            Supplier<Optional<EventHubsSender.Away>> away, Alarms alarms, InstantSource clock) {
        this.away = away;
        this.alarms = alarms;
        this.clock = clock;
    }

    /** Looks once. */
    public void tick() {
        Instant patient = clock.instant().minus(PATIENCE);
        away.get()
                .ifPresentOrElse(
                        since -> {
                            if (since.since().isBefore(patient)) {
                                alarms.raise(NAME, Alarm.Severity.WARNING, text(since));
                            }
                        },
                        () -> alarms.clear(NAME));
    }

    private static String text(EventHubsSender.Away away) {
        return "Event Hubs has taken no readings since %s (%s); nothing is lost, they wait in the buffer: check the network and the namespace, and how long the buffer lasts (GET /api/v1/buffer)"
                .formatted(away.since().truncatedTo(ChronoUnit.SECONDS), away.cause());
    }
}
