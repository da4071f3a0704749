package io.unshub.collect;

import java.time.Clock;
import java.util.List;

/**
 * Reads one connection for ever and hands its readings to a sink.
 *
 * <p>In: a connection and its tags. Out: readings in the order of the source, at least once.
 * Threads: one that looks after the connection, one that calls the sink; all are daemons. Failure:
 * an unreachable source is tried again for ever, a failing sink gets the same readings again.
 */
public interface Collector extends AutoCloseable {

    /**
     * Starts to connect in the background and returns at once, also when the source is off.
     *
     * @throws IllegalStateException if it was started before
     */
    void start();

    /** Returns how the connection is doing; cheap and safe from any thread. */
    ConnectionStatus status();

    /**
     * Disconnects, lets the sink take what was already received, and returns once all threads have
     * ended; after at most 30 s it gives up on a sink that blocks.
     */
    @Override
    void close();

    /**
     * Makes the collector that the connection's protocol needs.
     *
     * @param tags the connection's tags, at least one
     * @param clock our time, for readings that come without one
     */
    static Collector create(Connection connection, List<Tag> tags, Clock clock, ReadingSink sink) {
        return switch (connection.protocol()) {
            case OPCUA -> new OpcUaCollector(connection, tags, clock, sink, Timing.DEFAULT);
            case MODBUS, S7, LOGIX ->
                    new PlcCollector(connection, tags, clock, sink, Timing.DEFAULT);
        };
    }
}
