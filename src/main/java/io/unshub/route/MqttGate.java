package io.unshub.route;

import io.unshub.access.AccessRules;
import io.unshub.access.LiveAccessRules;
import io.unshub.access.LiveTls;
import io.unshub.access.Refusals;
import io.unshub.buffer.Broker;
import io.unshub.buffer.SecureListener;
import io.unshub.ops.Alarms;
import io.unshub.ops.AuditEvent;
import io.unshub.ops.AuditFile;
import io.unshub.ops.HubConfig;
import io.unshub.uns.HierarchyRules;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jboss.logging.Logger;

/**
 * The MQTT listener with TLS, where the configuration asks for one; else nothing of it is loaded.
 * Threads: {@link #tick} from one.
 */
@Singleton
final class MqttGate {

    private static final Logger LOG = Logger.getLogger(MqttGate.class);

    // a certificate that ends is noticed, too, and no file changes by it
    private static final Duration LOOK = Duration.ofMinutes(1);

    private final Clock clock;
    private final AuditFile audit;
    private final Refusals refusals;
    private final SecureListener listener;
    private Instant looked;

    MqttGate(
            HubConfig config,
            HierarchyRules rules,
            Refusals refusals,
            Alarms alarms,
            AuditFile audit,
            Clock clock)
            throws IOException {
        this.clock = clock;
        this.audit = audit;
        this.refusals = refusals;
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
                                        trouble -> {
                                            Beans.alarm(alarms, "mqtt-acl", trouble);
                                            if (trouble != null) {
                                                note(
                                                        AccessRules.FILE,
                                                        Map.of("outcome", "refused"));
                                            }
                                        }),
                                refusals)
                        : null;
    }

    /** The listener; null for none. */
    SecureListener listener() {
        return listener;
    }

    /** Takes changed certificates and rules over, for who is connected, too, and tells. */
    void tick(Broker broker) {
        if (listener != null) {
            refresh(broker);
        }
        refusals.tick();
    }

    private void refresh(Broker broker) {
        boolean certificates = listener.tls().refresh();
        boolean rules = listener.rules().refresh();
        if (certificates) {
            note(
                    "certificates of MQTT",
                    Map.of(
                            "outcome",
                            Lifecycle.IN_FORCE,
                            "until",
                            listener.tls().current().expires().toString()));
        }
        if (rules) {
            note(
                    AccessRules.FILE,
                    Map.of(
                            "outcome",
                            Lifecycle.IN_FORCE,
                            "version",
                            listener.rules().current().version()));
        }
        Instant now = clock.instant();
        if (certificates || rules || Duration.between(looked, now).compareTo(LOOK) >= 0) {
            looked = now;
            broker.recheckClients();
        }
    }

    /** What is in force is in force, whether it can be noted or not. */
    private void note(String what, Map<String, ?> facts) {
        try {
            Map<String, Object> all = new LinkedHashMap<>(Map.of("what", what));
            all.putAll(facts);
            audit.add("hub", AuditEvent.CONFIGURATION, all);
        } catch (UncheckedIOException e) {
            LOG.warnf("%s; the change of %s is not in it", e.getMessage(), what);
        }
    }
}
