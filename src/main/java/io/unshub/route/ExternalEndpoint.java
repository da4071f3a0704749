package io.unshub.route;

import io.unshub.collect.UnsSubscriber;
import org.apache.camel.Consumer;
import org.apache.camel.Processor;
import org.apache.camel.Producer;
import org.apache.camel.support.DefaultEndpoint;

/** The UNS broker that is configured. */
public final class ExternalEndpoint extends DefaultEndpoint {

    ExternalEndpoint(String uri, ExternalComponent component) {
        super(uri, component);
    }

    @Override
    public Producer createProducer() {
        throw new UnsupportedOperationException(
                getEndpointUri() + " only reads; publish on the hub's own broker");
    }

    @Override
    public Consumer createConsumer(Processor processor) throws Exception {
        ExternalConsumer consumer =
                new ExternalConsumer(
                        this,
                        processor,
                        getCamelContext().getRegistry().findSingleByType(UnsSubscriber.class));
        configureConsumer(consumer);
        return consumer;
    }
}
