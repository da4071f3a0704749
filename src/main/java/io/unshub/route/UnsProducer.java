package io.unshub.route;

import io.unshub.buffer.Subscriptions;
import io.unshub.buffer.UnitOfWork;
import io.unshub.envelope.Envelope;
import io.unshub.envelope.MessageIds;
import io.unshub.envelope.Reading;
import java.util.ArrayList;
import java.util.List;
import org.apache.camel.Exchange;
import org.apache.camel.support.DefaultProducer;

/**
 * Publishes what a route made of readings beside them, in the transaction in which they leave its
 * subscription. The same reading gives the same messageId, so that one made again is recognised.
 */
final class UnsProducer extends DefaultProducer {

    private final UnsEndpoint endpoint;

    UnsProducer(UnsEndpoint endpoint) {
        super(endpoint);
        this.endpoint = endpoint;
    }

    @Override
    public void process(Exchange exchange) throws Exception {
        UnitOfWork unit = StepProducer.unit(exchange, endpoint.getEndpointUri());
        for (Reading reading : StepProducer.readings(exchange, endpoint.getEndpointUri())) {
            unit.generate(Reading.of(derived(reading.envelope(), unit.subscription())));
        }
    }

    /** One that came another way is another reading, as its bytes are others. */
    private List<String> details(Envelope from) {
        List<String> details =
                new ArrayList<>(
                        List.of(
                                endpoint.getLineageVersion(),
                                from.units(),
                                from.quality().name(),
                                String.valueOf(from.errorCode())));
        if (from.messageHistory() != null) {
            details.add(from.messageHistory().toString());
        }
        return details;
    }

    private Envelope derived(Envelope from, String subscription) {
        int end = from.topic().lastIndexOf('/') + 1;
        String topic =
                from.topic().substring(0, end)
                        + endpoint.getTag().replace("{tag}", from.topic().substring(end));
        String source = Subscriptions.source(subscription);
        return new Envelope(
                MessageIds.of(source, details(from), topic, from.tsUtc(), from.value()),
                from.tsUtc(),
                topic,
                from.value(),
                from.quality(),
                from.units(),
                source,
                endpoint.getLineageVersion(),
                Envelope.SCHEMA_VERSION,
                from.errorCode(),
                null,
                from.messageHistory());
    }
}
