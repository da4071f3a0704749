package io.unshub.buffer;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.assertj.core.api.Assertions.tuple;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.greaterThan;

import com.hivemq.client.mqtt.MqttGlobalPublishFilter;
import com.hivemq.client.mqtt.datatypes.MqttQos;
import com.hivemq.client.mqtt.mqtt5.Mqtt5BlockingClient;
import com.hivemq.client.mqtt.mqtt5.Mqtt5Client;
import io.unshub.buffer.QueueView.Held;
import io.unshub.deadletter.Reason;
import io.unshub.deadletter.Rejection;
import io.unshub.envelope.Batch;
import io.unshub.envelope.Outcome;
import io.unshub.envelope.Reading;
import io.unshub.ledger.Ledger;
import io.unshub.ledger.LedgerReport;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.apache.activemq.artemis.api.core.Message;
import org.apache.activemq.artemis.core.server.Queue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Broker, units of work, pump and audit together, on a real journal. */
class BufferTest {

    private static final String TOPIC = "acme/plant1/packaging/line1/cell1/pump-01/temperature";
    private static final Duration WAIT = Duration.ofSeconds(10);
    private static final Duration LINGER = Duration.ofMillis(200);

    @TempDir Path data;

    private int port;
    private final Set<String> overtaking = new LinkedHashSet<>();
    private Clock clock = Clock.systemUTC();
    private Broker broker;
    private Ledger ledger;
    private LedgerJournal journal;
    private Buffer buffer;
    private Mqtt5BlockingClient client;

    @BeforeEach
    void start() throws Exception {
        port = freePort();
        open();
        client = Mqtt5Client.builder().serverHost("127.0.0.1").serverPort(port).buildBlocking();
        client.connect();
    }

    @AfterEach
    void stop() throws Exception {
        if (client.getState().isConnected()) {
            client.disconnect();
        }
        shut();
    }

    @Test
    void syncsTheJournalBeforeItAcknowledges() {
        assertThat(broker.syncsJournal()).isTrue();
    }

    @Test
    void takesWhatAnyClientPublishesWithTopicAndBytesAsTheyWere() throws Exception {
        publish("acme/p.1/x", "{\"value\": 1.0}");
        publish("not/an/envelope", "caf\u00e9");

        try (UnitOfWork unit = buffer.open(Queues.INGEST)) {
            Batch batch = unit.receive(10, 10_000, WAIT, LINGER);

            assertThat(batch.readings())
                    .extracting(Reading::topic, r -> new String(r.payload(), UTF_8))
                    .containsExactly(
                            tuple("acme/p.1/x", "{\"value\": 1.0}"),
                            tuple("not/an/envelope", "caf\u00e9"));
        }
    }

    @Test
    void oneThatWasHeldGoesByItselfWhereOthersCameAfterIt() throws Exception {
        String copies = Queues.copies("own");
        broker.createQueue(copies);
        publish(TOPIC, "held");
        publish(TOPIC, "not held");
        publish(TOPIC, "on its way");
        try (UnitOfWork ingest = buffer.open(Queues.INGEST)) {
            Batch batch = ingest.receive(3, 10_000, WAIT, WAIT);
            for (Reading reading : batch) {
                reading.copyTo(List.of("own"));
                ingest.copy(reading);
            }
            ingest.commit();
        }
        try (UnitOfWork own = buffer.open(copies)) {
            Batch batch = own.receive(2, 10_000, WAIT, WAIT);
            Reading held = batch.readings().get(0);
            own.hold(held);
            own.commit();
            QueueView.awaitDepth(broker, copies, 2);

            own.release(held);
            own.commit();

            assertThat(own.receive(1, 10_000, WAIT, LINGER).readings())
                    .extracting(reading -> new String(reading.payload(), UTF_8))
                    .containsExactly("on its way");
            own.commit();
        }
        QueueView.awaitDepth(broker, copies, 0);
    }

    @Test
    void leavesSystemTopicsOutOfTheIngest() throws Exception {
        publish("_hub/status", "up");
        publish(TOPIC, "after");

        try (UnitOfWork unit = buffer.open(Queues.INGEST)) {
            assertThat(unit.receive(10, 10_000, WAIT, LINGER).readings())
                    .extracting(Reading::topic)
                    .containsExactly(TOPIC);
        }
    }

    @Test
    void keepsReadingsThatTheirPublisherLetExpire() {
        client.publishWith()
                .topic(TOPIC)
                .qos(MqttQos.AT_LEAST_ONCE)
                .messageExpiryInterval(1)
                .payload("short-lived".getBytes(UTF_8))
                .send();

        Queue queue = broker.queue(Queues.INGEST).orElseThrow();
        await().atMost(WAIT).until(() -> queue.browserIterator().hasNext());
        Message stored = queue.browserIterator().next().getMessage();
        assertThat(stored.getExpiration()).as("0: never expires").isZero();
    }

    @Test
    void doesNotShowItsOwnQueuesToASubscriberOfEverything() throws Exception {
        var received = client.publishes(MqttGlobalPublishFilter.ALL);
        client.subscribeWith().topicFilter("#").qos(MqttQos.AT_LEAST_ONCE).send();
        publish(TOPIC, "one");
        moveToBuffer(1);

        publish(TOPIC, "two");

        assertThat(received.receive().getPayloadAsBytes()).isEqualTo("one".getBytes(UTF_8));
        assertThat(received.receive().getPayloadAsBytes()).isEqualTo("two".getBytes(UTF_8));
    }

    /** On the listener that takes anyone. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "$hub/lane/%02d",
                "$hub/#",
                "$hub/lane/+",
                "$share/group/$hub/lane/%02d",
                "$hub/ingest"
            })
    void endsTheConnectionOfWhoSubscribesToItsOwnQueues(String filter) throws Exception {
        publish(TOPIC, "one");
        moveToBuffer(1);
        publish(TOPIC, "two");

        assertThat(
                        catchThrowable(
                                () ->
                                        client.subscribeWith()
                                                .topicFilter(filter.formatted(Queues.laneOf(TOPIC)))
                                                .qos(MqttQos.AT_LEAST_ONCE)
                                                .send()))
                .isNotNull();

        QueueView.awaitDepth(broker, Queues.lane(Queues.laneOf(TOPIC)), 1);
        QueueView.awaitDepth(broker, Queues.INGEST, 1);
        assertThat(broker.queue(Queues.lane(Queues.laneOf(TOPIC))).orElseThrow().getConsumerCount())
                .isZero();
    }

    @Test
    void takesNothingIntoItsOwnQueuesFromWhoPublishesThere() throws Exception {
        String lane = Queues.lane(Queues.laneOf(TOPIC));
        for (String own : List.of(lane, Queues.DEAD_LETTER)) {
            assertThat(catchThrowable(() -> publish(own, "forged"))).isNotNull();
            await().atMost(WAIT).until(() -> !client.getState().isConnectedOrReconnect());
            client.connect();
        }

        publish(TOPIC, "after");

        QueueView.awaitDepth(broker, Queues.INGEST, 1);
        assertThat(broker.depth(lane)).contains(0L);
        assertThat(broker.depth(Queues.DEAD_LETTER)).contains(0L);
    }

    @Test
    void holdsPublishersBackBeforeTheIngestQueuePages() throws Exception {
        Queue queue = broker.queue(Queues.INGEST).orElseThrow();
        try (UnitOfWork unit = buffer.open(Queues.INGEST)) {
            AtomicInteger first = flood(100);
            await().atMost(WAIT).untilAtomic(first, equalTo(100));
            await().atMost(WAIT).until(() -> queue.getMessageCount() == 100);

            AtomicInteger second = flood(300);
            // as much as comes without anyone reading
            long[] held = {0};
            await().atMost(WAIT)
                    .pollInterval(Duration.ofMillis(300))
                    .until(() -> held[0] == (held[0] = queue.getMessageCount()), equalTo(true));

            assertThat(held[0]).isLessThan(200);
            assertThat(second).hasValueLessThan(100);

            int received = 0;
            while (received < 400) {
                Batch batch = unit.receive(50, 10_000_000, WAIT, LINGER);
                assertThat(batch.readings()).isNotEmpty();
                received += batch.readings().size();
                ledger.sequence(batch);
                for (Reading reading : batch.readings()) {
                    reading.reject(rejection());
                    unit.deadLetter(reading);
                }
                unit.commit();
            }
            await().atMost(WAIT).untilAtomic(second, equalTo(300));
        }
    }

    @Test
    void acknowledgesNobodyWhileThereIsNoRoomAndEverybodyAfterwards() {
        broker.holdPublishers(true);
        AtomicInteger acknowledged = publishOneByOne(60);
        assertThat(settled(acknowledged)).isLessThan(10);

        broker.holdPublishers(false);

        await().atMost(WAIT.multipliedBy(3)).untilAtomic(acknowledged, equalTo(60));
        QueueView.awaitDepth(broker, Queues.INGEST, 60);
    }

    @Test
    void showsHowMuchWaitsHowOldItIsAndHowMuchRoomThereIs() throws Exception {
        publish(TOPIC, "one");
        publish(TOPIC, "two");
        moveToBuffer(2);
        BufferGauge gauge = new BufferGauge(broker, ledger, data, room(1 << 30), Clock.systemUTC());
        await().atMost(WAIT).until(() -> gauge.read().oldestUtc() != null);

        BufferGauge.Level level = gauge.read();

        assertThat(level.readings()).isEqualTo(2);
        assertThat(level.oldestUtc()).isBeforeOrEqualTo(level.at());
        assertThat(level.readingBytes()).isPositive();
        assertThat(level.bytes()).isGreaterThan(level.readingBytes());
        assertThat(level.allowedBytes()).isLessThanOrEqualTo(1 << 30);
        assertThat(level.fill()).isBetween(0.0, 1.0);
        assertThat(new BufferGauge(broker, ledger, data, room(1), Clock.systemUTC()).read().fill())
                .as("above the size that is allowed")
                .isGreaterThan(1);
    }

    @Test
    void takesInNoMoreThanFitsIntoMemoryWhereNothingConsumes() throws Exception {
        AtomicInteger acknowledged = publishOneByOne(300);
        await().atMost(WAIT.multipliedBy(3)).untilAtomic(acknowledged, greaterThan(80));
        assertThat(settled(acknowledged)).isLessThan(100);

        moveToBuffer(300);
        await().atMost(WAIT).untilAtomic(acknowledged, equalTo(300));
    }

    private AtomicInteger publishOneByOne(int count) {
        AtomicInteger acknowledged = new AtomicInteger();
        Thread publisher =
                new Thread(
                        () -> {
                            for (int i = 0; i < count; i++) {
                                publish(TOPIC, "x".repeat(100_000));
                                acknowledged.incrementAndGet();
                            }
                        });
        publisher.start();
        return acknowledged;
    }

    /** A count, once it does not change any more. */
    private static int settled(AtomicInteger count) {
        int[] last = {-1};
        await().atMost(WAIT)
                .pollInterval(Duration.ofMillis(300))
                .until(() -> last[0] == (last[0] = count.get()), equalTo(true));
        return last[0];
    }

    private AtomicInteger flood(int count) {
        AtomicInteger acknowledged = new AtomicInteger();
        byte[] payload = "x".repeat(100_000).getBytes(UTF_8);
        for (int i = 0; i < count; i++) {
            client.toAsync()
                    .publishWith()
                    .topic(TOPIC)
                    .qos(MqttQos.AT_LEAST_ONCE)
                    .payload(payload)
                    .send()
                    .thenRun(acknowledged::incrementAndGet);
        }
        return acknowledged;
    }

    @Test
    void takesAMegabyteWhole() throws Exception {
        String large = "x".repeat(1_048_576);
        publish(TOPIC, large);

        try (UnitOfWork unit = buffer.open(Queues.INGEST)) {
            Batch batch = unit.receive(1, 10_000_000, WAIT, LINGER);
            ledger.sequence(batch);
            batch.readings().get(0).reject(rejection());
            unit.deadLetter(batch.readings().get(0));
            unit.commit();
        }
        QueueView.awaitDepth(broker, Queues.DEAD_LETTER, 1);
    }

    @Test
    void movesReadingsThroughALaneInOrderAndCountsThem() throws Exception {
        for (int i = 0; i < 5; i++) {
            publish(TOPIC, "reading " + i);
        }

        moveToBuffer(5);

        try (UnitOfWork unit = buffer.open(lane())) {
            Batch batch = unit.receive(10, 10_000, WAIT, LINGER);
            assertThat(batch.readings())
                    .extracting(Reading::hubSeq)
                    .containsExactly(1L, 2L, 3L, 4L, 5L);
            assertThat(batch.readings())
                    .extracting(Reading::hubPrevSeq)
                    .containsExactly(0L, 1L, 2L, 3L, 4L);
            batch.forEach(reading -> reading.end(Outcome.FORWARDED));
            unit.commit();
        }
        LedgerReport report = report();
        assertThat(report.findings()).isEmpty();
        assertThat(report.total().forwarded()).isEqualTo(5);
        assertThat(report.total().buffered()).isZero();
    }

    @Test
    void putsARolledBackBatchBackInOrder() throws Exception {
        publish(TOPIC, "a");
        publish(TOPIC, "b");
        try (UnitOfWork unit = buffer.open(Queues.INGEST)) {
            Batch batch = unit.receive(2, 10_000, WAIT, LINGER);
            ledger.sequence(batch);
            unit.buffer(batch.readings().get(0));
            unit.rollback();

            assertThat(unit.receive(2, 10_000, WAIT, LINGER).readings())
                    .extracting(r -> new String(r.payload(), UTF_8))
                    .containsExactly("a", "b");
        }
        assertThat(broker.depth(lane())).contains(0L);
        assertThat(ledger.accepted()).isZero();
    }

    @Test
    void setsAsideWhatNoStageDisposedOf() throws Exception {
        publish(TOPIC, "forgotten");
        try (UnitOfWork unit = buffer.open(Queues.INGEST)) {
            ledger.sequence(unit.receive(1, 10_000, WAIT, LINGER));
            unit.commit();
        }

        QueueView.awaitDepth(broker, Queues.DEAD_LETTER, 1);
        assertThat(report().findings()).isEmpty();
    }

    @Test
    void keepsReadingsAndLedgerAcrossARestart() throws Exception {
        for (int i = 0; i < 3; i++) {
            publish(TOPIC, "reading " + i);
        }
        moveToBuffer(3);
        publish(TOPIC, "not yet ingested");
        client.disconnect();

        shut();
        open();

        LedgerReport report = report();
        assertThat(report.findings()).isEmpty();
        assertThat(report.total().accepted()).isEqualTo(4);
        assertThat(report.total().buffered()).isEqualTo(4);
        client.connect();
        moveToBuffer(1);
        try (UnitOfWork unit = buffer.open(lane())) {
            assertThat(unit.receive(10, 10_000, WAIT, LINGER).readings())
                    .extracting(Reading::hubSeq)
                    .containsExactly(1L, 2L, 3L, 4L);
        }
    }

    @Test
    void readsTheLedgerWholeAtEveryStart() throws Exception {
        for (int start = 1; start <= 8; start++) {
            for (int i = 0; i < 10; i++) {
                publish(TOPIC, "reading " + i);
                moveToBuffer(1);
            }
            journal.close();
            ledger = new Ledger(Clock.systemUTC());
            journal = new LedgerJournal(broker, ledger, Clock.systemUTC());

            journal.load();

            buffer = new Buffer(broker, ledger, journal, Clock.systemUTC(), topic -> false);
            assertThat(ledger.buffered()).isEqualTo(10L * start);
        }
    }

    @Test
    void findsNothingWrongWhileReadingsMove() throws Exception {
        int count = 10_000;
        // far more than a consumer fetches ahead, so that delivery goes on to the end
        String payload = "x".repeat(2_000);
        CountDownLatch acknowledged = new CountDownLatch(count);
        for (int i = 0; i < count; i++) {
            client.toAsync()
                    .publishWith()
                    .topic(TOPIC)
                    .qos(MqttQos.AT_LEAST_ONCE)
                    .payload(payload.getBytes(UTF_8))
                    .send()
                    .thenRun(acknowledged::countDown);
        }
        moveToBuffer(count);
        assertThat(acknowledged.await(30, TimeUnit.SECONDS)).isTrue();
        Pump forward =
                new Pump(
                        buffer,
                        lane(),
                        20,
                        100_000,
                        LINGER,
                        took -> Duration.ZERO,
                        (batch, unit) -> batch.forEach(reading -> reading.end(Outcome.FORWARDED)));
        Set<String> findings = new LinkedHashSet<>();

        PumpRun.run(
                forward,
                () -> {
                    for (int i = 0; i < 100; i++) {
                        findings.addAll(report().findings());
                    }
                    return ledger.forwarded() == count;
                });

        assertThat(findings).isEmpty();
    }

    @Test
    void sumsUpTheLedgersRecordsWithoutChangingThem() throws Exception {
        for (int i = 0; i < 150; i++) {
            publish(TOPIC, "reading " + i);
            moveToBuffer(1);
        }
        LedgerReport before = report();

        journal.compact();

        // one of the books, one of the hour; the queue takes in what was committed in its own time
        await().atMost(WAIT)
                .untilAsserted(
                        () -> assertThat(broker.depth(Queues.LEDGER).orElseThrow()).isEqualTo(2));
        shut();
        open();
        assertThat(report().topics()).isEqualTo(before.topics());
    }

    @Test
    void keepsTheHoursApartThroughCompactionAndRestart() throws Exception {
        publish(TOPIC, "one");
        moveToBuffer(1);
        forwardAll(1);
        clock = Clock.offset(Clock.systemUTC(), Duration.ofHours(1));
        client.disconnect();
        shut();
        open();
        client.connect();
        publish(TOPIC, "two");
        publish(TOPIC, "three");
        moveToBuffer(1);
        moveToBuffer(1);
        forwardAll(1);
        journal.close();
        ledger = new Ledger(clock);
        journal = new LedgerJournal(broker, ledger, clock);
        journal.load();

        long now = Ledger.hourOf(clock.instant());
        assertThat(journal.hours(now - 1))
                .singleElement()
                .satisfies(
                        topic -> {
                            assertThat(topic.lastForwardedSeq()).isEqualTo(2);
                            assertThat(topic.hours())
                                    .extracting(hour -> hour.accepted(), hour -> hour.forwarded())
                                    .containsExactly(tuple(1L, 1L), tuple(2L, 1L));
                        });
        QueueView.awaitDepth(broker, Queues.LEDGER_HOURS, 1);

        clock = Clock.offset(Clock.systemUTC(), Duration.ofHours(LedgerJournal.KEPT_HOURS + 2));
        shut();
        open();
        QueueView.awaitDepth(broker, Queues.LEDGER_HOURS, 0);
    }

    @Test
    void namesTopicAndRangeOfAReadingThatWasDeletedFromTheBuffer() throws Exception {
        for (int i = 0; i < 4; i++) {
            publish(TOPIC, "reading " + i);
        }
        moveOneByOne(4);

        delete(2);

        LedgerReport report = report();
        assertThat(report.balanced()).isFalse();
        assertThat(report.findings())
                .containsExactly(
                        "buffer lane %02d: the ledger expects 4 readings in 4 messages, the queue holds 3 messages"
                                .formatted(Queues.laneOf(TOPIC)),
                        TOPIC + ": missing hubSeq 2 in the buffer");
    }

    @Test
    void namesTheReadingThatWasDeletedWhileAConsumerHadTheOthersInHand() throws Exception {
        for (int i = 0; i < 4; i++) {
            publish(TOPIC, "reading " + i);
        }
        moveOneByOne(4);
        delete(4);
        try (UnitOfWork unit = buffer.open(lane())) {
            unit.receive(1, 10_000, WAIT, LINGER);

            assertThat(report().findings()).contains(TOPIC + ": missing hubSeq 4 in the buffer");
        }
    }

    @Test
    void stillNamesTheLossAfterTheRestWasForwarded() throws Exception {
        for (int i = 0; i < 3; i++) {
            publish(TOPIC, "reading " + i);
        }
        moveOneByOne(3);
        delete(2);
        forwardAll(2);

        assertThat(report().findings())
                .contains(TOPIC + ": missing hubSeq 2 when the buffer was forwarded");
    }

    @Test
    void namesABatchThatWasPutIntoTheBufferTwice() throws Exception {
        publish(TOPIC, "a");
        publish(TOPIC, "b");
        try (UnitOfWork unit = buffer.open(Queues.INGEST)) {
            Batch batch = unit.receive(2, 10_000, WAIT, LINGER);
            ledger.sequence(batch);
            for (int round = 0; round < 2; round++) {
                for (Reading reading : batch) {
                    unit.buffer(reading);
                }
            }
            unit.commit();
        }

        assertThat(report().findings())
                .contains(
                        TOPIC + ": repeated hubSeq 1 in the buffer",
                        TOPIC + ": repeated hubSeq 2 in the buffer");
        forwardAll(4);
        assertThat(report().findings())
                .contains(TOPIC + ": repeated hubSeq 1 to 2 when the buffer was forwarded");
    }

    @Test
    void namesAReadingWhoseSendWasSkipped() throws Exception {
        publish(TOPIC, "a");
        publish(TOPIC, "b");
        try (UnitOfWork unit = buffer.open(Queues.INGEST)) {
            Batch batch = unit.receive(2, 10_000, WAIT, LINGER);
            ledger.sequence(batch);
            // counted as buffered, never sent
            batch.readings().get(0).end(Outcome.BUFFERED);
            unit.buffer(batch.readings().get(1));
            unit.commit();
        }

        LedgerReport report = report();
        assertThat(report.balanced()).isFalse();
        assertThat(report.findings()).anyMatch(finding -> finding.contains("expects 2"));
    }

    @Test
    void letsAReadingOvertakeThoseThatWaitAndKeepsBothChains() throws Exception {
        publish(TOPIC, "1");
        publish(TOPIC, "2");
        moveToBuffer(2);
        overtaking.add(TOPIC);
        publish(TOPIC, "3");
        publish(TOPIC, "4");
        moveToBuffer(2);
        overtaking.clear();
        publish(TOPIC, "5");
        moveToBuffer(1);

        assertThat(QueueView.of(broker, lane()))
                .extracting(Held::hubSeq, Held::previous)
                .containsExactly(tuple(1L, 0L), tuple(2L, 1L), tuple(5L, 2L));
        assertThat(QueueView.of(broker, live()))
                .extracting(Held::hubSeq, Held::previous)
                .containsExactly(tuple(3L, 0L), tuple(4L, 3L));
        assertThat(report().findings()).isEmpty();
        assertThat(buffer.rest(lane(), Duration.ofMillis(10), 20)).hasMillis(40);
        assertThat(buffer.rest(live(), Duration.ofMillis(10), 20)).isZero();

        forwardAll(live(), 2);
        assertThat(buffer.rest(lane(), Duration.ofMillis(10), 20)).isZero();
        shut();
        open();
        forwardAll(3);
        assertThat(report().findings()).isEmpty();
        assertThat(report().total().forwarded()).isEqualTo(5);
    }

    @Test
    void carriesTheReadingsOfALaneInAsFewMessagesAsMayBe() throws Exception {
        byte[] large = new byte[20_000];
        Arrays.fill(large, (byte) 'x');
        List<String> payloads =
                List.of("a", "b", new String(large, UTF_8), "c", new String(large, UTF_8), "");
        for (String payload : payloads) {
            publish(TOPIC, payload);
        }
        moveToBuffer(payloads.size());

        QueueView.awaitDepth(broker, lane(), 2);
        assertThat(ledger.buffered()).isEqualTo(6);
        assertThat(report().findings()).isEmpty();
        shut();
        open();
        assertThat(report().findings()).isEmpty();
        try (UnitOfWork unit = buffer.open(lane())) {
            Batch batch = unit.receive(100, 1_000_000, WAIT, LINGER);
            assertThat(batch.readings())
                    .extracting(
                            reading -> new String(reading.payload(), UTF_8),
                            Reading::hubSeq,
                            Reading::hubPrevSeq)
                    .containsExactly(
                            tuple("a", 1L, 0L),
                            tuple("b", 2L, 1L),
                            tuple(payloads.get(2), 3L, 2L),
                            tuple("c", 4L, 3L),
                            tuple(payloads.get(4), 5L, 4L),
                            tuple("", 6L, 5L));
            batch.forEach(reading -> reading.end(Outcome.FORWARDED));
            unit.commit();
        }
        assertThat(report().findings()).isEmpty();
        assertThat(report().total().forwarded()).isEqualTo(6);
    }

    @Test
    void namesALiveReadingThatIsGone() throws Exception {
        publish(TOPIC, "1");
        moveToBuffer(1);
        overtaking.add(TOPIC);
        publish(TOPIC, "2");
        publish(TOPIC, "3");
        moveOneByOne(2);

        delete(live(), 2);

        assertThat(report().findings())
                .anySatisfy(finding -> assertThat(finding).contains(TOPIC, "2", "in the buffer"));
    }

    @Test
    void condemnsOnlyTheReadingThatFailsAlone() throws Exception {
        for (String text : List.of("good 1", "good 2", "poison", "good 3")) {
            publish(TOPIC, text);
        }
        Pump pump = PumpRun.poisonable(buffer, ledger);
        PumpRun.run(
                pump, () -> broker.depth(Queues.INGEST).orElse(9L) == 0 && ledger.accepted() == 4);

        QueueView.awaitDepth(broker, lane(), 3);
        QueueView.awaitDepth(broker, Queues.DEAD_LETTER, 1);
        assertThat(report().findings()).isEmpty();
    }

    @Test
    void neverCondemnsOnTheWayOut() throws Exception {
        publish(TOPIC, "waits");
        moveToBuffer(1);
        int[] tries = {0};
        Pump pump =
                new Pump(
                        buffer,
                        lane(),
                        10,
                        10_000,
                        LINGER,
                        took -> Duration.ZERO,
                        (batch, unit) -> {
                            if (++tries[0] < 3) {
                                throw new IllegalStateException("far side is away");
                            }
                            batch.forEach(reading -> reading.end(Outcome.FORWARDED));
                        });
        PumpRun.run(pump, () -> ledger.forwarded() == 1);

        assertThat(broker.depth(Queues.DEAD_LETTER)).contains(0L);
        assertThat(report().findings()).isEmpty();
    }

    @Test
    void spreadsEquipmentOverTheLanesAndKeepsItsTagsTogether() {
        assertThat(Queues.laneOf("a/b/c/d/e/f/one")).isEqualTo(Queues.laneOf("a/b/c/d/e/f/two"));
        assertThat(
                        IntStream.range(0, 1_000)
                                .map(i -> Queues.laneOf("acme/p/a/l/c/machine-" + i + "/t"))
                                .distinct()
                                .count())
                .isEqualTo(Queues.LANES);
    }

    private Room room(long maxBytes) {
        return new Room(data, maxBytes, 99, 0);
    }

    private void open() throws Exception {
        broker = new Broker(new BrokerConfig(data, "127.0.0.1", port, 4_194_304, 1L << 30));
        broker.start();
        ledger = new Ledger(clock);
        journal = new LedgerJournal(broker, ledger, clock);
        journal.load();
        buffer = new Buffer(broker, ledger, journal, clock, overtaking::contains);
    }

    private void shut() throws Exception {
        journal.close();
        broker.stop();
    }

    private LedgerReport report() throws Exception {
        return new LedgerAudit(broker, ledger, journal, Clock.systemUTC()).report();
    }

    private void publish(String topic, String payload) {
        client.publishWith()
                .topic(topic)
                .qos(MqttQos.AT_LEAST_ONCE)
                .payload(payload.getBytes(UTF_8))
                .send();
    }

    private void moveToBuffer(int count) throws Exception {
        try (UnitOfWork unit = buffer.open(Queues.INGEST)) {
            int moved = 0;
            while (moved < count) {
                Batch batch = unit.receive(count - moved, 1_000_000, WAIT, LINGER);
                assertThat(batch.isEmpty()).isFalse();
                ledger.sequence(batch);
                for (Reading reading : batch) {
                    unit.buffer(reading);
                }
                unit.commit();
                moved += batch.size();
            }
        }
    }

    private void moveOneByOne(int count) throws Exception {
        for (int i = 0; i < count; i++) {
            moveToBuffer(1);
        }
    }

    private void forwardAll(int count) throws Exception {
        forwardAll(lane(), count);
    }

    private void forwardAll(String queue, int count) throws Exception {
        try (UnitOfWork unit = buffer.open(queue)) {
            Batch batch = unit.receive(count, 1_000_000, WAIT, LINGER);
            assertThat(batch.size()).isEqualTo(count);
            batch.forEach(reading -> reading.end(Outcome.FORWARDED));
            unit.commit();
        }
    }

    private void delete(long seq) throws Exception {
        delete(lane(), seq);
    }

    private void delete(String name, long seq) throws Exception {
        Queue queue = broker.queue(name).orElseThrow();
        long before = queue.getMessageCount();
        QueueView.delete(broker, name, TOPIC, seq);
        await().until(() -> queue.getMessageCount() == before - 1);
    }

    private static String live() {
        return Queues.live(Queues.laneOf(TOPIC));
    }

    private static String lane() {
        return Queues.lane(Queues.laneOf(TOPIC));
    }

    private static Rejection rejection() {
        return new Rejection(Reason.SIZE_EXCEEDED, "payload", "too large");
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }
}
