package io.unshub.buffer;

import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.apache.activemq.artemis.api.core.Message;
import org.apache.activemq.artemis.api.core.SimpleString;
import org.apache.activemq.artemis.core.server.ActiveMQServer;
import org.apache.activemq.artemis.core.server.Queue;
import org.apache.activemq.artemis.core.server.ServerSession;
import org.apache.activemq.artemis.core.server.plugin.ActiveMQServerMessagePlugin;
import org.apache.activemq.artemis.core.transaction.Transaction;
import org.apache.activemq.artemis.spi.core.remoting.Connection;

/**
 * Slows publishers down to what the ingest route takes, before the ingest queue pages.
 *
 * <p>In: each publish. Out: while the ingest queue is long, nothing more is read from the
 * connections that publish; their PUBACKs are late, and any client waits. Without that a burst
 * would fill the memory, as this queue is not paged. A long outage does not slow anyone down: its
 * backlog is in the lanes.
 *
 * <p>Told that the buffer is {@linkplain #full full}, it holds everybody back until it is told
 * otherwise; a client whose keep-alive runs out meanwhile connects again and publishes what has no
 * PUBACK. Threads: the broker's.
 */
final class BackPressure implements ActiveMQServerMessagePlugin {

    private static final long MOST_MESSAGES = 20_000;
    private static final long MOST_BYTES = 8L << 20;
    private static final long LOOK_AGAIN_MILLIS = 5;
    private static final long LOOK_AGAIN_WHEN_FULL_MILLIS = 100;

    private final Set<Connection> held = new HashSet<>();
    private volatile ActiveMQServer server;
    private volatile Queue ingest;
    private volatile boolean full;

    /** Says whether there is no room for more. */
    void full(boolean isFull) {
        full = isFull;
    }

    /**
     * Waits until there is room for what this process itself publishes.
     *
     * @return false if there was none in all that time
     */
    boolean awaitRoom(Duration patience) throws InterruptedException {
        long end = System.nanoTime() + patience.toNanos();
        while (full || isLong(1)) {
            if (System.nanoTime() > end) {
                return false;
            }
            Thread.sleep(lookAgainMillis());
        }
        return true;
    }

    @Override
    public void registered(ActiveMQServer registeredWith) {
        server = registeredWith;
        ingest = null;
        synchronized (held) {
            held.clear();
        }
    }

    @Override
    public void beforeSend(
            ServerSession session,
            Transaction tx,
            Message message,
            boolean direct,
            boolean noAutoCreateQueue) {
        if (full || isLong(1)) {
            hold(session.getRemotingConnection().getTransportConnection());
        }
    }

    private void hold(Connection connection) {
        synchronized (held) {
            if (held.isEmpty()) {
                lookAgain();
            }
            if (held.add(connection)) {
                connection.setAutoRead(false);
            }
        }
    }

    private void release() {
        if (full || isLong(2)) {
            lookAgain();
            return;
        }
        synchronized (held) {
            held.forEach(connection -> connection.setAutoRead(true));
            held.clear();
        }
    }

    private void lookAgain() {
        server.getScheduledPool().schedule(this::release, lookAgainMillis(), TimeUnit.MILLISECONDS);
    }

    private long lookAgainMillis() {
        return full ? LOOK_AGAIN_WHEN_FULL_MILLIS : LOOK_AGAIN_MILLIS;
    }

    /** Whether more than this part of the most that the ingest queue shall hold stands there. */
    private boolean isLong(int part) {
        Queue queue = ingest;
        if (queue == null) {
            queue = server.locateQueue(SimpleString.of(Queues.INGEST));
            ingest = queue;
        }
        return queue != null
                && (queue.getMessageCount() > MOST_MESSAGES / part
                        || queue.getPersistentSize() > MOST_BYTES / part);
    }
}
