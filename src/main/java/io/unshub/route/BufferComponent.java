package io.unshub.route;

import io.unshub.buffer.Buffer;
import java.util.Map;
import org.apache.camel.Endpoint;
import org.apache.camel.support.DefaultComponent;

/**
 * {@code buffer:ingest}, {@code buffer:lanes}, {@code buffer:dead-letter}, {@code buffer:replay}
 * and {@code buffer:score}: the hub's durable queues, in batches and in one broker transaction.
 *
 * <p>A consumer starts an exchange whose body is a {@code Batch} and commits after the route; a
 * producer enlists in that transaction.
 */
public final class BufferComponent extends DefaultComponent {

    @Override
    protected Endpoint createEndpoint(String uri, String remaining, Map<String, Object> parameters)
            throws Exception {
        BufferEndpoint endpoint = new BufferEndpoint(uri, this, BufferEndpoint.Name.of(remaining));
        setProperties(endpoint, parameters);
        return endpoint;
    }

    Buffer buffer() {
        Buffer found = getCamelContext().getRegistry().findSingleByType(Buffer.class);
        if (found == null) {
            throw new IllegalStateException("no buffer is bound in the registry");
        }
        return found;
    }
}
