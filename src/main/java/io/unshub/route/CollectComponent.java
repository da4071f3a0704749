package io.unshub.route;

import io.unshub.collect.Protocol;
import java.util.Arrays;
import java.util.Map;
import org.apache.camel.Endpoint;
import org.apache.camel.support.DefaultComponent;

/** {@code collect:PROTOCOL}: the readings of every connection that speaks this protocol. */
public final class CollectComponent extends DefaultComponent {

    @Override
    protected Endpoint createEndpoint(
            String uri, String remaining, Map<String, Object> parameters) {
        Protocol protocol =
                Arrays.stream(Protocol.values())
                        .filter(known -> known.word().equals(remaining))
                        .findFirst()
                        .orElseThrow(
                                () ->
                                        new IllegalArgumentException(
                                                uri
                                                        + " names no protocol of the hub; use one of "
                                                        + Arrays.stream(Protocol.values())
                                                                .map(p -> "collect:" + p.word())
                                                                .toList()));
        return new CollectEndpoint(uri, this, protocol);
    }
}
