package io.unshub.route;

import io.unshub.buffer.Queues;
import io.unshub.buffer.UnitOfWork;
import io.unshub.envelope.Batch;
import io.unshub.envelope.Reading;
import org.apache.camel.Exchange;
import org.apache.camel.support.DefaultProducer;

/** Moves readings on in the transaction in which they were received. */
final class BufferProducer extends DefaultProducer {

    private final BufferEndpoint endpoint;

    BufferProducer(BufferEndpoint endpoint) {
        super(endpoint);
        this.endpoint = endpoint;
    }

    @Override
    public void process(Exchange exchange) throws Exception {
        Batch batch = exchange.getIn().getMandatoryBody(Batch.class);
        UnitOfWork unit = exchange.getProperty(BufferEndpoint.UNIT, UnitOfWork.class);
        if (unit == null) {
            throw new IllegalStateException(
                    endpoint.getEndpointUri()
                            + " stands in a route that does not start from buffer:, so there is no"
                            + " transaction to enlist in; start the route from buffer:ingest or"
                            + " buffer:lanes, or publish on MQTT");
        }
        switch (endpoint.name()) {
            case DEAD_LETTER -> {
                for (Reading reading : batch.takeRejected()) {
                    unit.deadLetter(reading);
                }
            }
            case INGEST -> publish(batch, unit);
            case SCORE -> {
                for (Reading reading : batch) {
                    if (reading.tapped()) {
                        unit.tap(reading);
                    }
                }
            }
            case SUBSCRIPTIONS -> {
                for (Reading reading : batch) {
                    unit.copy(reading);
                }
            }
            default -> {
                for (Reading reading : batch) {
                    if (!reading.rejected()) {
                        unit.buffer(reading);
                    }
                }
            }
        }
    }

    private static void publish(Batch batch, UnitOfWork unit) throws Exception {
        boolean scores = unit.queue().equals(Queues.SCORE);
        if (!scores && !unit.queue().equals(Queues.REPLAY)) {
            throw new IllegalStateException(
                    "buffer:ingest stands in a route that starts from "
                            + unit.queue()
                            + "; only what comes from buffer:replay or buffer:score goes there,"
                            + " anything else is published on MQTT");
        }
        for (Reading reading : batch) {
            if (scores) {
                unit.generate(reading);
            } else if (!reading.rejected()) {
                unit.replay(reading);
            }
        }
    }
}
