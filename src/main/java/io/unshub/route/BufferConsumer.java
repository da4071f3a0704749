package io.unshub.route;

import io.unshub.buffer.Buffer;
import io.unshub.buffer.Pump;
import io.unshub.buffer.UnitOfWork;
import io.unshub.envelope.Batch;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.TimeUnit;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;
import org.apache.camel.support.DefaultConsumer;

/** One pump, and one thread, for each queue of the endpoint. */
final class BufferConsumer extends DefaultConsumer {

    private static final long STOP_SECONDS = 12;

    private final BufferEndpoint endpoint;
    private final Buffer buffer;
    private final List<Pump> pumps = new ArrayList<>();
    private final Set<Exchange> underWay = ConcurrentHashMap.newKeySet();
    private ExecutorService threads;

    BufferConsumer(BufferEndpoint endpoint, Processor processor, Buffer buffer) {
        super(endpoint, processor);
        this.endpoint = endpoint;
        this.buffer = buffer;
    }

    @Override
    protected void doStart() throws Exception {
        super.doStart();
        threads =
                getEndpoint()
                        .getCamelContext()
                        .getExecutorServiceManager()
                        .newFixedThreadPool(
                                this, endpoint.getEndpointUri(), endpoint.queues().size());
        for (String queue : endpoint.queues()) {
            Pump pump =
                    new Pump(
                            buffer,
                            queue,
                            endpoint.getMaxReadings(),
                            endpoint.getMaxBytes(),
                            Duration.ofMillis(endpoint.getLinger()),
                            took -> pause(queue, took),
                            this::carry);
            pumps.add(pump);
            threads.execute(pump);
        }
    }

    @Override
    protected void doStop() throws Exception {
        pumps.forEach(Pump::stop);
        pumps.clear();
        if (threads != null) {
            threads.shutdown();
            long patience =
                    underWay.stream().anyMatch(BufferConsumer::triedAgain) ? 1 : STOP_SECONDS;
            if (!threads.awaitTermination(patience, TimeUnit.SECONDS)) {
                // a batch that waits for the far side; it is rolled back and comes again
                threads.shutdownNow();
                threads.awaitTermination(STOP_SECONDS, TimeUnit.SECONDS);
            }
        }
        super.doStop();
    }

    private Duration pause(String queue, Duration took) {
        return buffer.rest(queue, took, endpoint.getBacklogShare()).plusMillis(endpoint.getPause());
    }

    private void carry(Batch batch, UnitOfWork unit) throws Exception {
        Exchange exchange = createExchange(false);
        underWay.add(exchange);
        try {
            exchange.getIn().setBody(batch);
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
