package io.unshub.buffer;

import org.apache.activemq.artemis.api.core.Message;
import org.apache.activemq.artemis.core.server.ActiveMQServer;
import org.apache.activemq.artemis.core.server.ServerSession;
import org.apache.activemq.artemis.core.server.plugin.ActiveMQServerMessagePlugin;
import org.apache.activemq.artemis.core.transaction.Transaction;

/**
 * Keeps the publishes of one MQTT client in their order under load.
 *
 * <p>Artemis queues a publish once its journal write is synced, in the order of the session's
 * operation context. Its MQTT handler sets that context on the thread of the connection only, while
 * publishes run on whatever pool thread is free, each with a context of its own: the later half of
 * a burst then overtakes the earlier one (seen with 2.55.0). Giving each publish its session's
 * context mends that. Threads: the broker's.
 */
final class PublishOrder implements ActiveMQServerMessagePlugin {

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
}
