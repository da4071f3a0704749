package io.unshub.route;

import io.unshub.buffer.Buffer;
import io.unshub.buffer.Queues;
import io.unshub.buffer.Subscriptions;
import io.unshub.buffer.Subscriptions.Subscription;
import io.unshub.buffer.UnitOfWork;
import io.unshub.envelope.Batch;
import io.unshub.envelope.EnvelopeValidator;
import io.unshub.envelope.Reading;
import io.unshub.envelope.Verdict;
import io.unshub.uns.RootCause;
import java.util.List;
import org.apache.camel.CamelContext;
import org.apache.camel.Processor;
import org.jboss.logging.Logger;

/** Takes a durable subscription's copies to their route, as batches or one by one. */
final class UnsConsumer extends PumpConsumer {

    private static final Logger LOG = Logger.getLogger(UnsConsumer.class);
    private static final int MAX_BYTES = 4 * 1024 * 1024;

    private final UnsEndpoint endpoint;
    private final Subscription subscription;
    private final Parts parts;
    private boolean failed;

    /** What it stands on. */
    record Parts(Buffer buffer, Subscriptions subscriptions, EnvelopeValidator validator) {
        static Parts of(CamelContext context) {
            var registry = context.getRegistry();
            return new Parts(
                    registry.findSingleByType(Buffer.class),
                    registry.findSingleByType(Subscriptions.class),
                    registry.findSingleByType(EnvelopeValidator.class));
        }
    }

    UnsConsumer(UnsEndpoint endpoint, Subscription subscription, Processor processor, Parts parts) {
        super(endpoint, processor);
        this.endpoint = endpoint;
        this.subscription = subscription;
        this.parts = parts;
    }

    @Override
    protected void doStart() throws Exception {
        super.doStart();
        parts.subscriptions().take(subscription.name());
        parts.subscriptions().subscribe(subscription);
        begin(
                parts.buffer(),
                List.of(Queues.copies(subscription.name())),
                new Filling(endpoint.getMaxReadings(), MAX_BYTES, endpoint.getLinger()));
    }

    @Override
    protected void doStop() throws Exception {
        super.doStop();
        parts.subscriptions().leave(subscription.name());
    }

    @Override
    void carry(Batch batch, UnitOfWork unit) throws Exception {
        int size = batch.size();
        boolean single = size == 1;
        String topic = batch.isEmpty() ? null : batch.readings().get(0).topic();
        try {
            batch.forEach(this::parse);
            if (endpoint.isEach()) {
                for (Reading reading : batch) {
                    tolerating(() -> hand(reading, unit), reading.topic(), true);
                }
            } else {
                tolerating(() -> hand(batch, unit), topic, single);
            }
            parts.subscriptions().late(subscription.name(), unit.takeLate());
            parts.subscriptions().failing(subscription.name(), null);
            parts.subscriptions().handled(subscription.name(), size);
        } catch (Exception e) {
            if (single || batch.isEmpty() || Destination.away(e)) {
                parts.subscriptions()
                        .failing(
                                subscription.name(),
                                "on a reading of " + topic + ": " + RootCause.of(e));
            }
            throw e;
        }
    }

    private void parse(Reading reading) {
        Verdict verdict = parts.validator().check(reading.topic(), reading.payload());
        if (verdict instanceof Verdict.Valid valid) {
            var flag = reading.quality();
            reading.valid(valid.envelope());
            if (flag != null && flag != valid.envelope().quality()) {
                throw new IllegalStateException("the flag is not the one that was kept with it");
            }
        } else if (verdict instanceof Verdict.Invalid invalid) {
            throw new IllegalArgumentException(invalid.rejection().detail());
        }
    }

    /** Does something with readings of which one, when it is to blame, may be passed over. */
    private void tolerating(Work work, String topic, boolean toBlame) throws Exception {
        try {
            work.run();
        } catch (Exception e) {
            if (!endpoint.isSkip() || !toBlame || Destination.away(e)) {
                throw e;
            }
            parts.subscriptions().passedOver(subscription.name());
            if (!failed) {
                failed = true;
                LOG.warnf(
                        "the route of the subscription %s fails on a reading of %s and passes it over, as it says skip: true (%s); further ones are counted only",
                        subscription.name(), topic, RootCause.of(e));
            }
        }
    }

    private interface Work {
        void run() throws Exception;
    }
}
