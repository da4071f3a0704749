package io.unshub.route;

import java.util.Map;
import java.util.function.BiConsumer;
import org.apache.camel.Consumer;
import org.apache.camel.Endpoint;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.apache.camel.Processor;
import org.apache.camel.Producer;
import org.apache.camel.support.DefaultComponent;
import org.apache.camel.support.DefaultConsumer;
import org.apache.camel.support.DefaultEndpoint;
import org.apache.camel.support.DefaultProducer;

/** Takes the place of a component at the edge: nothing comes from it, and what goes there ends. */
final class EdgeComponent extends DefaultComponent {

    private final BiConsumer<String, Message> told;

    /**
     * @param told is given the URI of each endpoint that something goes to, and what
     */
    EdgeComponent(BiConsumer<String, Message> told) {
        this.told = told;
        // what Camel finds for the component itself does not fit
        setAutowiredEnabled(false);
    }

    private final class Edge extends DefaultEndpoint {
        Edge(String uri) {
            super(uri, EdgeComponent.this);
        }

        @Override
        public boolean isLenientProperties() {
            return true;
        }

        @Override
        public Producer createProducer() {
            return new DefaultProducer(this) {
                @Override
                public void process(Exchange exchange) {
                    told.accept(getEndpointUri(), exchange.getMessage());
                }
            };
        }

        @Override
        public Consumer createConsumer(Processor processor) {
            return new DefaultConsumer(this, processor);
        }
    }

    @Override
    protected Endpoint createEndpoint(
            String uri, String remaining, Map<String, Object> parameters) {
        return new Edge(uri);
    }
}
