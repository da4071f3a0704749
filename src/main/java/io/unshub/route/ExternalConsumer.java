package io.unshub.route;

import io.unshub.collect.UnsSubscriber;
import org.apache.camel.Processor;

/** Hands each list of publications to the route, blocking; idle where no broker is configured. */
final class ExternalConsumer extends HandingConsumer {

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
}
