package io.unshub.ops;

import io.unshub.forward.EventHubsSender;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Raises an alarm while Event Hubs takes no readings, and while the UNS broker of the plant, where
 * there is one, gives none. A short absence is none: buffers are there for it. Threads: one.
 */
public final class FarSideWatch {

    private static final String NAME = "event-hubs";
    private static final String BROKER = "uns-broker";
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final Supplier<Optional<EventHubsSender.Away>> away;
    private final Supplier<Optional<String>> brokerTrouble;
    private final Alarms alarms;
    private final InstantSource clock;
    private Instant troubleSince;

    /**
     * @param away since when the far side has taken nothing, and why
     * @param brokerTrouble what is wrong with the UNS broker of the plant; empty while all is well
     * @param alarms are raised here
     * @param clock tells for how long
     */
    public FarSideWatch(
            Supplier<Optional<EventHubsSender.Away>> away,
            Supplier<Optional<String>> brokerTrouble,
            Alarms alarms,
            InstantSource clock) {
        this.away = away;
        this.brokerTrouble = brokerTrouble;
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
        lookAtBroker(patient);
    }

    private void lookAtBroker(Instant patient) {
        Optional<String> trouble = brokerTrouble.get();
        if (trouble.isEmpty()) {
            troubleSince = null;
            alarms.clear(BROKER);
        } else if (troubleSince == null) {
            troubleSince = clock.instant();
        } else if (troubleSince.isBefore(patient)) {
            alarms.raise(BROKER, Alarm.Severity.WARNING, trouble.get());
        }
    }

    private static String text(EventHubsSender.Away away) {
        return "Event Hubs has taken no readings since %s (%s); nothing is lost, they wait in the buffer: check the network and the namespace, and how long the buffer lasts (GET /api/v1/buffer)"
                .formatted(away.since().truncatedTo(ChronoUnit.SECONDS), away.cause());
    }
}
