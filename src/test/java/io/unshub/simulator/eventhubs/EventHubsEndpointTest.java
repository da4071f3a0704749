package io.unshub.simulator.eventhubs;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;
import static org.awaitility.Awaitility.await;

import com.azure.core.amqp.AmqpRetryOptions;
import com.azure.core.amqp.exception.AmqpException;
import com.azure.messaging.eventhubs.EventData;
import com.azure.messaging.eventhubs.EventDataBatch;
import com.azure.messaging.eventhubs.EventHubClientBuilder;
import com.azure.messaging.eventhubs.EventHubConsumerAsyncClient;
import com.azure.messaging.eventhubs.EventHubProducerClient;
import com.azure.messaging.eventhubs.models.CreateBatchOptions;
import com.azure.messaging.eventhubs.models.EventPosition;
import com.azure.messaging.eventhubs.models.PartitionEvent;
import com.azure.messaging.eventhubs.models.ReceiveOptions;
import com.azure.messaging.eventhubs.models.SendOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import org.apache.qpid.proton.Proton;
import org.apache.qpid.proton.amqp.messaging.Source;
import org.apache.qpid.proton.amqp.messaging.Target;
import org.apache.qpid.proton.engine.BaseHandler;
import org.apache.qpid.proton.engine.Connection;
import org.apache.qpid.proton.engine.Event;
import org.apache.qpid.proton.engine.Sender;
import org.apache.qpid.proton.engine.Session;
import org.apache.qpid.proton.reactor.Reactor;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import reactor.core.Disposable;

/** The endpoint as the unchanged Azure SDK sees it. */
class EventHubsEndpointTest {

    private static final String KEY = "c2VjcmV0LW9mLXRoZS10ZXN0";
    private static final Duration LONG = Duration.ofSeconds(30);

    @TempDir Path data;

    private EventHubsEndpoint endpoint;
    private EventHubProducerClient producer;

    @BeforeEach
    void start() throws IOException {
        endpoint = EventHubsEndpoint.start(new EndpointConfig(data, 0, "uns", 4, "test", KEY));
        producer = client(endpoint.connectionString()).buildProducerClient();
    }

    @AfterEach
    void stop() {
        producer.close();
        endpoint.close();
    }

    @Test
    void describesTheEventHubAndItsPartitions() {
        assertThat(producer.getEventHubProperties().getName()).isEqualTo("uns");
        assertThat(producer.getPartitionIds()).containsExactly("0", "1", "2", "3");
        assertThat(producer.getPartitionProperties("1").isEmpty()).isTrue();

        send("1", "one", "two");

        assertThat(producer.getPartitionProperties("1").isEmpty()).isFalse();
        assertThat(producer.getPartitionProperties("1").getLastEnqueuedSequenceNumber())
                .isEqualTo(1);
    }

    @Test
    void keepsBytesPropertiesAndOrderOfABatch() {
        EventDataBatch batch = producer.createBatch(partition("2"));
        for (int i = 0; i < 500; i++) {
            EventData event = new EventData(("body \u20ac " + i).getBytes(UTF_8));
            event.getProperties().put("topic", "acme/x");
            event.getProperties().put("hubSeq", (long) i);
            event.getProperties().put("small", i);
            event.getProperties().put("flag", i % 2 == 0);
            assertThat(batch.tryAdd(event)).isTrue();
        }
        producer.send(batch);

        List<PartitionEvent> events = read("2", EventPosition.earliest(), 500);

        for (int i = 0; i < 500; i++) {
            EventData event = events.get(i).getData();
            assertThat(event.getBodyAsString()).isEqualTo("body \u20ac " + i);
            assertThat(event.getSequenceNumber()).isEqualTo(i);
            assertThat(event.getProperties())
                    .containsEntry("topic", "acme/x")
                    .containsEntry("hubSeq", (long) i)
                    .containsEntry("small", i)
                    .containsEntry("flag", i % 2 == 0);
            assertThat(event.getEnqueuedTime()).isBefore(Instant.now().plusSeconds(1));
        }
    }

    @Test
    void takesSingleEventsByKeyToOnePartition() {
        for (int i = 0; i < 5; i++) {
            producer.send(
                    List.of(new EventData("e" + i)), new SendOptions().setPartitionKey("pump-01"));
        }

        String partition = String.valueOf(PartitionKeys.partition("pump-01", 4));

        assertThat(read(partition, EventPosition.earliest(), 5))
                .extracting(event -> event.getData().getBodyAsString())
                .containsExactly("e0", "e1", "e2", "e3", "e4");
        assertThat(read(partition, EventPosition.earliest(), 1).get(0).getData().getPartitionKey())
                .isEqualTo("pump-01");
    }

    @Test
    void readsFromEveryKindOfPosition() {
        send("0", IntStream.range(0, 200).mapToObj(i -> "e" + i).toArray(String[]::new));
        List<PartitionEvent> all = read("0", EventPosition.earliest(), 200);
        EventData middle = all.get(100).getData();

        assertThat(first(EventPosition.fromSequenceNumber(100))).isEqualTo("e101");
        assertThat(first(EventPosition.fromSequenceNumber(100, true))).isEqualTo("e100");
        assertThat(first(EventPosition.fromOffsetString(middle.getOffsetString())))
                .isEqualTo("e101");
        assertThat(first(EventPosition.fromEnqueuedTime(Instant.EPOCH))).isEqualTo("e0");
    }

    @Test
    void readsOnlyWhatComesAfterLatest() {
        send("0", "old");
        List<String> received = new ArrayList<>();
        EventHubConsumerAsyncClient consumer =
                client(endpoint.connectionString())
                        .consumerGroup("$Default")
                        .buildAsyncConsumerClient();
        Disposable reading =
                consumer.receiveFromPartition("0", EventPosition.latest())
                        .subscribe(event -> received.add(event.getData().getBodyAsString()));

        // the link opens some time after subscribe returns: send until the first arrives
        await().atMost(LONG)
                .until(
                        () -> {
                            send("0", "new");
                            return !received.isEmpty();
                        });

        assertThat(received).doesNotContain("old");
        reading.dispose();
        consumer.close();
    }

    @Test
    void keepsEventsAndSequenceAcrossARestart() throws IOException {
        send("3", "a", "b");
        producer.close();
        endpoint.close();

        endpoint = EventHubsEndpoint.start(new EndpointConfig(data, 0, "uns", 4, "test", KEY));
        producer = client(endpoint.connectionString()).buildProducerClient();
        send("3", "c");

        assertThat(read("3", EventPosition.earliest(), 3))
                .extracting(
                        event -> event.getData().getBodyAsString(),
                        event -> event.getData().getSequenceNumber())
                .containsExactly(tuple("a", 0L), tuple("b", 1L), tuple("c", 2L));
    }

    @Test
    void cutsOffATornRecordAtTheStart() throws IOException {
        send("3", "whole");
        producer.close();
        endpoint.close();
        Files.write(
                data.resolve("partition-03.log"),
                new byte[] {0, 0, 1, 0, 0, 0},
                StandardOpenOption.APPEND);

        endpoint = EventHubsEndpoint.start(new EndpointConfig(data, 0, "uns", 4, "test", KEY));
        producer = client(endpoint.connectionString()).buildProducerClient();
        send("3", "after");

        assertThat(read("3", EventPosition.earliest(), 2))
                .extracting(event -> event.getData().getBodyAsString())
                .containsExactly("whole", "after");
    }

    @Test
    void refusesAWrongKey() {
        String wrong = endpoint.connectionString().replace(KEY, "d3Jvbmc=");
        try (EventHubProducerClient stranger = client(wrong).buildProducerClient()) {
            assertThatThrownBy(() -> stranger.send(List.of(new EventData("x"))))
                    .isInstanceOf(AmqpException.class)
                    .hasMessageContaining("signature does not match");
        }
    }

    @Test
    void refusesAHubThatIsNotThere() {
        String other = endpoint.connectionString().replace("EntityPath=uns", "EntityPath=other");
        try (EventHubProducerClient stranger = client(other).buildProducerClient()) {
            assertThatThrownBy(() -> stranger.send(List.of(new EventData("x"))))
                    .isInstanceOf(AmqpException.class);
        }
    }

    @Test
    void advertisesAMegabyteAsTheLimit() {
        EventDataBatch batch = producer.createBatch(partition("0"));

        assertThat(batch.getMaxSizeInBytes()).isEqualTo(1_048_576);
        assertThatThrownBy(() -> batch.tryAdd(new EventData(new byte[1_100_000])))
                .isInstanceOf(AmqpException.class);
    }

    @Test
    void handsAPartitionToTheReaderWithTheNewerEpoch() {
        send("0", "e");
        AtomicReference<Throwable> stolen = new AtomicReference<>();
        List<String> first = new ArrayList<>();
        EventHubConsumerAsyncClient consumer =
                client(endpoint.connectionString())
                        .consumerGroup("$Default")
                        .buildAsyncConsumerClient();
        Disposable older =
                consumer.receiveFromPartition(
                                "0",
                                EventPosition.earliest(),
                                new ReceiveOptions().setOwnerLevel(1L))
                        .subscribe(
                                event -> first.add(event.getData().getBodyAsString()), stolen::set);
        await().atMost(LONG).until(() -> !first.isEmpty());
        EventHubConsumerAsyncClient next =
                client(endpoint.connectionString())
                        .consumerGroup("$Default")
                        .buildAsyncConsumerClient();
        Disposable newer =
                next.receiveFromPartition(
                                "0",
                                EventPosition.earliest(),
                                new ReceiveOptions().setOwnerLevel(2L))
                        .subscribe();

        await().atMost(LONG).until(() -> stolen.get() != null);

        assertThat(stolen.get()).hasMessageContaining("newer epoch");
        older.dispose();
        newer.dispose();
        consumer.close();
        next.close();
    }

    @Test
    void failsOnCommandAndRecovers() {
        for (Fault fault : List.of(Fault.SERVER_BUSY, Fault.DETACH, Fault.DROP)) {
            send("0", "before " + fault);
            endpoint.inject(fault);
            await().atMost(LONG)
                    .untilAsserted(
                            () ->
                                    assertThatThrownBy(() -> send("0", "during " + fault))
                                            .isInstanceOf(RuntimeException.class));
            endpoint.inject(Fault.NONE);
            await().atMost(LONG).ignoreExceptions().until(() -> sent("0", "after " + fault));
        }
    }

    /** What fails on one connection must not come again in every turn, before all others. */
    @Test
    void cutsAConnectionThatSendsNoMessage() throws IOException {
        send("0", "before");
        Garbage client = new Garbage();
        Reactor reactor = Proton.reactor();
        reactor.connectionToHost(EventHubsEndpoint.HOST, endpoint.port(), client);
        reactor.setTimeout(100);
        reactor.start();
        try {
            await().atMost(LONG).until(() -> reactor.process() && client.cut);
        } finally {
            reactor.stop();
            reactor.free();
        }

        send("0", "after");

        assertThat(read("0", EventPosition.earliest(), 2))
                .extracting(event -> event.getData().getBodyAsString())
                .containsExactly("before", "after");
    }

    /** Puts three bytes that are no message to {@code $cbs}. */
    private static final class Garbage extends BaseHandler {
        private boolean sent;
        private boolean cut;

        @Override
        public void onConnectionInit(Event event) {
            Connection connection = event.getConnection();
            connection.setContainer("garbage");
            connection.open();
            Session session = connection.session();
            session.open();
            Target target = new Target();
            target.setAddress("$cbs");
            Sender sender = session.sender("garbage");
            sender.setTarget(target);
            sender.setSource(new Source());
            sender.open();
        }

        @Override
        public void onLinkFlow(Event event) {
            Sender sender = (Sender) event.getLink();
            if (sent) {
                return;
            }
            sent = true;
            sender.delivery(new byte[] {1});
            sender.send(new byte[] {1, 2, 3}, 0, 3);
            sender.advance();
        }

        @Override
        public void onTransportTailClosed(Event event) {
            cut = true;
        }
    }

    @Test
    void namesThePortThatIsTaken() {
        assertThatThrownBy(
                        () ->
                                EventHubsEndpoint.start(
                                        new EndpointConfig(
                                                data.resolve("second"),
                                                endpoint.port(),
                                                "uns",
                                                1,
                                                "test",
                                                KEY)))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("cannot listen on port " + endpoint.port());
    }

    private boolean sent(String partition, String body) {
        send(partition, body);
        return true;
    }

    private void send(String partition, String... bodies) {
        EventDataBatch batch = producer.createBatch(partition(partition));
        for (String body : bodies) {
            assertThat(batch.tryAdd(new EventData(body))).isTrue();
        }
        producer.send(batch);
    }

    private String first(EventPosition position) {
        return read("0", position, 1).get(0).getData().getBodyAsString();
    }

    private List<PartitionEvent> read(String partition, EventPosition from, int count) {
        try (EventHubConsumerAsyncClient consumer =
                client(endpoint.connectionString())
                        .consumerGroup("$Default")
                        .buildAsyncConsumerClient()) {
            return consumer.receiveFromPartition(partition, from)
                    .take(count)
                    .collectList()
                    .block(LONG);
        }
    }

    private static CreateBatchOptions partition(String id) {
        return new CreateBatchOptions().setPartitionId(id);
    }

    private static EventHubClientBuilder client(String connectionString) {
        return new EventHubClientBuilder()
                .connectionString(connectionString)
                .retryOptions(
                        new AmqpRetryOptions()
                                .setMaxRetries(0)
                                .setTryTimeout(Duration.ofSeconds(10)));
    }
}
