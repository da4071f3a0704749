package io.unshub.buffer;

import org.apache.activemq.artemis.api.core.Message;
import org.apache.activemq.artemis.core.server.ActiveMQServer;
import org.apache.activemq.artemis.core.server.MessageReference;
import org.apache.activemq.artemis.core.server.ServerConsumer;
import org.apache.activemq.artemis.core.server.ServerSession;
import org.apache.activemq.artemis.core.server.plugin.ActiveMQServerMessagePlugin;
import org.apache.activemq.artemis.core.transaction.Transaction;

/**
 * Keeps what one MQTT client publishes in its order, and what one receives, under load.
 *
 * <p>Artemis queues a publish once its journal write is synced, and writes a delivery to its
 * subscriber likewise, each in the order of an operation context. Its MQTT handler sets a session's
 * context on the thread of the connection only, while publishes and deliveries run on whatever pool
 * thread is free, each with the context that was left there: the later half of a burst then
 * overtakes the earlier one (ARTEMIS-6191, seen with 2.55.0). Giving each its own session's context
 * mends that. Threads: the broker's.
 */
final class MqttOrder implements ActiveMQServerMessagePlugin {

    // its storage manager is made anew with each start
    private volatile ActiveMQServer server;

    @Override
    public void registered(ActiveMQServer registeredWith) {
        server = registeredWith;
    }

    @Override
    public void beforeSend(
            ServerSession session,
            Transaction tx,
            Message message,
            boolean direct,
            boolean noAutoCreateQueue) {
        server.getStorageManager().setContext(session.getSessionContext());
    }

    @Override
    public void beforeDeliver(ServerConsumer consumer, MessageReference reference) {
        // a direct delivery would be on the thread of a sender, which goes on with its own
        if (!consumer.supportsDirectDelivery()) {
            ServerSession session = server.getSessionByID(consumer.getSessionID());
            if (session != null) {
                server.getStorageManager().setContext(session.getSessionContext());
            }
        }
    }
}
