package io.unshub.route;

import io.unshub.access.AccessRules;
import io.unshub.access.LiveAccessRules;
import io.unshub.access.LiveTls;
import io.unshub.access.Refusals;
import io.unshub.buffer.Broker;
import io.unshub.buffer.SecureListener;
import io.unshub.ops.Alarms;
import io.unshub.ops.HubConfig;
import io.unshub.uns.HierarchyRules;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.UUID;

/**
 * The MQTT listener with TLS, where the configuration asks for one; else nothing of it is loaded.
 * Threads: {@link #tick} from one.
 */
@Singleton
final class MqttGate {

    // a certificate that ends is noticed, too, and no file changes by it
    private static final Duration LOOK = Duration.ofMinutes(1);

    private final Clock clock;
    private final SecureListener listener;
    private Instant looked;

    MqttGate(
            HubConfig config,
            HierarchyRules rules,
            Refusals refusals,
            PlainUser plainUser,
            Alarms alarms,
            Clock clock)
            throws IOException {
        this.clock = clock;
        looked = clock.instant();
        HubConfig.Mqtt.Tls tls = config.mqtt().tls();
        listener =
                tls.enabled()
                        ? new SecureListener(
                                tls.host(),
                                tls.port(),
                                new LiveTls(
                                        tls.files(config.configDir()),
                                        clock,
                                        trouble -> Beans.alarm(alarms, "mqtt-tls", trouble)),
                                new LiveAccessRules(
                                        config.configDir().resolve(AccessRules.FILE),
                                        rules,
                                        trouble -> Beans.alarm(alarms, "mqtt-acl", trouble)),
                                refusals,
                                plainUser.name())
                        : null;
    }

    /** The user name with which the hub's own sessions come over the plain listener. */
    record PlainUser(Optional<String> name) {
        /** None in the demo, where the plain listener takes anyone on loopback. */
        static PlainUser of(HubConfig config) {
            return new PlainUser(
                    config.demo() ? Optional.empty() : Optional.of("uns-hub-" + UUID.randomUUID()));
        }
    }

    /** The listener; null for none. */
    SecureListener listener() {
        return listener;
    }

    /** Takes changed certificates and rules over, for who is connected, too, and tells. */
    void tick(Broker broker) {
        boolean certificates = listener.tls().refresh();
        boolean rules = listener.rules().refresh();
        Instant now = clock.instant();
        if (certificates || rules || Duration.between(looked, now).compareTo(LOOK) >= 0) {
            looked = now;
            broker.recheckClients();
        }
        listener.refusals().tick();
    }
}
