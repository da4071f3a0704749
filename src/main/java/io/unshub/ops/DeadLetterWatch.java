package io.unshub.ops;

import io.unshub.buffer.DeadLetters;
import io.unshub.deadletter.DeadLetter;
import io.unshub.ledger.Ledger;
import io.unshub.ops.Alarm.Severity;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import org.jboss.logging.Logger;

/**
 * Watches how many readings are set aside and what they take on disk, and drops what a configured
 * policy drops. Without a policy nothing is ever dropped.
 *
 * <p>{@link #tick()} from one thread, every few seconds. Failure: an exception of the queue; the
 * next call tries again.
 */
public final class DeadLetterWatch {

    /** Time over which the share of dead letters is taken. */
    static final Duration WINDOW = Duration.ofMinutes(10);

    private static final Logger LOG = Logger.getLogger(DeadLetterWatch.class);
    private static final String RATE = "dead-letter-rate";
    private static final String SIZE = "dead-letter-size";
    private static final double WARNING = 0.80;
    private static final double ERROR = 0.95;
    private static final double OVER = 0.70;

    private final DeadLetters letters;
    private final Ledger ledger;
    private final Alarms alarms;
    private final AuditFile audit;
    private final Policy policy;
    private final InstantSource clock;
    private final Deque<Sample> samples = new ArrayDeque<>();

    /**
     * What is too much.
     *
     * @param maxBytes size on disk that is full
     * @param evictOldest whether the oldest are dropped above that
     * @param keepFor age after which a letter is dropped; empty for never
     * @param alarmPercent share of dead letters in the window that raises the alarm
     */
    public record Policy(
            long maxBytes, boolean evictOldest, Optional<Duration> keepFor, double alarmPercent) {}

    private record Sample(Instant at, long accepted, long rejected) {}

    /**
     * @param letters the queue
     * @param ledger counts what came in and what was set aside
     * @param alarms are raised here
     * @param audit notes what was dropped
     * @param policy what is too much
     * @param clock tells the time
     */
    public DeadLetterWatch(
            DeadLetters letters,
            Ledger ledger,
            Alarms alarms,
            AuditFile audit,
            Policy policy,
            InstantSource clock) {
        this.letters = letters;
        this.ledger = ledger;
        this.alarms = alarms;
        this.audit = audit;
        this.policy = policy;
        this.clock = clock;
    }

    /** Looks once. */
    public void tick() throws Exception {
        evict();
        size();
        rate();
    }

    private void evict() throws Exception {
        if (policy.keepFor().isPresent()) {
            Instant oldest = clock.instant().minus(policy.keepFor().get());
            evict(
                    "older than " + policy.keepFor().get(),
                    letter -> letter.setAsideUtc().isBefore(oldest));
        }
        if (policy.evictOldest() && letters.bytes() > policy.maxBytes()) {
            long[] excess = {letters.bytes() - policy.maxBytes()};
            evict(
                    "above " + policy.maxBytes() + " bytes",
                    letter -> {
                        boolean goes = excess[0] > 0;
                        excess[0] -= letter.payload().length;
                        return goes;
                    });
        }
    }

    private void evict(String why, Predicate<DeadLetter> which) throws Exception {
        long evicted = letters.evict(which);
        if (evicted > 0) {
            LOG.warnf("%d dead letters %s were dropped by the configured policy", evicted, why);
            audit.add(
                    "hub",
                    AuditEvent.DEAD_LETTERS_EVICTED,
                    Map.of("letters", evicted, "policy", why));
        }
    }

    private void size() {
        double share = (double) letters.bytes() / policy.maxBytes();
        if (share >= WARNING) {
            alarms.raise(
                    SIZE,
                    share >= ERROR ? Severity.ERROR : Severity.WARNING,
                    String.format(
                            Locale.ROOT,
                            "dead letters take %,d bytes, %.0f %% of unshub.dead-letters.max-bytes;"
                                    + " nothing is lost: see uns-hub dead-letters groups, fix and"
                                    + " replay or export them, or raise the limit",
                            letters.bytes(),
                            share * 100));
        } else if (share < OVER) {
            alarms.clear(SIZE);
        }
    }

    private void rate() {
        Instant now = clock.instant();
        Sample sample = new Sample(now, ledger.ingested(), ledger.rejected());
        samples.addLast(sample);
        // the youngest of those that are older than the window is where it begins
        while (samples.size() > 1 && second().at().isBefore(now.minus(WINDOW).plusMillis(1))) {
            samples.removeFirst();
        }
        Sample from = samples.getFirst();
        long accepted = sample.accepted() - from.accepted();
        long rejected = sample.rejected() - from.rejected();
        double percent = rejected == 0 ? 0 : 100.0 * rejected / Math.max(rejected, accepted);
        if (percent > policy.alarmPercent()) {
            alarms.raise(
                    RATE,
                    Severity.WARNING,
                    String.format(
                            Locale.ROOT,
                            "%,d of %,d readings in ten minutes were set aside (%.2f %%, alarm above"
                                    + " %s %%); they are kept: see uns-hub dead-letters groups for"
                                    + " what is wrong with them",
                            rejected,
                            Math.max(rejected, accepted),
                            percent,
                            policy.alarmPercent()));
        } else if (percent <= policy.alarmPercent() / 2) {
            alarms.clear(RATE);
        }
    }

    private Sample second() {
        var each = samples.iterator();
        each.next();
        return each.next();
    }
}
