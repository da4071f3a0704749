package io.unshub.route;

import io.unshub.collect.Publication;
import io.unshub.collect.UnsSubscriber;
import java.util.List;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;
import org.apache.camel.support.DefaultConsumer;

/** Hands each list of publications to the route, blocking; idle where no broker is configured. */
final class ExternalConsumer extends DefaultConsumer {

    private final UnsSubscriber subscriber;

    ExternalConsumer(ExternalEndpoint endpoint, Processor processor, UnsSubscriber subscriber) {
        super(endpoint, processor);
        this.subscriber = subscriber;
    }

    @Override
    protected void doStart() throws Exception {
        super.doStart();
        if (subscriber != null) {
            subscriber.start(this::carry);
        }
    }

    @Override
    protected void doStop() throws Exception {
        if (subscriber != null) {
            subscriber.close();
        }
        super.doStop();
    }

    private void carry(List<Publication> publications) throws Exception {
        Exchange exchange = createExchange(false);
        try {
            exchange.getIn().setBody(publications);
            getProcessor().process(exchange);
            if (exchange.getException() != null) {
                throw exchange.getException();
            }
        } finally {
            releaseExchange(exchange, false);
        }
    }
}
