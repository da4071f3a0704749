package io.unshub.buffer;

import java.util.List;
import java.util.Optional;
import org.apache.activemq.artemis.api.core.ActiveMQException;
import org.apache.activemq.artemis.api.core.ICoreMessage;

/**
 * Holds messages in queues, and moves them in transactions.
 *
 * <p>What is sent to a topic, as by a publisher, stands in the ingest queue, unless the topic is a
 * system topic. Threads: any.
 */
sealed interface MessageStore permits Broker, MemoryStore {

    /**
     * One consumer of one queue, and its transactions, one after the other: what it has
     * acknowledged and what it has sent happen at the commit, or not at all.
     *
     * <p>Threads: one at a time; {@link #close()} puts back what was not committed.
     */
    interface Session extends AutoCloseable {

        /**
         * A message to be filled and sent.
         *
         * @param bytes that its body will have, about
         */
        ICoreMessage message(int bytes);

        /**
         * The next message, which is to be acknowledged, and not to be changed.
         *
         * @param millis how long to wait for it, 1 or more
         * @return null if none came
         */
        ICoreMessage receive(long millis) throws ActiveMQException;

        /**
         * Another message: one that is there, or what there is of many that were waited for, so
         * that each of them need not wake who waits.
         *
         * @param millis how long to wait for many; 0 for not at all
         * @param messages how many are many enough, 1 or more; large ones are sooner
         * @return null if none came
         */
        ICoreMessage receiveMore(long millis, int messages) throws ActiveMQException;

        /** Acknowledges a message, and all that were received before it. */
        void acknowledge(ICoreMessage message);

        /** Acknowledges a message by itself. */
        void acknowledgeAlone(ICoreMessage message);

        /**
         * Sends to a queue, or publishes.
         *
         * @param address name of a queue, or a topic
         */
        void send(String address, ICoreMessage message) throws ActiveMQException;

        /** Ends the transaction, for good. */
        void commit() throws ActiveMQException;

        /** Puts all that was received and not committed back in front of its queue. */
        void rollback() throws ActiveMQException;

        @Override
        void close() throws ActiveMQException;
    }

    /**
     * Opens a session.
     *
     * @param queue that it receives from
     * @throws Exception if that cannot be read
     */
    Session open(String queue) throws Exception;

    /**
     * How many messages a queue holds, those in a consumer's hands too.
     *
     * @return the count; empty when there is no such queue
     */
    Optional<Long> depth(String queue);

    /** The names of all queues. */
    List<String> names();

    /** Makes a queue, unless it is there. */
    void createQueue(String name) throws Exception;

    /** Removes a queue with what is in it. */
    void destroyQueue(String name) throws Exception;
}
