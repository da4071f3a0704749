package io.unshub.route;

import io.unshub.pattern.MessageHistory;
import org.apache.camel.Exchange;

/** The message history, as its Kamelet has it written. Threads: any. */
public final class HistoryStamp {

    private static final String KAMELET = "unshub-message-history-action";

    private final MessageHistory history;

    HistoryStamp(MessageHistory history) {
        this.history = history;
    }

    /**
     * Writes on the readings of a route of the plant's own that they came through it.
     *
     * @param step name of the place; blank for none
     * @param most how many places a reading has at most
     */
    public void stamp(Exchange exchange, String step, int most) {
        StepProducer.unit(exchange, KAMELET);
        history.stamp(
                StepProducer.readings(exchange, KAMELET),
                OwnRoutes.routeOf(exchange.getFromRouteId()),
                step,
                most);
    }
}
