package io.unshub.route;

import io.unshub.buffer.Buffer;
import io.unshub.buffer.UnitOfWork;
import io.unshub.envelope.Batch;
import java.time.Duration;
import org.apache.camel.Processor;

/** Takes batches out of the endpoint's queues. */
final class BufferConsumer extends PumpConsumer {

    private final BufferEndpoint endpoint;
    private final Buffer buffer;

    BufferConsumer(BufferEndpoint endpoint, Processor processor, Buffer buffer) {
        super(endpoint, processor);
        this.endpoint = endpoint;
        this.buffer = buffer;
    }

    @Override
    protected void doStart() throws Exception {
        super.doStart();
        begin(
                buffer,
                endpoint.queues(),
                new Filling(
                        endpoint.getMaxReadings(), endpoint.getMaxBytes(), endpoint.getLinger()));
    }

    @Override
    Duration pause(String queue, Duration took) {
        return buffer.rest(queue, took, endpoint.getBacklogShare()).plusMillis(endpoint.getPause());
    }

    @Override
    void carry(Batch batch, UnitOfWork unit) throws Exception {
        hand(batch, unit);
    }
}
