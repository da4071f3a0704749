package io.unshub.route;

import io.unshub.pattern.Step;
import org.apache.camel.Consumer;
import org.apache.camel.Processor;
import org.apache.camel.Producer;
import org.apache.camel.support.DefaultEndpoint;

/** One pattern with its parameters. */
public final class StepEndpoint extends DefaultEndpoint {

    private final Step step;

    StepEndpoint(String uri, StepComponent component, Step step) {
        super(uri, component);
        this.step = step;
    }

    @Override
    public Producer createProducer() {
        return new StepProducer(this, step);
    }

    @Override
    public Consumer createConsumer(Processor processor) {
        throw new UnsupportedOperationException(
                getEndpointUri() + " is a step; begin the route with kamelet:unshub-uns-source");
    }
}
