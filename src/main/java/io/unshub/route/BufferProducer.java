package io.unshub.route;

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
        if (endpoint.name() == BufferEndpoint.Name.DEAD_LETTER) {
            for (Reading reading : batch.takeRejected()) {
                unit.deadLetter(reading);
            }
        } else {
            for (Reading reading : batch) {
                if (!reading.rejected()) {
                    unit.buffer(reading);
                }
            }
        }
    }
}
