package io.unshub.buffer;

import java.time.Duration;

/**
 * What clients of a listener may take.
 *
 * @param connections most at a time
 * @param perAddress most at a time from one address
 * @param perSecond most that may begin within a second from one address; 0 for no limit
 * @param connectWithin how long may pass until CONNECT has come
 * @param topics most that one connection may publish on
 * @param subscriptions most filters of one client
 * @param inFlight most publishes of one connection that are not acknowledged
 */
public record MqttLimits(
        int connections,
        int perAddress,
        int perSecond,
        Duration connectWithin,
        int topics,
        int subscriptions,
        int inFlight) {

    /** For a broker that nobody but this program reaches. */
    static final MqttLimits NONE =
            new MqttLimits(
                    Integer.MAX_VALUE / 2,
                    Integer.MAX_VALUE,
                    0,
                    Duration.ofSeconds(10),
                    Integer.MAX_VALUE,
                    Integer.MAX_VALUE,
                    Integer.MAX_VALUE);

    /** For the hub's own sessions: what they take is the plant's own load. */
    MqttLimits ofOwnSessions() {
        return new MqttLimits(
                connections,
                perAddress,
                perSecond,
                connectWithin,
                Integer.MAX_VALUE,
                Integer.MAX_VALUE,
                Integer.MAX_VALUE);
    }
}
