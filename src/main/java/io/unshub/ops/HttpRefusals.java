package io.unshub.ops;

import io.unshub.uns.Excerpt;
import jakarta.inject.Singleton;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;
import org.jboss.logging.Logger;

/**
 * The HTTP requests that were refused. Each is counted. A burst of them, which is all from one
 * address by one rule with less than a minute between, is one line in the log and one in the audit
 * file; beyond a thousand at a time the rest are one.
 *
 * <p>Threads: any; to begin a burst takes a write to disk. Failure: what cannot be written is said,
 * the request is refused all the same.
 */
@Singleton
public final class HttpRefusals {

    private static final Logger LOG = Logger.getLogger(HttpRefusals.class);
    private static final Duration QUIET = Duration.ofMinutes(1);
    private static final int MOST = 1_000;
    private static final String OTHERS = "(others)";

    private final AuditFile audit;
    private final InstantSource clock;
    private final LongAdder refused = new LongAdder();
    private final LongAdder limited = new LongAdder();
    private final LongAdder bad = new LongAdder();
    private final Map<String, Instant> last = new HashMap<>();

    /**
     * @param audit gets a line for each burst
     * @param clock tells when a burst is over
     */
    public HttpRefusals(AuditFile audit, InstantSource clock) {
        this.audit = audit;
        this.clock = clock;
    }

    /**
     * Counts a request that was refused for want of a token, a key, or a scope.
     *
     * @return whether a burst begins with it, which {@link #tell} is then to tell
     */
    public boolean count(String address, String rule) {
        refused.increment();
        return begins(address + " " + rule);
    }

    /**
     * Counts a request that was too large, came too slowly, or could not be read.
     *
     * @return whether a burst begins with it, which {@link #tell} is then to tell
     */
    public boolean bad(String address, String rule) {
        bad.increment();
        return begins(address + " " + rule);
    }

    private synchronized boolean begins(String burst) {
        Instant now = clock.instant();
        if (last.size() >= MOST) {
            last.values().removeIf(before -> before.plus(QUIET).isBefore(now));
        }
        String known = last.containsKey(burst) || last.size() < MOST ? burst : OTHERS;
        Instant before = last.put(known, now);
        return before == null || before.plus(QUIET).isBefore(now);
    }

    /**
     * Tells of a burst.
     *
     * @param who the name of the key, where there is one
     * @param path that was asked for
     */
    public void tell(String who, String address, String path, int status, String rule) {
        LOG.warnf(
                "%s asks for %s and is refused (%d, %s); more from there within a minute are counted only, see docs/runbooks/authentication-failures.md",
                address, Excerpt.of(path), status, rule);
        try {
            audit.add(
                    who,
                    AuditEvent.REQUEST_REFUSED,
                    Map.of(
                            "address",
                            address,
                            "path",
                            Excerpt.of(path),
                            "status",
                            status,
                            "rule",
                            rule));
        } catch (UncheckedIOException e) {
            LOG.warn(e.getMessage());
        }
    }

    /**
     * Counts a request that was put off, as too many came at once.
     *
     * @return whether a burst begins with it, which {@link #tell} is then to tell
     */
    public boolean limit(String address, String rule) {
        limited.increment();
        return begins(address + " " + rule);
    }

    /** How many were refused since the start. */
    public long refused() {
        return refused.sum();
    }

    /** How many were put off since the start. */
    public long limited() {
        return limited.sum();
    }

    /** How many were too large, too slow or not to be read since the start. */
    public long bad() {
        return bad.sum();
    }
}
