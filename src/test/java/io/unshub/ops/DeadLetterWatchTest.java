package io.unshub.ops;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.hivemq.client.mqtt.datatypes.MqttQos;
import com.hivemq.client.mqtt.mqtt5.Mqtt5BlockingClient;
import com.hivemq.client.mqtt.mqtt5.Mqtt5Client;
import io.unshub.buffer.Broker;
import io.unshub.buffer.BrokerConfig;
import io.unshub.buffer.Buffer;
import io.unshub.buffer.DeadLetters;
import io.unshub.buffer.LedgerAudit;
import io.unshub.buffer.LedgerJournal;
import io.unshub.buffer.QueueView;
import io.unshub.buffer.Queues;
import io.unshub.buffer.UnitOfWork;
import io.unshub.deadletter.Reason;
import io.unshub.deadletter.Rejection;
import io.unshub.envelope.Batch;
import io.unshub.envelope.Reading;
import io.unshub.ledger.Ledger;
import io.unshub.ledger.LedgerReport;
import io.unshub.load.HubProcess;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Alarms and policies over a real queue of dead letters; the time is ours. */
class DeadLetterWatchTest {

    private static final String TOPIC = "acme/plant1/packaging/line1/cell1/pump-01/temperature";
    private static final Duration LONG = Duration.ofSeconds(30);
    private static final long MOST = 1 << 20;

    @TempDir Path folder;

    private final List<String> told = new ArrayList<>();
    private Instant now = Instant.parse("2026-03-01T12:00:00Z");
    private Ledger ledger;
    private Broker broker;
    private LedgerJournal journal;
    private Buffer buffer;
    private DeadLetters letters;
    private Alarms alarms;
    private AuditFile audit;
    private Mqtt5BlockingClient client;

    @BeforeEach
    void start() throws Exception {
        int port = HubProcess.freePort();
        ledger = new Ledger(() -> now);
        broker =
                new Broker(
                        new BrokerConfig(
                                folder.resolve("broker"), "127.0.0.1", port, 4 << 20, 1L << 30));
        journal = new LedgerJournal(broker, ledger, Clock.systemUTC());
        broker.start();
        journal.load();
        buffer = new Buffer(broker, ledger, journal, () -> now, topic -> false);
        letters = new DeadLetters(broker, ledger, journal);
        audit = new AuditFile(folder.resolve("audit.ndjson"), () -> now);
        alarms =
                new Alarms(
                        () -> now,
                        (name, alarm) -> told.add(name + (alarm == null ? " over" : " raised")));
        client = Mqtt5Client.builder().serverHost("127.0.0.1").serverPort(port).buildBlocking();
        client.connect();
    }

    @AfterEach
    void stop() throws Exception {
        client.disconnect();
        journal.close();
        broker.stop();
    }

    @Test
    void raisesTheRateOnceAndEndsItWhenTheWindowIsClean() throws Exception {
        DeadLetterWatch watch = watch(false, Optional.empty());
        watch.tick();
        ingest(998, 2, 10);
        now = now.plusSeconds(30);
        watch.tick();
        watch.tick();

        assertThat(alarms.active())
                .singleElement()
                .satisfies(
                        alarm ->
                                assertThat(alarm.text())
                                        .isEqualTo(
                                                "2 of 1,000 readings in ten minutes were set aside"
                                                        + " (0.20 %, alarm above 0.1 %); they are"
                                                        + " kept: see uns-hub dead-letters groups"
                                                        + " for what is wrong with them"));
        assertThat(told).containsExactly("dead-letter-rate raised");

        now = now.plus(DeadLetterWatch.WINDOW).plusSeconds(1);
        watch.tick();

        assertThat(alarms.active()).isEmpty();
        assertThat(told).containsExactly("dead-letter-rate raised", "dead-letter-rate over");
    }

    @Test
    void keepsStillAtTheLimitItself() throws Exception {
        DeadLetterWatch watch = watch(false, Optional.empty());
        watch.tick();
        ingest(999, 1, 10);
        watch.tick();

        assertThat(alarms.active()).isEmpty();
    }

    @Test
    void warnsOfTheSizeAndDropsNothingWithoutAPolicy() throws Exception {
        DeadLetterWatch watch = watch(false, Optional.empty());
        ingest(0, 9, 100_000);
        watch.tick();

        assertThat(alarms.active())
                .filteredOn(alarm -> alarm.name().equals("dead-letter-size"))
                .singleElement()
                .satisfies(
                        alarm -> {
                            assertThat(alarm.severity()).isEqualTo(Alarm.Severity.WARNING);
                            assertThat(alarm.text()).contains("86 % of unshub.dead-letters.max-b");
                        });

        ingest(0, 5, 100_000);
        watch.tick();

        assertThat(alarms.active())
                .filteredOn(alarm -> alarm.name().equals("dead-letter-size"))
                .extracting(Alarm::severity)
                .containsExactly(Alarm.Severity.ERROR);
        QueueView.awaitDepth(broker, Queues.DEAD_LETTER, 14);
    }

    @Test
    void dropsTheOldestAboveTheLimitAndCountsThem() throws Exception {
        DeadLetterWatch watch = watch(true, Optional.empty());
        ingest(0, 14, 100_000);
        watch.tick();

        QueueView.awaitDepth(broker, Queues.DEAD_LETTER, 10);
        letters.read(
                letter -> {
                    assertThat(letter.hubSeq()).as("the oldest that is left").isEqualTo(5);
                    return false;
                });
        LedgerReport report = report();
        assertThat(report.findings()).isEmpty();
        assertThat(report.total().evicted()).isEqualTo(4);
        assertThat(report.total().deadLettered()).isEqualTo(10);
        assertThat(Files.readAllLines(folder.resolve("audit.ndjson")))
                .singleElement()
                .satisfies(
                        line ->
                                assertThat(line)
                                        .contains(
                                                "\"action\":\"dead-letters-evicted\"",
                                                "\"letters\":4",
                                                "above 1048576 bytes"));
    }

    @Test
    void dropsWhatIsOlderThanConfigured() throws Exception {
        DeadLetterWatch watch = watch(false, Optional.of(Duration.ofDays(30)));
        ingest(0, 3, 10);
        now = now.plus(Duration.ofDays(20));
        ingest(0, 2, 10);
        watch.tick();
        QueueView.awaitDepth(broker, Queues.DEAD_LETTER, 5);

        now = now.plus(Duration.ofDays(11));
        watch.tick();

        QueueView.awaitDepth(broker, Queues.DEAD_LETTER, 2);
        assertThat(report().findings()).isEmpty();
    }

    @Test
    void seesMovesAndDropsEveryLetterOfAQueueThatIsLargerThanItsMemory() throws Exception {
        for (int i = 0; i < 4; i++) {
            ingest(0, 100, 50_000);
        }
        long[] seen = {0};
        letters.read(letter -> ++seen[0] > 0);
        assertThat(seen[0]).isEqualTo(400);

        assertThat(letters.choose(letter -> letter.hubSeq() % 2 == 0)).isEqualTo(200);

        QueueView.awaitDepth(broker, Queues.REPLAY, 200);
        List<Long> left = new ArrayList<>();
        letters.read(letter -> left.add(letter.hubSeq()));
        assertThat(left).hasSize(200).isSorted().allMatch(seq -> seq % 2 == 1);
        assertThat(report().findings()).isEmpty();

        assertThat(letters.evict(letter -> true)).isEqualTo(200);
        QueueView.awaitDepth(broker, Queues.DEAD_LETTER, 0);
        assertThat(report().findings()).isEmpty();
        assertThat(report().total().evicted()).isEqualTo(200);
    }

    private DeadLetterWatch watch(boolean evictOldest, Optional<Duration> keepFor) {
        return new DeadLetterWatch(
                letters,
                ledger,
                alarms,
                audit,
                new DeadLetterWatch.Policy(MOST, evictOldest, keepFor, 0.1),
                () -> now);
    }

    private LedgerReport report() throws Exception {
        return new LedgerAudit(broker, ledger, journal, Clock.systemUTC()).report();
    }

    private void ingest(int good, int bad, int bytes) throws Exception {
        String payload = "x".repeat(bytes);
        for (int i = 0; i < good + bad; i++) {
            client.publishWith()
                    .topic(TOPIC)
                    .qos(MqttQos.AT_LEAST_ONCE)
                    .payload(payload.getBytes(UTF_8))
                    .send();
        }
        int[] left = {bad};
        try (UnitOfWork unit = buffer.open(Queues.INGEST)) {
            for (int received = 0; received < good + bad; ) {
                Batch batch = unit.receive(1_000, 4 << 20, LONG, Duration.ofMillis(20));
                assertThat(batch.isEmpty()).isFalse();
                ledger.sequence(batch);
                received += batch.size();
                for (Reading reading : batch) {
                    if (left[0]-- > 0) {
                        reading.reject(new Rejection(Reason.PARSE_ERROR, "payload", "no JSON"));
                        unit.deadLetter(reading);
                    } else {
                        unit.buffer(reading);
                    }
                }
                unit.commit();
            }
        }
        await().atMost(LONG).until(() -> broker.depth(Queues.INGEST).orElse(1L) == 0);
    }
}
