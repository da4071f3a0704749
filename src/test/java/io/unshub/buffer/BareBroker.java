package io.unshub.buffer;

import java.nio.file.Path;
import org.apache.activemq.artemis.api.core.client.ClientConsumer;
import org.apache.activemq.artemis.api.core.client.ClientMessage;
import org.apache.activemq.artemis.api.core.client.ClientSession;

/**
 * The ceiling that the hub is measured against, in a process of its own: the same broker with the
 * same journal, and a consumer that does nothing but drain the queue, 500 to a transaction.
 *
 * <p>{@code BareBroker PORT FOLDER}; prints what came and what was drained so far, once a second,
 * in the words of the hub's status line.
 */
public final class BareBroker {

    private static final int BATCH = 500;

    private BareBroker() {}

    /** Drains until the process is ended. */
    public static void main(String[] args) throws Exception {
        Broker broker =
                new Broker(
                        new BrokerConfig(
                                Path.of(args[1]),
                                "127.0.0.1",
                                Integer.parseInt(args[0]),
                                4_194_304,
                                20L << 30));
        broker.start();
        ClientSession session = InProcess.connect(broker).createSession(false, false, 1 << 20);
        ClientConsumer consumer = session.createConsumer(Queues.INGEST);
        session.start();
        System.out.println("ready");
        long drained = 0;
        long said = System.nanoTime();
        while (true) {
            int batch = 0;
            ClientMessage message = consumer.receive(100);
            while (message != null) {
                message.acknowledge();
                drained++;
                message = ++batch < BATCH ? consumer.receive(1) : null;
            }
            session.commit();
            if (System.nanoTime() - said > 1_000_000_000L) {
                said = System.nanoTime();
                System.out.printf(
                        "accepted %,d  forwarded %,d so far%n",
                        broker.queue(Queues.INGEST).orElseThrow().getMessagesAdded(), drained);
            }
        }
    }
}
