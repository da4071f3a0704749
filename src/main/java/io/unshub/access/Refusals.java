package io.unshub.access;

import io.unshub.uns.Excerpt;
import io.unshub.uns.Ration;
import io.unshub.uns.Tally;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.jboss.logging.Logger;

/**
 * What was refused to clients: counted at once, told by {@link #tick()} in the log and the audit
 * file.
 *
 * <p>Guarantees: each refusal is counted; the same one is told once between two ticks, with how
 * often. In a minute {@value #EACH} are told for each reason of each subject, and the number of the
 * rest, so that who tries neither fills the disk nor hides what another tries; before a client has
 * shown a certificate that is trusted, its reasons are told as of one. Threads: any; {@link
 * #tick()} from one. Failure: what cannot be audited is logged.
 */
public final class Refusals {

    private static final Logger LOG = Logger.getLogger(Refusals.class);
    private static final int EACH = 20;
    private static final Duration MINUTE = Duration.ofMinutes(1);

    private final InstantSource clock;
    private final BiConsumer<String, Map<String, ?>> audit;
    private final Tally<Refusal.Reason> counts = new Tally<>();
    private final Consumer<Refusal> strangers;
    private final Map<Refusal, Integer> untold = new LinkedHashMap<>();
    private final Ration told = new Ration(EACH);
    private Instant minute;
    private long left;

    /**
     * @param clock tells when a minute is over
     * @param audit is given who was refused, and the facts
     * @param strangers is given at once what was refused for who the client is
     */
    public Refusals(
            InstantSource clock,
            BiConsumer<String, Map<String, ?>> audit,
            Consumer<Refusal> strangers) {
        this.clock = clock;
        this.audit = audit;
        this.strangers = strangers;
        minute = clock.instant();
    }

    /** Counts one, and keeps it to be told. */
    public void add(Refusal refusal) {
        counts.count(refusal.reason());
        if (refusal.reason().isOfIdentity()) {
            strangers.accept(refusal);
        }
        synchronized (untold) {
            if (untold.containsKey(refusal)
                    || told.take(teller(refusal), clock.instant()) != Ration.Share.NONE) {
                untold.merge(refusal, 1, Integer::sum);
            } else {
                left++;
            }
        }
    }

    private static String teller(Refusal refusal) {
        boolean known = refusal.reason().compareTo(Refusal.Reason.NO_ROLE) >= 0;
        return refusal.reason() + (known ? " " + refusal.who() : "");
    }

    /** How many there were, since the start. */
    public long count(Refusal.Reason reason) {
        return counts.of(reason);
    }

    /** Tells what has been refused since the last time. */
    public void tick() {
        Map<Refusal, Integer> now;
        synchronized (untold) {
            now = new LinkedHashMap<>(untold);
            untold.clear();
        }
        now.forEach(this::tell);
        Instant at = clock.instant();
        if (Duration.between(minute, at).compareTo(MINUTE) >= 0) {
            minute = at;
            synchronized (untold) {
                if (left > 0) {
                    LOG.warnf(
                            "MQTT: %d more were refused and not told one by one; see the metric unshub_mqtt_refused_total",
                            left);
                }
                left = 0;
            }
        }
    }

    private void tell(Refusal refusal, int times) {
        String detail = Excerpt.printable(refusal.detail());
        LOG.warnf(
                "MQTT refused, %s: %s from %s: %s%s",
                refusal.reason(),
                Excerpt.printable(refusal.who()),
                refusal.peer(),
                detail,
                times == 1 ? "" : " (" + times + " times)");
        audit.accept(
                refusal.who(),
                Map.of(
                        "reason",
                        refusal.reason().name(),
                        "peer",
                        refusal.peer(),
                        "detail",
                        detail,
                        "times",
                        times));
    }
}
