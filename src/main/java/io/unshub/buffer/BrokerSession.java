package io.unshub.buffer;

import org.apache.activemq.artemis.api.core.ActiveMQException;
import org.apache.activemq.artemis.api.core.client.ClientConsumer;
import org.apache.activemq.artemis.api.core.client.ClientMessage;
import org.apache.activemq.artemis.api.core.client.ClientProducer;
import org.apache.activemq.artemis.api.core.client.ClientSession;
import org.apache.activemq.artemis.api.core.client.ClientSessionFactory;

/** A session of the embedded broker, on a connection of its own. */
final class BrokerSession implements MessageStore.Session {

    private final ClientSessionFactory connection;
    private final ClientSession session;
    private final ClientConsumer consumer;
    private final ClientProducer producer;

    /**
     * @param queue that it receives from; null for a session that only sends
     */
    BrokerSession(ClientSessionFactory connection, String queue) throws ActiveMQException {
        this.connection = connection;
        session =
                connection.createSession(
                        false, false, connection.getServerLocator().getAckBatchSize());
        consumer = queue == null ? null : session.createConsumer(queue);
        producer = session.createProducer();
        session.start();
    }

    @Override
    public ClientMessage message() {
        return session.createMessage(true);
    }

    @Override
    public ClientMessage receive(long millis) throws ActiveMQException {
        return consumer.receive(millis);
    }

    @Override
    public void send(String address, ClientMessage message) throws ActiveMQException {
        producer.send(address, message);
    }

    @Override
    public void commit() throws ActiveMQException {
        session.commit();
    }

    @Override
    public void rollback() throws ActiveMQException {
        session.rollback();
    }

    @Override
    public void close() {
        connection.close();
    }
}
