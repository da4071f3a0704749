package io.unshub.ops;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.runtime.Startup;
import io.unshub.buffer.Broker;
import io.unshub.buffer.Queues;
import io.unshub.ledger.Ledger;
import jakarta.inject.Singleton;

/** The ledger's totals as {@code unshub_*} metrics under {@code /observe/metrics}. */
@Singleton
@Startup
public final class Metrics {

    Metrics(MeterRegistry registry, Ledger ledger, Broker broker) {
        FunctionCounter.builder("unshub.readings.accepted", ledger, Ledger::accepted)
                .description("Readings taken into a transaction")
                .register(registry);
        FunctionCounter.builder("unshub.readings.forwarded", ledger, Ledger::forwarded)
                .description("Readings that Event Hubs acknowledged")
                .register(registry);
        FunctionCounter.builder("unshub.readings.dead.lettered", ledger, Ledger::deadLettered)
                .description("Readings set aside with a reason")
                .register(registry);
        Gauge.builder("unshub.buffer.readings", ledger, Ledger::buffered)
                .description("Readings in the lanes of the buffer")
                .register(registry);
        Gauge.builder("unshub.ingest.readings", broker, b -> b.depth(Queues.INGEST).orElse(0L))
                .description("Readings on disk that are not yet in a transaction")
                .register(registry);
    }
}
