package io.unshub.route;

import java.util.Map;
import org.apache.camel.Endpoint;
import org.apache.camel.support.DefaultComponent;

/**
 * {@code external:uns}: what is published on the UNS broker that is configured, if there is one.
 */
public final class ExternalComponent extends DefaultComponent {

    @Override
    protected Endpoint createEndpoint(
            String uri, String remaining, Map<String, Object> parameters) {
        if (!remaining.equals("uns")) {
            throw new IllegalArgumentException(uri + " is not known; use external:uns");
        }
        return new ExternalEndpoint(uri, this);
    }
}
