package io.unshub.route;

import io.unshub.buffer.Buffer;
import io.unshub.buffer.Pump;
import io.unshub.buffer.UnitOfWork;
import io.unshub.envelope.Batch;
import io.unshub.trace.LogField;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.TimeUnit;
import org.apache.camel.Endpoint;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;
import org.apache.camel.support.DefaultConsumer;

/** One pump, and one thread, for each of some queues. */
abstract class PumpConsumer extends DefaultConsumer {

    private static final long STOP_SECONDS = 12;

    private final List<Pump> pumps = new ArrayList<>();
    private final Set<Exchange> underWay = ConcurrentHashMap.newKeySet();
    private ExecutorService threads;

    /** How a batch is filled. */
    record Filling(int maxReadings, int maxBytes, long linger) {}

    PumpConsumer(Endpoint endpoint, Processor processor) {
        super(endpoint, processor);
    }

    /** Hands a batch over to the route. */
    abstract void carry(Batch batch, UnitOfWork unit) throws Exception;

    /** How long to wait after a batch, given how long that took. */
    Duration pause(String queue, Duration took) {
        return Duration.ZERO;
    }

    final void begin(Buffer buffer, List<String> queues, Filling filling) {
        threads =
                getEndpoint()
                        .getCamelContext()
                        .getExecutorServiceManager()
                        .newFixedThreadPool(this, getEndpoint().getEndpointUri(), queues.size());
        String route = OwnRoutes.routeOf(getRouteId());
        for (String queue : queues) {
            Pump pump =
                    new Pump(
                            buffer,
                            queue,
                            filling.maxReadings(),
                            filling.maxBytes(),
                            Duration.ofMillis(filling.linger()),
                            took -> pause(queue, took),
                            (batch, unit) -> {
                                unit.span().name(route);
                                carry(batch, unit);
                            });
            pumps.add(pump);
            threads.execute(
                    () -> {
                        LogField.ROUTE.set(route);
                        pump.run();
                    });
        }
    }

    @Override
    protected void doStop() throws Exception {
        pumps.forEach(Pump::stop);
        pumps.clear();
        if (threads != null) {
            threads.shutdown();
            long patience = underWay.stream().anyMatch(PumpConsumer::triedAgain) ? 1 : STOP_SECONDS;
            if (!threads.awaitTermination(patience, TimeUnit.SECONDS)) {
                // a batch that waits for the far side; it is rolled back and comes again
                threads.shutdownNow();
                threads.awaitTermination(STOP_SECONDS, TimeUnit.SECONDS);
            }
        }
        super.doStop();
    }

    /** Sends one message through the route, in the transaction of its batch. */
    final void hand(Object body, UnitOfWork unit) throws Exception {
        Exchange exchange = createExchange(false);
        underWay.add(exchange);
        try {
            exchange.getIn().setBody(body);
            exchange.setProperty(BufferEndpoint.UNIT, unit);
            getProcessor().process(exchange);
            if (exchange.getException() != null) {
                throw exchange.getException();
            }
        } finally {
            underWay.remove(exchange);
            releaseExchange(exchange, false);
        }
    }

    private static boolean triedAgain(Exchange exchange) {
        return exchange.getMessage().getHeader(Exchange.REDELIVERY_COUNTER, 0, Integer.class) > 0;
    }
}
