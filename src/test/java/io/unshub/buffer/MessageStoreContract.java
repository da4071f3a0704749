package io.unshub.buffer;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.apache.activemq.artemis.api.core.ActiveMQException;
import org.apache.activemq.artemis.api.core.ICoreMessage;
import org.junit.jupiter.api.Test;

/** What a hub relies on, whether its queues are on disk or in memory. */
abstract class MessageStoreContract {

    private static final String QUEUE = Queues.copies("one");
    private static final String OTHER = Queues.copies("other");
    private static final String TOPIC = "acme/plant1/packaging/line1/filler/pump-1/temperature";
    private static final String NUMBER = "number";

    abstract MessageStore store();

    @Test
    void deliversInTheOrderOfTheCommits() throws Exception {
        try (MessageStore.Session session = session()) {
            send(session, QUEUE, "a", "b");
            session.commit();
            send(session, QUEUE, "c");
            session.commit();

            assertThat(receive(session, 3)).containsExactly("a", "b", "c");
        }
    }

    @Test
    void showsWhatIsSentOnlyOnceItIsCommitted() throws Exception {
        try (MessageStore.Session session = session()) {
            send(session, QUEUE, "a");
            assertThat(session.receive(50)).isNull();
            assertThat(depth(QUEUE)).isZero();

            session.commit();

            assertThat(receive(session, 1)).containsExactly("a");
        }
    }

    @Test
    void aRollbackPutsAllInHandBackInItsOrderAndForgetsWhatWasSent() throws Exception {
        try (MessageStore.Session session = session()) {
            send(session, QUEUE, "a", "b", "c", "d", "e");
            session.commit();
            ICoreMessage first = session.receive(5_000);
            ICoreMessage second = session.receive(5_000);
            session.receive(5_000);
            session.acknowledgeAlone(second);
            send(session, QUEUE, "never");

            session.rollback();

            assertThat(receive(session, 5)).containsExactly("a", "b", "c", "d", "e");
            assertThat(session.receive(50)).isNull();
            assertThat(first).isNotNull();
        }
    }

    @Test
    void bodyAndPropertiesAreTheSameWhenAMessageComesAgain() throws Exception {
        try (MessageStore.Session session = session()) {
            send(session, QUEUE, "a");
            session.commit();
            for (int time = 0; time < 2; time++) {
                ICoreMessage message = session.receive(5_000);
                assertThat(text(message)).isEqualTo("a");
                assertThat(message.getLongProperty(NUMBER)).isEqualTo(1);
                session.acknowledge(message);
                session.rollback();
            }
        }
    }

    @Test
    void whatIsNotAcknowledgedStaysInHandOverACommitAndWaitsAgainOnceTheSessionIsClosed()
            throws Exception {
        try (MessageStore.Session session = session()) {
            send(session, QUEUE, "held", "b", "also held", "d");
            session.commit();
            session.receive(5_000);
            session.acknowledgeAlone(session.receive(5_000));
            session.receive(5_000);
            session.acknowledgeAlone(session.receive(5_000));
            session.commit();
            assertThat(session.receive(50)).isNull();
            awaitDepth(QUEUE, 2);
        }
        try (MessageStore.Session session = store().open(QUEUE)) {
            assertThat(receive(session, 2)).containsExactly("held", "also held");
        }
    }

    @Test
    void anAcknowledgementIsForAllBeforeItToo() throws Exception {
        try (MessageStore.Session session = session()) {
            send(session, QUEUE, "a", "b", "c");
            session.commit();
            session.receive(5_000);
            session.acknowledge(session.receive(5_000));
            session.commit();
            awaitDepth(QUEUE, 1);

            session.rollback();

            assertThat(receive(session, 1)).containsExactly("c");
        }
    }

    @Test
    void whatIsPublishedIsTakenInWithItsTopicUnlessThatIsASystemTopic() throws Exception {
        try (MessageStore.Session session = session();
                MessageStore.Session ingest = store().open(Queues.INGEST)) {
            send(session, TOPIC, "a");
            send(session, "_hub/route/one", "of the hub's own");
            send(session, "$SYS/uptime", "of the broker");
            send(session, "anything", "b");
            session.commit();

            ICoreMessage first = ingest.receive(5_000);
            assertThat(first.getAddress()).isEqualTo(TOPIC);
            assertThat(text(first)).isEqualTo("a");
            ICoreMessage second = ingest.receive(5_000);
            assertThat(second.getAddress()).isEqualTo("anything");
            assertThat(ingest.receive(50)).isNull();
        }
    }

    @Test
    void aQueueIsGoneWithWhatWasInIt() throws Exception {
        store().createQueue(OTHER);
        try (MessageStore.Session session = session()) {
            send(session, OTHER, "a");
            session.commit();
        }
        awaitDepth(OTHER, 1);
        assertThat(store().names()).contains(OTHER);

        store().destroyQueue(OTHER);
        assertThat(store().depth(OTHER)).isEmpty();
        assertThat(store().names()).doesNotContain(OTHER);

        store().createQueue(OTHER);
        assertThat(depth(OTHER)).isZero();
    }

    @Test
    void makingAQueueThatIsThereLeavesWhatIsInIt() throws Exception {
        try (MessageStore.Session session = session()) {
            send(session, QUEUE, "a");
            session.commit();

            store().createQueue(QUEUE);

            assertThat(receive(session, 1)).containsExactly("a");
        }
    }

    private MessageStore.Session session() throws Exception {
        store().createQueue(QUEUE);
        return store().open(QUEUE);
    }

    private static void send(MessageStore.Session session, String address, String... texts)
            throws ActiveMQException {
        for (String text : texts) {
            ICoreMessage message = session.message(0);
            message.putLongProperty(NUMBER, text.length());
            message.getBodyBuffer().writeBytes(text.getBytes(UTF_8));
            session.send(address, message);
        }
    }

    private static List<String> receive(MessageStore.Session session, int most)
            throws ActiveMQException {
        List<String> texts = new ArrayList<>();
        for (int i = 0; i < most; i++) {
            texts.add(text(session.receive(5_000)));
        }
        return texts;
    }

    private static String text(ICoreMessage message) {
        return new String(Broker.body(message), UTF_8);
    }

    private long depth(String queue) {
        return store().depth(queue).orElseThrow();
    }

    private void awaitDepth(String queue, long messages) {
        await().atMost(Duration.ofSeconds(30))
                .untilAsserted(() -> assertThat(depth(queue)).isEqualTo(messages));
    }
}
