package io.unshub.bench;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.unshub.buffer.Broker;
import io.unshub.buffer.BrokerConfig;
import io.unshub.buffer.Buffer;
import io.unshub.buffer.LedgerJournal;
import io.unshub.buffer.Pump;
import io.unshub.buffer.Queues;
import io.unshub.buffer.UnitOfWork;
import io.unshub.envelope.Batch;
import io.unshub.envelope.EnvelopeCodec;
import io.unshub.envelope.Outcome;
import io.unshub.envelope.Reading;
import io.unshub.ledger.Ledger;
import io.unshub.load.HubProcess;
import io.unshub.scoring.CircuitConfig;
import io.unshub.scoring.Circuits;
import io.unshub.scoring.Registry;
import io.unshub.scoring.Scoring;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.UUID;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;

/**
 * What scoring does on one thread: {@code ScoreRate FOLDER ALGORITHM RATE}.
 *
 * <p>With the rate 0 it prints the scores per second from the durable queue of readings to scores
 * that are published, while another thread takes those in; above 0 the milliseconds that a single
 * question takes when so many are asked in a second, without the broker.
 */
public final class ScoreRate {

    private static final int EQUIPMENT = 100;
    private static final int BATCH = 500;
    private static final int PREPARED = 40;
    private static final long SECONDS = 10;
    // the last one counts
    private static final int RUNS = 8;

    private ScoreRate() {}

    /** Trains a model, puts it into production, and asks it. */
    public static void main(String[] args) throws Exception {
        Path folder = Files.createDirectories(Path.of(args[0]));
        String yaml =
                Circuits.YAML.replace(
                        "algorithm: cart\nhyperparameters: {depth: 4}", "algorithm: " + args[1]);
        CircuitConfig config = Circuits.configure(folder, yaml);
        Circuits.produce(folder, config, Circuits.record(folder, 200, 1));
        Scoring scoring =
                new Scoring(
                        folder,
                        new Registry(folder, Clock.systemUTC(), (what, about) -> {}),
                        Clock.systemUTC(),
                        () -> 0,
                        1,
                        Circuits.NO_LISTENER);
        scoring.refresh();
        List<Batch> batches = batches();
        int rate = Integer.parseInt(args[2]);
        if (rate > 0) {
            ask(scoring, batches, rate);
        } else {
            measure(folder, scoring, batches);
        }
    }

    /** From queue to queue, as the route does it, once more than needed to warm up. */
    private static void measure(Path folder, Scoring scoring, List<Batch> batches)
            throws Exception {
        Clock clock = Clock.systemUTC();
        Broker broker =
                new Broker(
                        new BrokerConfig(
                                folder.resolve("broker"),
                                "127.0.0.1",
                                HubProcess.freePort(),
                                4_194_304,
                                4L << 30));
        broker.start();
        Ledger ledger = new Ledger(clock);
        LedgerJournal journal = new LedgerJournal(broker, ledger, clock);
        journal.load();
        Buffer buffer = new Buffer(broker, ledger, journal, clock, topic -> false);
        thread(buffer, Queues.INGEST, (batch, unit) -> takeIn(ledger, batch));
        double rate = 0;
        for (int run = 0; run < RUNS; run++) {
            long all = fill(buffer, batches);
            LongAdder scores = new LongAdder();
            long begin = System.nanoTime();
            Pump pump =
                    thread(
                            buffer,
                            Queues.SCORE,
                            (batch, unit) -> {
                                Batch scored = scoring.score(batch);
                                for (Reading score : scored) {
                                    unit.generate(score);
                                }
                                scores.add(batch.size());
                            });
            while (scores.sum() < all) {
                LockSupport.parkNanos(1_000_000);
            }
            rate = scores.sum() / ((System.nanoTime() - begin) / 1e9);
            pump.stop();
        }
        System.out.printf("scores per second %.0f%n", rate);
        System.exit(0);
    }

    private static Pump thread(Buffer buffer, String queue, Pump.Handler handler) {
        Pump pump =
                new Pump(
                        buffer,
                        queue,
                        BATCH,
                        200_000,
                        Duration.ofMillis(5),
                        took -> Duration.ZERO,
                        handler);
        Thread thread = new Thread(pump, queue);
        thread.setDaemon(true);
        thread.start();
        return pump;
    }

    private static void takeIn(Ledger ledger, Batch batch) {
        ledger.sequence(batch);
        batch.forEach(reading -> reading.end(Outcome.WITHHELD));
    }

    private static long fill(Buffer buffer, List<Batch> batches) throws Exception {
        long all = 0;
        try (UnitOfWork unit = buffer.open(Queues.REPLAY)) {
            for (Batch batch : batches) {
                for (Reading reading : batch) {
                    unit.tap(reading);
                    all++;
                }
                unit.commit();
            }
        }
        return all;
    }

    private static void warm(Scoring scoring, List<Batch> batches) {
        long begin = System.nanoTime();
        for (int i = 0; System.nanoTime() - begin < SECONDS * 1_000_000_000L; i++) {
            scoring.score(batches.get(i % batches.size()));
        }
    }

    private static void ask(Scoring scoring, List<Batch> batches, int rate) throws Exception {
        List<Reading> readings = new ArrayList<>();
        batches.forEach(batch -> readings.addAll(batch.readings()));
        warm(scoring, batches);
        int questions = (int) (rate * SECONDS);
        double[] millis = new double[questions];
        long begin = System.nanoTime();
        for (int i = 0; i < questions; i++) {
            long due = begin + i * 1_000_000_000L / rate;
            while (System.nanoTime() < due) {
                Thread.onSpinWait();
            }
            scoring.score(new Batch(List.of(readings.get(i % readings.size()))));
            // from when it was due: a question that had to wait for another took longer
            millis[i] = (System.nanoTime() - due) / 1e6;
        }
        Arrays.sort(millis);
        System.out.printf(
                "p95 %.3f p99 %.3f%n", millis[questions * 95 / 100], millis[questions * 99 / 100]);
        System.exit(0);
    }

    /** Readings of the trigger; the other input was told before. */
    private static List<Batch> batches() {
        SplittableRandom random = new SplittableRandom(1);
        Instant start = Instant.parse("2026-01-01T00:00:00Z");
        List<Batch> batches = new ArrayList<>();
        List<Reading> first = new ArrayList<>();
        for (int i = 0; i < EQUIPMENT; i++) {
            first.add(reading(i, "temperature", 30 + random.nextDouble() * 60, start));
        }
        batches.add(new Batch(first));
        for (int b = 0; b < PREPARED; b++) {
            List<Reading> readings = new ArrayList<>();
            for (int i = 0; i < BATCH; i++) {
                // within the age that the other input may have
                readings.add(
                        reading(
                                i % EQUIPMENT,
                                "torque",
                                10 + random.nextDouble() * 40,
                                start.plusMillis(b)));
            }
            batches.add(new Batch(readings));
        }
        return batches;
    }

    private static Reading reading(int equipment, String tag, double value, Instant time) {
        String topic = "acme/plant9/mixing/line1/cell1/mixer-%d/%s".formatted(equipment, tag);
        Reading reading =
                new Reading(
                        topic,
                        """
                        {"messageId":"%s","tsUtc":"%s","topic":"%s","value":%s,"quality":"GOOD",\
                        "units":"1","sourceSystem":"bench","lineageVersion":"1.0.0",\
                        "schemaVersion":"1.0"}"""
                                .formatted(UUID.randomUUID(), time, topic, value)
                                .getBytes(UTF_8));
        reading.valid(EnvelopeCodec.decode(reading.payload()));
        return reading;
    }
}
