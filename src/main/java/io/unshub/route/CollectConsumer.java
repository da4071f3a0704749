package io.unshub.route;

import io.unshub.collect.Bindings;
import io.unshub.collect.Collector;
import io.unshub.collect.Connection;
import io.unshub.collect.RunningCollectors;
import io.unshub.envelope.Envelope;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import org.apache.camel.Processor;

/** Runs a collector per connection and hands each list of readings to the route, blocking. */
final class CollectConsumer extends HandingConsumer {

    private final CollectEndpoint endpoint;
    private final Bindings bindings;
    private final Clock clock;
    private final RunningCollectors collectors;
    private final List<Collector> running = new ArrayList<>();

    CollectConsumer(
            CollectEndpoint endpoint,
            Processor processor,
            Bindings bindings,
            Clock clock,
            RunningCollectors collectors) {
        super(endpoint, processor);
        this.collectors = collectors;
        this.endpoint = endpoint;
        this.bindings = bindings;
        this.clock = clock;
    }

    @Override
    protected void doStart() throws Exception {
        super.doStart();
        for (Connection connection : bindings.connections()) {
            if (connection.protocol() == endpoint.protocol()) {
                Collector collector =
                        Collector.create(
                                connection,
                                bindings.tags(connection.name()),
                                clock,
                                this::carryUnchecked);
                running.add(collector);
                collector.start();
                collectors.started(collector);
            }
        }
    }

    @Override
    protected void doStop() throws Exception {
        for (Collector collector : running) {
            collector.close();
            collectors.closed(collector);
        }
        running.clear();
        super.doStop();
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
