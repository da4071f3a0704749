package io.unshub.route;

import io.unshub.collect.LiveBindings;
import io.unshub.collect.Protocol;
import io.unshub.collect.RunningCollectors;
import java.time.Clock;
import java.util.Set;
import org.apache.camel.Consumer;
import org.apache.camel.Processor;
import org.apache.camel.Producer;
import org.apache.camel.spi.Registry;
import org.apache.camel.support.DefaultEndpoint;

/** All connections of some protocols. */
public final class CollectEndpoint extends DefaultEndpoint {

    private final Set<Protocol> protocols;

    CollectEndpoint(String uri, CollectComponent component, Set<Protocol> protocols) {
        super(uri, component);
        this.protocols = protocols;
    }

    @Override
    public Producer createProducer() {
        throw new UnsupportedOperationException(
                getEndpointUri() + " only reads; a route cannot write to a source");
    }

    @Override
    public Consumer createConsumer(Processor processor) throws Exception {
        Registry registry = getCamelContext().getRegistry();
        CollectConsumer consumer =
                new CollectConsumer(
                        this,
                        processor,
                        registry.findSingleByType(LiveBindings.class),
                        registry.findSingleByType(Clock.class),
                        registry.findSingleByType(RunningCollectors.class));
        configureConsumer(consumer);
        return consumer;
    }

    Set<Protocol> protocols() {
        return protocols;
    }
}
