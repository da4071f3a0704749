package io.unshub.buffer;

import io.unshub.access.Refusal.Reason;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Who has how many connections to a listener. One address does not take the room of the others.
 * Memory: an address for each connection, and {@value #MOST_REMEMBERED} that have none. Threads:
 * any.
 */
final class Connections {

    private static final int MOST_REMEMBERED = 10_000;

    private final MqttLimits limits;
    private final InstantSource clock;
    private final Map<String, Address> addresses = new HashMap<>();
    private int open;

    private static final class Address {
        private int open;
        private long second;
        private int begun;
    }

    Connections(MqttLimits limits, InstantSource clock) {
        this.limits = limits;
        this.clock = clock;
    }

    /**
     * Takes one more connection of an address in.
     *
     * @return why not; empty where it was taken, and is to {@link #leave}
     */
    synchronized Optional<Reason> enter(String peer) {
        if (addresses.size() > limits.connections() + MOST_REMEMBERED) {
            addresses.values().removeIf(each -> each.open == 0);
        }
        Address address = addresses.computeIfAbsent(peer, each -> new Address());
        long second = clock.instant().getEpochSecond();
        if (address.second != second) {
            address.second = second;
            address.begun = 0;
        }
        if (limits.perSecond() > 0 && address.begun >= limits.perSecond()) {
            return Optional.of(Reason.CONNECTION_RATE);
        }
        if (address.open >= limits.perAddress() || open >= limits.connections()) {
            return Optional.of(Reason.CONNECTIONS);
        }
        address.begun++;
        address.open++;
        open++;
        return Optional.empty();
    }

    /** A connection that was taken in has ended. */
    synchronized void leave(String peer) {
        addresses.get(peer).open--;
        open--;
    }

    /** How many there are. */
    synchronized int open() {
        return open;
    }
}
