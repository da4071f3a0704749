package io.unshub.ops;

import io.unshub.collect.ConnectionStatus;
import io.unshub.collect.RunningCollectors;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;

/**
 * Raises an alarm for each PLC or SCADA system that does not answer for half a minute. {@link
 * #tick()} from one thread, every few seconds.
 */
public final class ConnectionWatch {

    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final RunningCollectors collectors;
    private final Alarms alarms;
    private final InstantSource clock;
    private final Map<String, Instant> goneSince = new HashMap<>();

    /**
     * @param collectors are asked
     * @param alarms are raised here, as {@code connection-NAME}
     * @param clock tells for how long
     */
    public ConnectionWatch(RunningCollectors collectors, Alarms alarms, InstantSource clock) {
        this.collectors = collectors;
        this.alarms = alarms;
        this.clock = clock;
    }

    /** Looks once. */
    public void tick() {
        for (ConnectionStatus status : collectors.statuses()) {
            String alarm = "connection-" + status.connection();
            if (status.connected()) {
                goneSince.remove(status.connection());
                alarms.clear(alarm);
                continue;
            }
            Instant since = goneSince.computeIfAbsent(status.connection(), name -> clock.instant());
            if (Duration.between(since, clock.instant()).compareTo(PATIENCE) >= 0) {
                alarms.raise(alarm, Alarm.Severity.WARNING, text(status));
            }
        }
    }

    private static String text(ConnectionStatus status) {
        return "connection %s does not answer (%s); it is tried again by itself, and what its source does not keep meanwhile is not seen: look at the device and the network, or try uns-hub connections test"
                .formatted(
                        status.connection(),
                        status.lastError() == null ? "no answer yet" : status.lastError());
    }
}
