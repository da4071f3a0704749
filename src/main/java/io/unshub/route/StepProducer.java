package io.unshub.route;

import io.unshub.buffer.UnitOfWork;
import io.unshub.envelope.Batch;
import io.unshub.envelope.Reading;
import io.unshub.pattern.Step;
import java.util.List;
import org.apache.camel.Exchange;
import org.apache.camel.support.DefaultProducer;

/** Does a step to the readings of a batch, or to one reading. */
final class StepProducer extends DefaultProducer {

    private final Step step;

    StepProducer(StepEndpoint endpoint, Step step) {
        super(endpoint);
        this.step = step;
    }

    @Override
    public void process(Exchange exchange) throws Exception {
        String uri = getEndpoint().getEndpointUri();
        UnitOfWork unit = unit(exchange, uri);
        if (exchange.getIn().getBody() instanceof Batch batch) {
            step.apply(batch, unit);
            return;
        }
        Batch one = new Batch(readings(exchange, uri));
        if (step.holds()) {
            throw new IllegalStateException(
                    uri
                            + " looks at many readings at once; leave each: true out of the route's source");
        }
        step.apply(one, unit);
        if (one.isEmpty()) {
            exchange.setRouteStop(true);
        } else if (one.size() > 1 || one.readings().get(0) != exchange.getIn().getBody()) {
            exchange.getIn().setBody(one);
        }
    }

    static List<Reading> readings(Exchange exchange, String uri) {
        Object body = exchange.getIn().getBody();
        if (body instanceof Batch batch) {
            return batch.readings();
        }
        if (body instanceof Reading reading) {
            return List.of(reading);
        }
        throw new IllegalStateException(
                uri
                        + " takes readings, and the body is "
                        + (body == null ? "empty" : "a " + body.getClass().getSimpleName())
                        + "; put it before the step that changes the body");
    }

    static UnitOfWork unit(Exchange exchange, String uri) {
        UnitOfWork unit = exchange.getProperty(BufferEndpoint.UNIT, UnitOfWork.class);
        if (unit == null || unit.subscription() == null) {
            throw new IllegalStateException(
                    uri
                            + " stands in a route that does not begin with"
                            + " kamelet:unshub-uns-source, so there is no transaction to take part"
                            + " in; begin the route with it");
        }
        return unit;
    }
}
