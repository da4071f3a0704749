package io.unshub.buffer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.IntStream;
import org.apache.activemq.artemis.api.core.ActiveMQException;
import org.apache.activemq.artemis.api.core.ICoreMessage;
import org.apache.activemq.artemis.core.journal.impl.JournalImpl;
import org.apache.activemq.artemis.core.server.Consumer;
import org.apache.activemq.artemis.core.server.impl.ActiveMQServerImpl;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The queues of the embedded broker. */
class BrokerStoreTest extends MessageStoreContract {

    private static final String QUEUE = Queues.copies("large");
    private static final String NUMBER = "number";

    @TempDir Path data;
    private Broker broker;

    @BeforeEach
    void start() throws Exception {
        int port;
        try (ServerSocket free = new ServerSocket(0)) {
            port = free.getLocalPort();
        }
        broker = new Broker(new BrokerConfig(data, "127.0.0.1", port, 4_194_304, 1L << 30));
        broker.start();
        broker.createQueue(QUEUE);
    }

    @AfterEach
    void stop() throws Exception {
        broker.stop();
    }

    @Override
    MessageStore store() {
        return broker;
    }

    @Test
    void deliversMoreThanMayWaitInHand() throws Exception {
        try (BrokerSession session = broker.open(QUEUE)) {
            send(session, 20, 50_000);
            session.commit();
            for (int time = 0; time < 3; time++) {
                takeAll(session, 20);
                session.rollback();
            }
            takeAll(session, 20);
            session.commit();
            assertThat(session.receive(50)).isNull();
        }
    }

    @Test
    void wakesWhoWaitsForMoreOnceThereAreMany() throws Exception {
        try (BrokerSession session = broker.open(QUEUE);
                BrokerSession sender = broker.open()) {
            Thread sending =
                    new Thread(
                            () -> {
                                sendAndCommit(sender, 1, 10);
                                sendAndCommit(sender, 3, 30_000);
                            });
            sending.start();
            assertThat(session.receive(10_000)).isNotNull();
            for (int more = 0; more < 3; more++) {
                // a minute: it would not be waited for
                assertThat(session.receiveMore(60_000, 1_000)).isNotNull();
            }
            assertThat(session.receiveMore(1, 1)).isNull();
            assertThat(session.receiveMore(0, 1)).isNull();
            sending.join();
        }
    }

    @Test
    void wakesWhoWaitsForMoreOnceThereAreEnoughSmallOnes() throws Exception {
        try (BrokerSession session = broker.open(QUEUE);
                BrokerSession sender = broker.open()) {
            send(sender, 4, 10);
            sender.commit();

            for (int more = 0; more < 4; more++) {
                assertThat(session.receiveMore(60_000, 1)).isNotNull();
            }
        }
    }

    @Test
    void wakesWhoWaitsForMoreWhenNoneCanCome() throws Exception {
        try (BrokerSession session = broker.open(QUEUE)) {
            Thread ending = new Thread(this::disconnectAll);
            ending.start();

            assertThatThrownBy(() -> session.receiveMore(60_000, 9))
                    .isInstanceOf(ActiveMQException.class);
            ending.join();
        }
    }

    @Test
    void letsAsManyMoreComeAfterARollback() throws Exception {
        try (BrokerSession session = broker.open(QUEUE)) {
            send(session, 20, 30_000);
            session.commit();
            for (int time = 0; time < 3; time++) {
                assertThat(session.receive(10_000)).isNotNull();
                for (int more = 0; more < 19; more++) {
                    assertThat(session.receiveMore(60_000, 1)).isNotNull();
                }
                session.rollback();
            }
        }
    }

    @Test
    void waitsForWhatHasBegunHoweverSlowTheDisk() throws Exception {
        JournalImpl journal = (JournalImpl) broker.server().getStorageManager().getMessageJournal();
        try (BrokerSession slow = broker.open();
                BrokerSession session = broker.open(QUEUE)) {
            slow.patience(Duration.ofMillis(10));
            CompletableFuture<Void> committing;
            journal.synchronizationLock();
            try {
                committing = CompletableFuture.runAsync(() -> sendAndCommit(slow, 1, 10));
                assertThatThrownBy(() -> committing.get(3, TimeUnit.SECONDS))
                        .isInstanceOf(TimeoutException.class);
            } finally {
                journal.synchronizationUnlock();
            }
            committing.get(10, TimeUnit.SECONDS);
            assertThat(session.receive(10_000)).isNotNull();
        }
    }

    private void disconnectAll() {
        broker.queue(QUEUE).orElseThrow().getConsumers().forEach(Consumer::disconnect);
    }

    private static void sendAndCommit(BrokerSession session, int messages, int bytes) {
        try {
            send(session, messages, bytes);
            session.commit();
        } catch (ActiveMQException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void givesWhoWaitedForMoreTheFewThatCame() throws Exception {
        try (BrokerSession session = broker.open(QUEUE)) {
            send(session, 2, 10);
            session.commit();
            QueueView.awaitDepth(broker, QUEUE, 2);

            assertThat(session.receive(10_000)).isNotNull();
            assertThat(session.receiveMore(1_000, 1)).isNotNull();
            assertThat(session.receiveMore(1, 1)).isNull();
        }
    }

    @Test
    void deliversAMessageLargerThanARecordOfTheJournal() throws Exception {
        try (BrokerSession session = broker.open(QUEUE)) {
            send(session, 2, 3 << 20);
            session.commit();
            takeAll(session, 2);
            session.rollback();
            takeAll(session, 2);
            session.commit();
        }
    }

    @Test
    void anInterruptCutsNoCommitShort() throws Exception {
        Set<String> outcomes = ConcurrentHashMap.newKeySet();
        for (int i = 0; i < 40; i++) {
            Thread sender = new Thread(() -> outcomes.add(outcomeOfSending()));
            sender.start();
            sender.join(i % 8);
            sender.interrupt();
            sender.join();
        }
        assertThat(outcomes).isSubsetOf("done", "done, interrupted").contains("done, interrupted");
        try (BrokerSession session = broker.open(QUEUE)) {
            for (int i = 0; i < 40; i++) {
                takeAll(session, 20);
                session.commit();
            }
            assertThat(session.receive(50)).isNull();
        }
    }

    private String outcomeOfSending() {
        try (BrokerSession session = broker.open()) {
            // paged after a while
            send(session, 20, 50_000);
            session.commit();
        } catch (Exception e) {
            return e.toString();
        }
        return Thread.interrupted() ? "done, interrupted" : "done";
    }

    @Test
    void commitsOnADiskThatIsFullerThanAllowedToOthers() throws Exception {
        ((ActiveMQServerImpl) broker.server()).getMonitor().setMaxUsage(0).tick();
        assertThat(broker.server().getPagingManager().isDiskFull()).isTrue();
        try (BrokerSession session = broker.open(QUEUE)) {
            send(session, 1, 10);
            session.commit();
            takeAll(session, 1);
            session.commit();
        }
    }

    @Test
    void whoBrowsesSeesAllAndTakesNothing() throws Exception {
        try (BrokerSession session = broker.open()) {
            send(session, 20, 50_000);
            send(session, 1, 3 << 20);
            session.commit();
        }
        for (int time = 0; time < 2; time++) {
            try (BrokerSession browser = broker.browse(QUEUE)) {
                for (int i = 0; i < 20; i++) {
                    assertThat(browser.receive(10_000).getLongProperty(NUMBER)).isEqualTo(i);
                }
                assertThat(Broker.body(browser.receive(10_000))).hasSize(3 << 20);
                assertThat(browser.receive(50)).isNull();
            }
        }
        assertThat(broker.settledDepth(QUEUE)).isEqualTo(21);
    }

    @Test
    void whatIsCommittedIsSeenAtOnce() throws Exception {
        try (BrokerSession session = broker.open()) {
            for (int sent = 1; sent <= 500; sent++) {
                send(session, 1, 10);
                session.commit();

                assertThat(broker.contents(QUEUE)).hasSize(sent);
            }
        }
    }

    @Test
    void twoReadALargeMessageAtTheSameTime() throws Exception {
        try (BrokerSession session = broker.open(QUEUE)) {
            send(session, 1, 3 << 20);
            session.commit();
            ICoreMessage message = session.receive(10_000);
            List<byte[]> bodies =
                    IntStream.range(0, 50).parallel().mapToObj(i -> Broker.body(message)).toList();
            assertThat(bodies).allSatisfy(body -> assertThat(body).hasSize(3 << 20));
            session.acknowledge(message);
            session.commit();
        }
    }

    @Test
    void aConsumerThatTheBrokerEndedGivesNothingMoreOut() throws Exception {
        try (BrokerSession session = broker.open(QUEUE)) {
            send(session, 2, 10);
            session.commit();
            assertThat(session.receive(10_000)).isNotNull();

            broker.queue(QUEUE)
                    .orElseThrow()
                    .getConsumers()
                    .forEach(each -> each.failed(new IllegalStateException("by the test")));

            assertThatThrownBy(() -> session.receive(50)).isInstanceOf(ActiveMQException.class);
            assertThatThrownBy(session::commit).isInstanceOf(ActiveMQException.class);
        }
        try (BrokerSession session = broker.open(QUEUE)) {
            takeAll(session, 2);
        }
    }

    @Test
    void whoReceivesIsToldThatTheQueueIsGone() throws Exception {
        try (BrokerSession session = broker.open(QUEUE)) {
            disconnectAll();

            for (int time = 0; time < 2; time++) {
                assertThatThrownBy(() -> session.receive(50)).isInstanceOf(ActiveMQException.class);
            }
            assertThatThrownBy(session::rollback).isInstanceOf(ActiveMQException.class);
        }
    }

    @Test
    void whoReceivesIsToldThatTheBrokerHasStopped() throws Exception {
        BrokerSession session = broker.open(QUEUE);
        BrokerSession sender = broker.open();
        send(sender, 1, 10);

        broker.stop();

        assertThatThrownBy(() -> session.receive(50)).isInstanceOf(ActiveMQException.class);
        assertThatThrownBy(sender::commit).isInstanceOf(ActiveMQException.class);
        session.close();
    }

    private static void send(BrokerSession session, int messages, int bytes)
            throws ActiveMQException {
        for (int i = 0; i < messages; i++) {
            ICoreMessage message = session.message(bytes);
            message.putLongProperty(NUMBER, i);
            message.getBodyBuffer().writeBytes(new byte[bytes]);
            session.send(QUEUE, message);
        }
    }

    private static void takeAll(BrokerSession session, int messages) throws ActiveMQException {
        for (int i = 0; i < messages; i++) {
            ICoreMessage message = session.receive(10_000);
            assertThat(message.getLongProperty(NUMBER)).isEqualTo(i);
            assertThat(Broker.body(message)).isNotEmpty().containsOnly(0);
            session.acknowledge(message);
        }
    }
}
