package io.unshub.route;

import org.apache.camel.Endpoint;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;
import org.apache.camel.support.DefaultConsumer;

/** Hands what a source delivers to the route, and returns once the route is through with it. */
abstract class HandingConsumer extends DefaultConsumer {

    HandingConsumer(Endpoint endpoint, Processor processor) {
        super(endpoint, processor);
    }

    /**
     * Hands over one message.
     *
     * @throws Exception what the route threw, if it did not take it
     */
    final void carry(Object body) throws Exception {
        Exchange exchange = createExchange(false);
        try {
            exchange.getIn().setBody(body);
            getProcessor().process(exchange);
            if (exchange.getException() != null) {
                throw exchange.getException();
            }
        } finally {
            releaseExchange(exchange, false);
        }
    }
}
