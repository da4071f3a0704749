package io.unshub.route;

import java.util.Map;
import org.apache.camel.Endpoint;
import org.apache.camel.support.DefaultComponent;

/**
 * {@code uns:NAME} as a source: the durable subscription of that name; {@code uns:publish} as a
 * sink: the UNS, in the transaction of the batch.
 */
public final class UnsComponent extends DefaultComponent {

    @Override
    protected Endpoint createEndpoint(String uri, String remaining, Map<String, Object> parameters)
            throws Exception {
        UnsEndpoint endpoint = new UnsEndpoint(uri, this, remaining);
        setProperties(endpoint, parameters);
        return endpoint;
    }
}
