package io.unshub.buffer;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.equalTo;

import com.hivemq.client.mqtt.datatypes.MqttQos;
import com.hivemq.client.mqtt.mqtt5.Mqtt5BlockingClient;
import com.hivemq.client.mqtt.mqtt5.Mqtt5Client;
import io.unshub.envelope.Reading;
import io.unshub.ledger.Ledger;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.apache.activemq.artemis.api.core.SimpleString;
import org.apache.activemq.artemis.api.core.client.ClientProducer;
import org.apache.activemq.artemis.api.core.client.ClientSession;
import org.apache.activemq.artemis.api.core.client.ClientSessionFactory;
import org.apache.activemq.artemis.core.journal.Journal;
import org.apache.activemq.artemis.core.journal.impl.JournalImpl;
import org.apache.activemq.artemis.core.paging.PagingStore;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Paging begins while the journal is slow, as it is beside a program that writes much. */
class PageStoreTest {

    private static final String TOPIC = "acme/plant1/packaging/line1/cell1/pump-01/temperature";
    private static final Duration WAIT = Duration.ofSeconds(10);

    @TempDir Path data;

    private final AtomicInteger acknowledged = new AtomicInteger();
    private Broker broker;
    private LedgerJournal ledger;
    private Buffer buffer;
    private Mqtt5BlockingClient client;
    private Mqtt5BlockingClient other;

    @BeforeEach
    void start() throws Exception {
        int port;
        try (ServerSocket socket = new ServerSocket(0)) {
            port = socket.getLocalPort();
        }
        Clock clock = Clock.systemUTC();
        broker = new Broker(new BrokerConfig(data, "127.0.0.1", port, 4_194_304, 1L << 30));
        broker.start();
        Ledger books = new Ledger(clock);
        ledger = new LedgerJournal(broker, books, clock);
        ledger.load();
        buffer = new Buffer(broker, books, ledger, clock, topic -> false);
        client = client(port);
        other = client(port);
    }

    @AfterEach
    void stop() throws Exception {
        client.disconnect();
        other.disconnect();
        ledger.close();
        broker.stop();
    }

    @Test
    void acknowledgesNothingThatIsNotInTheJournalWhenALaterOneIsPagedForASubscriber()
            throws Exception {
        other.subscribeWith().topicFilter(TOPIC).qos(MqttQos.AT_LEAST_ONCE).send();
        publish(client, TOPIC, "before");
        await().atMost(WAIT).untilAtomic(acknowledged, equalTo(1));

        JournalImpl journal = journal();
        journal.synchronizationLock();
        try {
            publish(client, TOPIC, "in the journal");
            settle(1);
            assertThat(store(TOPIC).startPaging()).isTrue();
            for (int i = 0; i < 9; i++) {
                publish(client, TOPIC, "in the journal, and in a page");
            }
            settle(1);

            assertThat(acknowledged).as("acknowledged before it is on disk").hasValue(1);
        } finally {
            journal.synchronizationUnlock();
        }
        await().atMost(WAIT).untilAtomic(acknowledged, equalTo(11));
    }

    @Test
    void keepsTheOrderOfATopicWhenMemoryIsFullAndTheJournalSlow() throws Exception {
        List<String> expected = IntStream.range(0, 40).mapToObj(Integer::toString).toList();
        ExecutorService reader = Executors.newSingleThreadExecutor();
        Future<List<String>> received = reader.submit(() -> receive(540));

        JournalImpl journal = journal();
        journal.synchronizationLock();
        try {
            expected.subList(0, 20).forEach(value -> publish(client, TOPIC, value));
            settle(0);
            // what a full memory does to each address
            store(Queues.PUBLISHED).startPaging();
            for (int i = 0; i < 500; i++) {
                publish(other, "acme/other/" + i % 50, "and makes an address");
                if (i % 25 == 0) {
                    publish(client, TOPIC, expected.get(20 + i / 25));
                    Thread.sleep(10);
                }
            }
            settle(0);

            assertThat(acknowledged).as("acknowledged before it is on disk").hasValue(0);
        } finally {
            journal.synchronizationUnlock();
        }
        assertThat(received.get()).isEqualTo(expected);
        reader.shutdown();
    }

    @Test
    void beginsToPageALaneBetweenTwoTransactionsAndNotWithinOne() throws Exception {
        String lane = Queues.lane(0);
        try (ClientSessionFactory connection = InProcess.connect(broker);
                ClientSession session = connection.createSession(false, false)) {
            ClientProducer producer = session.createProducer(lane);
            producer.send(session.createMessage(true));
            await().atMost(WAIT).until(() -> store(lane).getAddressSize() > 0);
            store(lane).startPaging();
            producer.send(session.createMessage(true));
            session.commit();
            producer.send(session.createMessage(true));
            session.commit();
        }

        List<Boolean> paged = new ArrayList<>();
        try (var references = broker.queue(lane).orElseThrow().browserIterator()) {
            references.forEachRemaining(reference -> paged.add(reference.isPaged()));
        }
        assertThat(paged).containsExactly(false, false, true);
    }

    /** The values of the topic among so many readings. */
    private List<String> receive(int count) throws Exception {
        List<String> values = new ArrayList<>();
        try (UnitOfWork unit = buffer.open(Queues.INGEST)) {
            for (int left = count; left > 0; ) {
                var batch = unit.receive(left, 1_000_000, WAIT, Duration.ofMillis(1));
                assertThat(batch.isEmpty()).isFalse();
                for (Reading reading : batch) {
                    if (reading.topic().equals(TOPIC)) {
                        values.add(new String(reading.payload(), UTF_8));
                    }
                }
                left -= batch.size();
            }
        }
        return values;
    }

    private void publish(Mqtt5BlockingClient from, String topic, String payload) {
        from.toAsync()
                .publishWith()
                .topic(topic)
                .qos(MqttQos.AT_LEAST_ONCE)
                .payload(payload.getBytes(UTF_8))
                .send()
                .thenRun(acknowledged::incrementAndGet);
    }

    /** Lets what was published reach the broker, which acknowledges nothing more meanwhile. */
    private void settle(int expected) {
        await().during(Duration.ofMillis(500))
                .atMost(WAIT)
                .untilAtomic(acknowledged, equalTo(expected));
    }

    private JournalImpl journal() {
        Journal journal = broker.server().getStorageManager().getMessageJournal();
        return (JournalImpl) journal;
    }

    private PagingStore store(String address) throws Exception {
        return broker.server().getPagingManager().getPageStore(SimpleString.of(address));
    }

    private static Mqtt5BlockingClient client(int port) {
        Mqtt5BlockingClient client =
                Mqtt5Client.builder().serverHost("127.0.0.1").serverPort(port).buildBlocking();
        client.connect();
        return client;
    }
}
