package io.unshub.route;

import io.unshub.collect.Bindings;
import io.unshub.collect.Collector;
import io.unshub.collect.Connection;
import io.unshub.envelope.Envelope;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;
import org.apache.camel.support.DefaultConsumer;

/** Runs a collector per connection and hands each list of readings to the route, blocking. */
final class CollectConsumer extends DefaultConsumer {

    private final CollectEndpoint endpoint;
    private final Bindings bindings;
    private final Clock clock;
    private final List<Collector> running = new ArrayList<>();

    CollectConsumer(CollectEndpoint endpoint, Processor processor, Bindings bindings, Clock clock) {
        super(endpoint, processor);
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
                                connection, bindings.tags(connection.name()), clock, this::carry);
                running.add(collector);
                collector.start();
            }
        }
    }

    @Override
    protected void doStop() throws Exception {
        for (Collector collector : running) {
            collector.close();
        }
        running.clear();
        super.doStop();
    }

    private void carry(List<Envelope> readings) {
        Exchange exchange = createExchange(false);
        try {
            exchange.getIn().setBody(readings);
            getProcessor().process(exchange);
            if (exchange.getException() != null) {
                throw new IllegalStateException(
                        "the route did not take the readings: "
                                + exchange.getException().getMessage(),
                        exchange.getException());
            }
        } catch (RuntimeException e) {
            throw e;
        } catch (Exception e) {
            throw new IllegalStateException(e);
        } finally {
            releaseExchange(exchange, false);
        }
    }
}
