package io.unshub.testkit;

import java.util.List;
import java.util.Map;

/**
 * Where everything went that a test published, and what the routes made of it.
 *
 * @param published what the routes under test published on the UNS, in their order
 * @param forwarded what would be sent to Event Hubs, what the routes made among it
 * @param stayed what a rule keeps on the plant
 * @param deadLetters what was refused
 * @param sent what would leave by other endpoints
 */
public record Ends(
        List<Seen> published,
        List<Seen> forwarded,
        List<Seen> stayed,
        List<DeadLetter> deadLetters,
        List<Sent> sent) {

    /**
     * A refused reading.
     *
     * @param topic that it was published on
     * @param reason as {@code SCHEMA_INVALID}
     * @param detail what was wrong, and what to do
     */
    public record DeadLetter(String topic, String reason, String detail) {}

    /**
     * What would leave by an endpoint of a route.
     *
     * @param endpoint as in {@code file:data/export}, without its parameters
     * @param uri of the endpoint, with its parameters
     * @param headers of the message
     * @param text body of the message
     */
    public record Sent(String endpoint, String uri, Map<String, Object> headers, String text) {

        static Sent of(String uri, Map<String, Object> headers, String text) {
            return new Sent(
                    uri.replaceFirst("\\?.*", "").replaceFirst("://", ":"), uri, headers, text);
        }
    }

    /** The lines that would go to an endpoint, as {@code file:data/export}, in their order. */
    public List<String> linesTo(String endpoint) {
        return sent.stream()
                .filter(each -> each.endpoint().equals(endpoint))
                .flatMap(each -> each.text().lines())
                .toList();
    }
}
