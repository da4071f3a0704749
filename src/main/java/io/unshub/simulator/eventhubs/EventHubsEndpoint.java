package io.unshub.simulator.eventhubs;

import java.io.IOException;
import java.nio.channels.UnresolvedAddressException;
import java.nio.file.Files;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.apache.qpid.proton.Proton;
import org.apache.qpid.proton.engine.Connection;
import org.apache.qpid.proton.engine.Event;
import org.apache.qpid.proton.engine.HandlerException;
import org.apache.qpid.proton.reactor.Acceptor;
import org.apache.qpid.proton.reactor.Reactor;
import org.apache.qpid.proton.reactor.ReactorOptions;
import org.apache.qpid.proton.reactor.impl.AcceptorImpl;
import org.jboss.logging.Logger;

/**
 * A local Event Hubs on loopback, good enough for the unchanged Azure SDK.
 *
 * <p>In: AMQP 1.0 in plain text, SASL ANONYMOUS, a token over {@code $cbs}; sends to the event hub
 * or a partition. Out: the events by partition and consumer group, from any position, and the
 * answers of {@code $management}.
 *
 * <p>Guarantees: an accepted event is in the log and survives the end of the process; it is not
 * synced to the disk. Sequence numbers have no gaps. Threads: one of its own carries everything;
 * the public methods may be called from any. Failure: {@link #start} throws and leaves nothing
 * behind.
 */
public final class EventHubsEndpoint implements AutoCloseable {

    private static final Logger LOG = Logger.getLogger(EventHubsEndpoint.class);
    private static final int MAX_FRAME_BYTES = 65_536;
    static final String HOST = "127.0.0.1";

    private final EndpointConfig config;
    private final List<PartitionLog> partitions;
    private final Reactor reactor;
    private final Acceptor acceptor;
    private final int port;
    private final Dispatcher dispatcher;
    private final Queue<Runnable> commands = new ConcurrentLinkedQueue<>();
    private final CountDownLatch ended = new CountDownLatch(1);
    private volatile boolean closing;

    private EventHubsEndpoint(
            EndpointConfig config, Clock clock, Function<String, Optional<String>> bearers)
            throws IOException {
        this.config = config;
        Files.createDirectories(config.dataDir());
        partitions = new ArrayList<>();
        ReactorOptions options = new ReactorOptions();
        options.setMaxFrameSize(MAX_FRAME_BYTES);
        reactor = Proton.reactor(options);
        try {
            for (int i = 0; i < config.partitions(); i++) {
                partitions.add(
                        new PartitionLog(
                                config.dataDir().resolve("partition-%02d.log".formatted(i))));
            }
            dispatcher =
                    new Dispatcher(
                            config.eventHub(),
                            partitions,
                            new SharedAccess(config.keyName(), config.key(), clock, bearers),
                            clock);
            acceptor = reactor.acceptor(HOST, config.port(), dispatcher);
            port = ((AcceptorImpl) acceptor).getPortNumber();
        } catch (IOException | UnresolvedAddressException e) {
            reactor.free();
            for (PartitionLog partition : partitions) {
                partition.close();
            }
            throw new IOException(
                    "the Event Hubs endpoint cannot listen on port "
                            + config.port()
                            + " ("
                            + e.getMessage()
                            + "); stop the program that has it or choose another port",
                    e);
        }
        Thread thread = new Thread(this::run, "event-hubs-endpoint");
        thread.setDaemon(true);
        thread.start();
    }

    /**
     * Starts an endpoint.
     *
     * @throws IOException if the port is taken or the log cannot be opened
     */
    public static EventHubsEndpoint start(EndpointConfig config) throws IOException {
        return start(config, token -> Optional.of("this endpoint takes shared access keys alone"));
    }

    /**
     * Starts an endpoint that takes tokens of identities, too.
     *
     * @param bearers why a token is refused; empty for one that is good
     * @throws IOException if the port is taken or the log cannot be opened
     */
    public static EventHubsEndpoint start(
            EndpointConfig config, Function<String, Optional<String>> bearers) throws IOException {
        EventHubsEndpoint endpoint = new EventHubsEndpoint(config, Clock.systemUTC(), bearers);
        LOG.infof(
                "Event Hubs endpoint started on port %d, log in %s",
                endpoint.port, config.dataDir());
        return endpoint;
    }

    /** The port that is listened on. */
    public int port() {
        return port;
    }

    /** A connection string that the SDK takes as it is. */
    public String connectionString() {
        return config.connectionString(port);
    }

    /** Makes something go wrong from now on; {@link Fault#NONE} ends it. */
    public void inject(Fault fault) {
        commands.add(() -> dispatcher.inject(fault));
        reactor.wakeup();
    }

    /** Ends all connections and closes the log; waits until that is done. */
    @Override
    public void close() {
        closing = true;
        reactor.wakeup();
        try {
            if (!ended.await(10, TimeUnit.SECONDS)) {
                LOG.warn("the Event Hubs endpoint did not end within 10 s");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void run() {
        try {
            reactor.setTimeout(1_000);
            reactor.start();
            while (!closing && step()) {
                for (Runnable command = commands.poll();
                        command != null;
                        command = commands.poll()) {
                    command.run();
                }
            }
        } finally {
            end();
        }
    }

    /** One turn of the reactor; a fault on one connection ends that one and no other. */
    private boolean step() {
        try {
            return reactor.process();
        } catch (HandlerException e) {
            // the reactor takes an event off its queue after it was handled: left there, the one
            // that failed would come again in every turn, before all others
            Event failed = reactor.collector().peek();
            Connection connection = failed.getConnection();
            LOG.warnf(
                    e.getCause(),
                    "%s failed in the Event Hubs endpoint; its connection is cut",
                    failed.getType());
            if (connection != null && connection.getTransport() != null) {
                connection.getTransport().close_head();
                connection.getTransport().close_tail();
            }
            reactor.collector().pop();
            return true;
        }
    }

    private void end() {
        try {
            acceptor.close();
            dispatcher.closeAll();
            // one more turn carries the closing frames and frees the listener's port
            reactor.setTimeout(0);
            for (int i = 0; i < 3; i++) {
                step();
            }
            reactor.stop();
            reactor.free();
        } catch (HandlerException e) {
            LOG.debug("closing a connection failed", e);
        } finally {
            for (PartitionLog partition : partitions) {
                try {
                    partition.close();
                } catch (IOException e) {
                    LOG.warn("a partition's log could not be closed", e);
                }
            }
            ended.countDown();
            LOG.info("Event Hubs endpoint stopped");
        }
    }
}
