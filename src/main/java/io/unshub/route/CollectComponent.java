package io.unshub.route;

import io.unshub.collect.Protocol;
import java.util.Arrays;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.camel.Endpoint;
import org.apache.camel.support.DefaultComponent;

/**
 * {@code collect:PROTOCOL}: the readings of every connection that speaks this protocol; {@code
 * collect:plc}: of every one that is polled.
 */
public final class CollectComponent extends DefaultComponent {

    private static final String POLLED = "plc";

    @Override
    protected Endpoint createEndpoint(
            String uri, String remaining, Map<String, Object> parameters) {
        Set<Protocol> protocols =
                Arrays.stream(Protocol.values())
                        .filter(
                                known ->
                                        remaining.equals(POLLED)
                                                ? known.polled()
                                                : known.word().equals(remaining))
                        .collect(Collectors.toSet());
        if (protocols.isEmpty()) {
            throw new IllegalArgumentException(
                    uri
                            + " names no protocol of the hub; use one of "
                            + Stream.concat(
                                            Arrays.stream(Protocol.values()).map(Protocol::word),
                                            Stream.of(POLLED))
                                    .map("collect:"::concat)
                                    .toList());
        }
        return new CollectEndpoint(uri, this, protocols);
    }
}
