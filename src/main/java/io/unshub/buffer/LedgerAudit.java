package io.unshub.buffer;

import io.unshub.envelope.Reading;
import io.unshub.ledger.Break;
import io.unshub.ledger.HourlyReport;
import io.unshub.ledger.Ledger;
import io.unshub.ledger.LedgerLine;
import io.unshub.ledger.LedgerReport;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.ToLongFunction;
import org.apache.activemq.artemis.core.server.MessageReference;

/**
 * Holds the ledger against the queues: the books say what each queue must contain, the broker says
 * what it does contain.
 *
 * <p>Counting costs nothing; only a lane whose count differs is read through, to name topic and
 * range. Threads: any, one report at a time.
 */
public final class LedgerAudit {

    private static final int RECOUNTS = 10;
    private static final long RECOUNT_MILLIS = 30;

    private final Broker broker;
    private final Ledger ledger;
    private final LedgerJournal journal;
    private final InstantSource clock;

    /** An audit of the given ledger against the given broker's queues. */
    public LedgerAudit(Broker broker, Ledger ledger, LedgerJournal journal, InstantSource clock) {
        this.broker = broker;
        this.ledger = ledger;
        this.journal = journal;
        this.clock = clock;
    }

    /**
     * Makes the report at a consistent cut.
     *
     * @throws Exception if no cut can be had because a transaction does not end
     */
    public synchronized LedgerReport report() throws Exception {
        broker.awaitCounts();
        return journal.atCut(this::atCut);
    }

    /**
     * What became of the readings of the last hours of acceptance, at a consistent cut.
     *
     * @param hours how many, the one under way among them; 1 to {@link LedgerJournal#KEPT_HOURS}
     * @throws Exception if no cut can be had because a transaction does not end
     */
    public HourlyReport hours(int hours) throws Exception {
        Instant now = clock.instant();
        return new HourlyReport(now, journal.hours(Ledger.hourOf(now) - hours + 1));
    }

    private LedgerReport atCut() throws Exception {
        List<LedgerLine> lines = ledger.lines();
        List<String> findings = new ArrayList<>();
        for (LedgerLine line : lines) {
            if (line.unaccounted() != 0) {
                findings.add(
                        "%s: %d readings up to hubSeq %d came in and went nowhere"
                                .formatted(line.topic(), line.unaccounted(), line.lastHubSeq()));
            }
            for (Break found : line.breaks()) {
                findings.add(line.topic() + ": " + found + " when the buffer was forwarded");
            }
        }
        checkLanes(lines, findings);
        long deadLettered = sum(lines, LedgerLine::deadLettered);
        long kept = held(deadLettered, Queues.DEAD_LETTER, Queues.REPLAY);
        if (kept != deadLettered) {
            findings.add(
                    "dead letters: the ledger counts %d, the queue holds %d"
                            .formatted(deadLettered, kept));
        }
        long awaiting = broker.awaiting();
        return new LedgerReport(
                clock.instant(),
                findings.isEmpty(),
                total(lines, awaiting),
                awaiting,
                findings,
                lines);
    }

    private void checkLanes(List<LedgerLine> lines, List<String> findings) throws Exception {
        Map<Integer, List<LedgerLine>> byLane = new TreeMap<>();
        for (LedgerLine line : lines) {
            byLane.computeIfAbsent(Queues.laneOf(line.topic()), lane -> new ArrayList<>())
                    .add(line);
        }
        for (int lane = 0; lane < Queues.LANES; lane++) {
            List<LedgerLine> own = byLane.getOrDefault(lane, List.of());
            long expected = sum(own, line -> line.buffered() - line.riding());
            long held = held(expected, Queues.lane(lane), Queues.live(lane));
            if (held != expected) {
                findings.add(
                        "buffer lane %02d: the ledger expects %d readings in %d messages, the queue holds %d messages"
                                .formatted(lane, sum(own, LedgerLine::buffered), expected, held));
                readThrough(lane, own, findings);
            }
        }
    }

    /** What the queues hold together: counted again, at rest, when it is not what is expected. */
    private long held(long expected, String... queues) throws Exception {
        long held = 0;
        for (String queue : queues) {
            held += broker.depth(queue).orElse(0L);
        }
        // what was committed reaches its queue, and its page's count, a moment later
        for (int count = 0; count < RECOUNTS && held != expected; count++) {
            if (count > 0) {
                Thread.sleep(RECOUNT_MILLIS);
            }
            held = 0;
            for (String queue : queues) {
                held += broker.settledDepth(queue);
            }
        }
        return held;
    }

    private void readThrough(int lane, List<LedgerLine> lines, List<String> findings)
            throws Exception {
        Map<String, List<long[]>> found = contents(Queues.lane(lane));
        Map<String, List<long[]>> live = contents(Queues.live(lane));
        for (LedgerLine line : lines) {
            List<long[]> readings = found.getOrDefault(line.topic(), List.of());
            List<long[]> beside = live.getOrDefault(line.topic(), List.of());
            if (readings.isEmpty() && beside.isEmpty() && line.buffered() == 0) {
                continue;
            }
            follow(line, readings, line.lastForwardedSeq(), line.lastEnqueuedSeq(), findings);
            follow(line, beside, line.lastLiveForwardedSeq(), line.lastLiveEnqueuedSeq(), findings);
        }
    }

    /** Follows the chain of a topic's readings, from the one that left last to the last one in. */
    private static void follow(
            LedgerLine line,
            List<long[]> readings,
            long forwarded,
            long enqueued,
            List<String> findings) {
        long last = forwarded;
        for (long[] reading : readings) {
            long seq = reading[0];
            long previous = reading[1];
            if (seq <= last) {
                findings.add(line.topic() + ": repeated hubSeq " + seq + " in the buffer");
            } else if (previous > last) {
                findings.add(line.topic() + ": " + missing(last + 1, previous));
            }
            last = Math.max(last, seq);
        }
        if (last < enqueued && line.buffered() > 0) {
            findings.add(line.topic() + ": " + missing(last + 1, enqueued));
        }
    }

    private static String missing(long from, long to) {
        return new Break(Break.Kind.MISSING, from, to) + " in the buffer";
    }

    /** Topic → (hubSeq, hubPrevSeq) of each reading, in order. */
    private Map<String, List<long[]>> contents(String name) throws Exception {
        Map<String, List<long[]>> byTopic = new HashMap<>();
        for (MessageReference reference : broker.contents(name)) {
            for (Reading reading : UnitOfWork.waiting(reference.getMessage())) {
                byTopic.computeIfAbsent(reading.topic(), topic -> new ArrayList<>())
                        .add(new long[] {reading.hubSeq(), reading.hubPrevSeq()});
            }
        }
        return byTopic;
    }

    private static LedgerLine total(List<LedgerLine> lines, long awaiting) {
        return new LedgerLine(
                "(all)",
                sum(lines, LedgerLine::accepted) + awaiting,
                sum(lines, LedgerLine::generated),
                sum(lines, LedgerLine::forwarded),
                sum(lines, LedgerLine::deadLettered),
                sum(lines, LedgerLine::buffered) + awaiting,
                sum(lines, LedgerLine::riding),
                sum(lines, LedgerLine::withheld),
                sum(lines, LedgerLine::deduplicated),
                sum(lines, LedgerLine::evicted),
                sum(lines, LedgerLine::unaccounted),
                0,
                0,
                0,
                0,
                0,
                List.of());
    }

    private static long sum(List<LedgerLine> lines, ToLongFunction<LedgerLine> term) {
        return lines.stream().mapToLong(term).sum();
    }
}
