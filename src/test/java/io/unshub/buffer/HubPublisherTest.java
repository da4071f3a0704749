package io.unshub.buffer;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.node.IntNode;
import com.hivemq.client.mqtt.MqttGlobalPublishFilter;
import com.hivemq.client.mqtt.datatypes.MqttQos;
import com.hivemq.client.mqtt.mqtt5.Mqtt5BlockingClient;
import com.hivemq.client.mqtt.mqtt5.Mqtt5Client;
import com.hivemq.client.mqtt.mqtt5.message.publish.Mqtt5Publish;
import io.unshub.envelope.Batch;
import io.unshub.envelope.Envelope;
import io.unshub.envelope.EnvelopeCodec;
import io.unshub.envelope.Reading;
import io.unshub.ledger.Ledger;
import io.unshub.ledger.LedgerReport;
import io.unshub.quality.Quality;
import io.unshub.trace.Traces;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.activemq.artemis.api.core.QueueConfiguration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the hub collects, published without a connection; the subscribers are real ones. */
class HubPublisherTest {

    private static final Duration WAIT = Duration.ofSeconds(10);
    private static final Duration LINGER = Duration.ofMillis(200);
    private static final String TOPIC = "acme/plant1/area/line/cell/machine/temperature";

    @TempDir Path data;

    private final Clock clock = Clock.systemUTC();
    private int port;
    private Broker broker;
    private Ledger ledger;
    private LedgerJournal journal;
    private Buffer buffer;
    private HubPublisher publisher;

    @BeforeEach
    void open() throws Exception {
        try (ServerSocket socket = new ServerSocket(0)) {
            port = socket.getLocalPort();
        }
        broker = new Broker(new BrokerConfig(data, "127.0.0.1", port, 4_194_304, 1L << 30));
        broker.start();
        ledger = new Ledger(clock);
        journal = new LedgerJournal(broker, ledger, clock);
        journal.load();
        buffer = new Buffer(broker, ledger, journal, clock, topic -> false);
        publisher = new HubPublisher(broker, Traces.OFF);
    }

    @AfterEach
    void shut() throws Exception {
        journal.close();
        broker.stop();
    }

    @Test
    void bringsReadingsToTheIngestQueueInOrderAndInFewMessages() throws Exception {
        List<String> payloads = IntStream.range(0, 300).mapToObj(i -> "reading " + i).toList();
        publisher.publish(readings(payloads));

        QueueView.awaitDepth(broker, Queues.INGEST, 1);
        assertThat(broker.awaiting()).isEqualTo(300);
        assertThat(report().total().accepted()).isEqualTo(300);
        shut();
        open();
        assertThat(broker.awaiting()).isEqualTo(300);
        assertThat(ingested(300)).containsExactlyElementsOf(payloads);
        await().atMost(WAIT).until(() -> broker.awaiting() == 0);
        assertThat(report().findings()).isEmpty();
        assertThat(report().total().deadLettered()).isEqualTo(300);
    }

    @Test
    void bringsOneThatIsLargerThanAMessageShouldBe() throws Exception {
        String large = "x".repeat(1_000_000);
        // from somewhere above a MiB on the broker keeps a message in a file of its own
        String huge = "y".repeat(1_300_000);
        String giant = "z".repeat(5_000_000);
        List<String> all = List.of("before", large, huge, "between", giant, "behind");
        publisher.publish(readings(all));

        await().atMost(WAIT).until(() -> broker.awaiting() == 6);
        shut();
        open();
        assertThat(broker.awaiting()).isEqualTo(6);
        assertThat(ingested(6)).containsExactlyElementsOf(all);
    }

    @ParameterizedTest
    @ValueSource(strings = {TOPIC, "#", "acme/+/area/#", "$share/group/acme/#"})
    void bringsEachReadingToWhoHasSubscribed(String filter) throws Exception {
        List<String> received = new CopyOnWriteArrayList<>();
        Set<MqttQos> qualities = ConcurrentHashMap.newKeySet();
        Mqtt5BlockingClient client = client("$hub/reader", 0);
        client.toAsync()
                .subscribeWith()
                .topicFilter(filter)
                .qos(MqttQos.EXACTLY_ONCE)
                .callback(
                        each -> {
                            received.add(each.getTopic() + " " + text(each));
                            qualities.add(each.getQos());
                        })
                .send()
                .get(10, TimeUnit.SECONDS);

        publisher.publish(
                List.of(
                        new Reading(TOPIC, "1".getBytes(UTF_8)),
                        new Reading("elsewhere/x", "2".getBytes(UTF_8)),
                        new Reading(TOPIC, "3".getBytes(UTF_8))));
        await().atMost(WAIT).until(() -> received.contains(TOPIC + " 3"));

        List<String> wanted =
                Stream.of(TOPIC + " 1", "elsewhere/x 2", TOPIC + " 3")
                        .filter(each -> filter.equals("#") || each.startsWith("acme"))
                        .toList();
        assertThat(received).containsExactlyElementsOf(wanted);
        assertThat(qualities).containsExactly(MqttQos.AT_LEAST_ONCE);
        assertThat(ingested(3)).containsExactly("1", "2", "3");
        assertThat(report().findings()).isEmpty();
        client.disconnect();

        await().atMost(WAIT).until(() -> !broker.isWanted(TOPIC));
    }

    @Test
    void keepsReadingsForASubscriberThatIsAway() throws Exception {
        Mqtt5BlockingClient client = client("away", 3_600);
        client.subscribeWith().topicFilter("acme/#").qos(MqttQos.AT_LEAST_ONCE).send();
        client.disconnect();

        publisher.publish(readings(List.of("while away")));
        shut();
        open();
        publisher.publish(readings(List.of("after a restart")));

        Mqtt5BlockingClient again =
                Mqtt5Client.builder()
                        .identifier("away")
                        .serverHost("127.0.0.1")
                        .serverPort(port)
                        .buildBlocking();
        try (var messages = again.publishes(MqttGlobalPublishFilter.ALL)) {
            again.connectWith().cleanStart(false).sessionExpiryInterval(3_600).send();
            assertThat(text(messages.receive(10, TimeUnit.SECONDS).orElseThrow()))
                    .isEqualTo("while away");
            assertThat(text(messages.receive(10, TimeUnit.SECONDS).orElseThrow()))
                    .isEqualTo("after a restart");
        }
        again.disconnect();
    }

    @Test
    void leavesSystemTopicsOutOfTheIngest() throws Exception {
        publisher.publish(
                List.of(
                        new Reading("$SYS/uptime", "1".getBytes(UTF_8)),
                        new Reading(TOPIC, "2".getBytes(UTF_8))));

        assertThat(ingested(1)).containsExactly("2");
    }

    @Test
    void whatItPublishedNeedNotBeReadWhileItIsInMemory() throws Exception {
        List<Envelope> made = IntStream.range(0, 3).mapToObj(HubPublisherTest::envelope).toList();
        publisher.publish(made.stream().map(Reading::toPublish).toList());

        try (UnitOfWork unit = buffer.open(Queues.INGEST)) {
            for (int time = 0; time < 2; time++) {
                assertThat(unit.receive(3, 100_000, WAIT, LINGER).readings())
                        .extracting(Reading::made)
                        .containsExactlyElementsOf(made);
                unit.rollback();
            }
        }
        shut();
        open();
        try (UnitOfWork unit = buffer.open(Queues.INGEST)) {
            assertThat(unit.receive(3, 100_000, WAIT, LINGER).readings())
                    .allSatisfy(each -> assertThat(each.made()).isNull())
                    .extracting(each -> EnvelopeCodec.decode(each.payload()))
                    .containsExactlyElementsOf(made);
        }
    }

    @Test
    void readsAllOfAMessageOfWhichOneMustBeRead() throws Exception {
        publisher.publish(
                List.of(
                        Reading.toPublish(envelope(1)),
                        new Reading(TOPIC, "other".getBytes(UTF_8)),
                        Reading.toPublish(envelope(2))));

        try (UnitOfWork unit = buffer.open(Queues.INGEST)) {
            assertThat(unit.receive(3, 100_000, WAIT, LINGER).readings())
                    .hasSize(3)
                    .allSatisfy(each -> assertThat(each.made()).isNull());
        }
    }

    private static Envelope envelope(int value) {
        return new Envelope(
                new UUID(0, value),
                Instant.parse("2026-03-01T11:59:58.12Z"),
                TOPIC,
                IntNode.valueOf(value),
                Quality.GOOD,
                "1",
                "plc",
                "7",
                Envelope.SCHEMA_VERSION,
                null,
                null);
    }

    @Test
    void condemnsOnlyTheReadingsThatFailAmongThoseOfOneMessage() throws Exception {
        publisher.publish(readings(List.of("good 1", "poison", "good 2", "poison", "good 3")));
        PumpRun.run(PumpRun.poisonable(buffer, ledger), () -> ledger.accepted() == 5);

        assertThat(QueueView.ofLanes(broker))
                .extracting(each -> new String(each.payload(), UTF_8), QueueView.Held::hubSeq)
                .containsExactly(tuple("good 1", 1L), tuple("good 2", 2L), tuple("good 3", 3L));
        assertThat(QueueView.of(broker, Queues.DEAD_LETTER))
                .extracting(QueueView.Held::hubSeq)
                .containsExactly(4L, 5L);
        assertThat(QueueView.of(broker, Queues.DEAD_LETTER))
                .allSatisfy(each -> assertThat(each.detail()).contains("cannot digest"));
        await().atMost(WAIT).until(() -> broker.awaiting() == 0);
        assertThat(report().findings()).isEmpty();
    }

    @Test
    void waitsWhileThereIsNoRoom() throws Exception {
        broker.holdPublishers(true);
        CompletableFuture<Void> publishing =
                CompletableFuture.runAsync(
                        () -> {
                            try {
                                publisher.publish(readings(List.of("patient")));
                            } catch (InterruptedException e) {
                                throw new IllegalStateException(e);
                            }
                        });
        await().during(Duration.ofMillis(300)).until(() -> !publishing.isDone());
        assertThat(broker.awaiting()).isZero();

        broker.holdPublishers(false);
        publishing.get(10, TimeUnit.SECONDS);
        await().atMost(WAIT).until(() -> broker.awaiting() == 1);
    }

    @Test
    void findsAnIngestQueueOfAnEarlierVersion() throws Exception {
        broker.server()
                .updateQueue(
                        QueueConfiguration.of(Queues.INGEST)
                                .setAddress("#")
                                .setFilterString(
                                        "NOT (AMQAddress LIKE '$%' OR AMQAddress LIKE 'activemq.%')"));
        shut();
        open();
        publisher.publish(readings(List.of("new")));

        assertThat(ingested(1)).containsExactly("new");
    }

    private Mqtt5BlockingClient client(String name, long expiry) {
        Mqtt5BlockingClient client =
                Mqtt5Client.builder()
                        .identifier(name)
                        .serverHost("127.0.0.1")
                        .serverPort(port)
                        .buildBlocking();
        client.connectWith().sessionExpiryInterval(expiry).send();
        return client;
    }

    /** Takes all out of the ingest queue, to the dead letters. */
    private List<String> ingested(int count) throws Exception {
        List<String> all = new ArrayList<>();
        try (UnitOfWork unit = buffer.open(Queues.INGEST)) {
            while (all.size() < count) {
                Batch batch = unit.receive(count - all.size(), 10_000_000, WAIT, LINGER);
                assertThat(batch.isEmpty()).isFalse();
                ledger.sequence(batch);
                batch.forEach(each -> all.add(text(each)));
                unit.commit();
            }
            assertThat(unit.receive(1, 1, LINGER, LINGER).isEmpty()).isTrue();
        }
        return all;
    }

    private LedgerReport report() throws Exception {
        return new LedgerAudit(broker, ledger, journal, clock).report();
    }

    private static List<Reading> readings(List<String> payloads) {
        return payloads.stream().map(each -> new Reading(TOPIC, each.getBytes(UTF_8))).toList();
    }

    private static String text(Reading reading) {
        return new String(reading.payload(), UTF_8);
    }

    private static String text(Mqtt5Publish publish) {
        return new String(publish.getPayloadAsBytes(), UTF_8);
    }
}
