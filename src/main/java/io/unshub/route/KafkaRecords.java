package io.unshub.route;

import io.unshub.envelope.Reading;
import java.util.List;
import org.apache.camel.CamelContext;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.apache.camel.component.kafka.KafkaConstants;
import org.apache.camel.support.DefaultMessage;

/**
 * Readings as records of Kafka: the payload byte for byte, the UNS topic as key, so that the
 * readings of a topic stay in one partition in their order, and what is known beside it as headers.
 */
public final class KafkaRecords {

    /**
     * A message for each of a batch's readings, in order.
     *
     * @param takeSimulated whether simulated ones are among them
     */
    public List<Message> of(Exchange exchange, boolean takeSimulated) {
        CamelContext camel = exchange.getContext();
        return StepProducer.readings(exchange, "bean:records").stream()
                .filter(reading -> takeSimulated || !reading.envelope().simulated())
                .map(reading -> message(camel, reading))
                .toList();
    }

    private static Message message(CamelContext camel, Reading reading) {
        Message message = new DefaultMessage(camel);
        message.setBody(reading.payload());
        message.setHeader(KafkaConstants.KEY, reading.topic());
        message.setHeader("messageId", reading.envelope().messageId().toString());
        message.setHeader("quality", reading.quality().name());
        message.setHeader("schemaVersion", reading.schemaVersion());
        message.setHeader("hubSeq", Long.toString(reading.hubSeq()));
        message.setHeader("acceptedUtc", reading.acceptedUtc().toString());
        return message;
    }
}
