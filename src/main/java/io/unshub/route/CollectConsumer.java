package io.unshub.route;

import io.unshub.collect.Bindings;
import io.unshub.collect.Collector;
import io.unshub.collect.Connection;
import io.unshub.collect.LiveBindings;
import io.unshub.collect.RunningCollectors;
import io.unshub.collect.Tag;
import io.unshub.envelope.Envelope;
import java.time.Clock;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.apache.camel.Processor;

/**
 * Runs a collector per connection and hands each list of readings to the route, blocking. A
 * connection whose file or tags change gets a new collector; the others run on.
 */
final class CollectConsumer extends HandingConsumer {

    private final CollectEndpoint endpoint;
    private final LiveBindings bindings;
    private final Clock clock;
    private final RunningCollectors collectors;
    private final Map<String, Running> running = new TreeMap<>();
    private final Consumer<Bindings> change = this::apply;

    private record Running(Connection connection, List<Tag> tags, Collector collector) {}

    CollectConsumer(
            CollectEndpoint endpoint,
            Processor processor,
            LiveBindings bindings,
            Clock clock,
            RunningCollectors collectors) {
        super(endpoint, processor);
        this.endpoint = endpoint;
        this.bindings = bindings;
        this.clock = clock;
        this.collectors = collectors;
    }

    @Override
    protected void doStart() throws Exception {
        super.doStart();
        apply(bindings.current());
        bindings.onChange(change);
    }

    @Override
    protected void doStop() throws Exception {
        bindings.forget(change);
        synchronized (running) {
            running.values().forEach(this::end);
            running.clear();
        }
        super.doStop();
    }

    private void apply(Bindings now) {
        synchronized (running) {
            for (Iterator<Running> each = running.values().iterator(); each.hasNext(); ) {
                Running old = each.next();
                String name = old.connection().name();
                boolean same =
                        now.connection(name).filter(old.connection()::equals).isPresent()
                                && now.tags(name).equals(old.tags());
                if (!same) {
                    // before its successor: some devices have one client at a time
                    end(old);
                    each.remove();
                }
            }
            for (Connection connection : now.connections()) {
                if (endpoint.protocols().contains(connection.protocol())
                        && !running.containsKey(connection.name())) {
                    begin(connection, now.tags(connection.name()));
                }
            }
        }
    }

    private void begin(Connection connection, List<Tag> tags) {
        Collector collector = Collector.create(connection, tags, clock, this::carryUnchecked);
        running.put(connection.name(), new Running(connection, tags, collector));
        collector.start();
        collectors.started(collector);
    }

    private void end(Running old) {
        old.collector().close();
        collectors.closed(old.collector());
    }

    private void carryUnchecked(List<Envelope> readings) {
        try {
            carry(readings);
        } catch (RuntimeException e) {
            throw e;
        } catch (Exception e) {
            throw new IllegalStateException(
                    "the route did not take the readings: " + e.getMessage(), e);
        }
    }
}
