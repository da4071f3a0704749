package io.unshub.ops;

import io.unshub.trace.LogField;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.jboss.logging.Logger;

/**
 * The conditions that need a person now. Each change is one log line and one message on {@code
 * _hub/alarm/NAME}; what lasts is told once.
 *
 * <p>Threads: any. Failure: an alarm that cannot be published is still logged and counted.
 */
public final class Alarms {

    private static final Logger LOG = Logger.getLogger(Alarms.class);

    private final InstantSource clock;
    private final BiConsumer<String, Alarm> publish;
    private final Map<String, Alarm> active = new TreeMap<>();
    private final List<Consumer<List<Alarm>>> listeners = new CopyOnWriteArrayList<>();

    /**
     * @param clock tells when an alarm began
     * @param publish is given each alarm by name as it changes, and null once it is over
     */
    public Alarms(InstantSource clock, BiConsumer<String, Alarm> publish) {
        this.clock = clock;
        this.publish = publish;
    }

    /**
     * Raises an alarm, or changes the severity of one that is raised; nothing if it is the same.
     */
    public synchronized void raise(String name, Alarm.Severity severity, String text) {
        Alarm before = active.get(name);
        if (before == null || before.severity() != severity) {
            set(before, name, severity, text);
        }
    }

    /** Raises an alarm, or tells one anew whose text has changed; nothing if it is the same. */
    public synchronized void retell(String name, Alarm.Severity severity, String text) {
        Alarm before = active.get(name);
        if (before == null || before.severity() != severity || !before.text().equals(text)) {
            set(before, name, severity, text);
        }
    }

    private void set(Alarm before, String name, Alarm.Severity severity, String text) {
        Alarm alarm =
                new Alarm(name, severity, before == null ? clock.instant() : before.since(), text);
        active.put(name, alarm);
        try (var field = LogField.ALARM.is(name)) {
            LOG.logf(
                    severity == Alarm.Severity.ERROR ? Logger.Level.ERROR : Logger.Level.WARN,
                    "alarm %s: %s",
                    name,
                    text);
        }
        tell(name, alarm);
    }

    /** Ends an alarm; nothing if it was not raised. */
    public synchronized void clear(String name) {
        if (active.remove(name) != null) {
            try (var field = LogField.ALARM.is(name)) {
                LOG.infof("alarm %s is over", name);
            }
            tell(name, null);
        }
    }

    /** The alarms that are raised, by name. */
    public synchronized List<Alarm> active() {
        return List.copyOf(active.values());
    }

    /** Has the alarms that are raised told at each change, from the next on. */
    public void onChange(Consumer<List<Alarm>> listener) {
        listeners.add(listener);
    }

    private void tell(String name, Alarm alarm) {
        listeners.forEach(listener -> listener.accept(active()));
        try {
            publish.accept(name, alarm);
        } catch (RuntimeException e) {
            LOG.debugf(e, "alarm %s could not be published", name);
        }
    }
}
