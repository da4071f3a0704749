package io.unshub.ops;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;

/**
 * Raises an alarm while a chore of the hub does not end: the chores behind it do not get their
 * turn, and no alarm of theirs comes.
 *
 * <p>Threads: the chores one after the other, {@link #tick} from another thread than theirs.
 */
public final class ChoreWatch {

    private static final String NAME = "housekeeping";
    private static final Duration PATIENCE = Duration.ofMinutes(1);

    private final Alarms alarms;
    private final InstantSource clock;
    private volatile UnderWay underWay;

    private record UnderWay(Thread thread, Instant since) {}

    /** What is to be done now and again. */
    @FunctionalInterface
    public interface Chore {
        /** Does it once. */
        void run() throws Exception;
    }

    /**
     * @param alarms are raised here
     * @param clock tells for how long
     */
    public ChoreWatch(Alarms alarms, InstantSource clock) {
        this.alarms = alarms;
        this.clock = clock;
    }

    /** Does a chore. */
    public void watched(Chore chore) throws Exception {
        underWay = new UnderWay(Thread.currentThread(), clock.instant());
        try {
            chore.run();
        } finally {
            underWay = null;
        }
    }

    /** Looks once. */
    public void tick() {
        UnderWay now = underWay;
        if (now == null || now.since().plus(PATIENCE).isAfter(clock.instant())) {
            alarms.clear(NAME);
        } else {
            alarms.raise(NAME, Alarm.Severity.ERROR, text(now));
        }
    }

    private static String text(UnderWay now) {
        String where =
                Arrays.stream(now.thread().getStackTrace())
                        .filter(frame -> frame.getClassName().startsWith("io.unshub."))
                        .findFirst()
                        .map(StackTraceElement::toString)
                        .orElse("an unknown place");
        return "a chore of the hub has not ended since %s, at %s; readings flow on, but no other alarm comes, and what is changed in the configuration is not taken up: keep the output of jstack %d, then restart the hub, which loses nothing, see docs/runbooks/housekeeping.md"
                .formatted(
                        now.since().truncatedTo(ChronoUnit.SECONDS),
                        where,
                        ProcessHandle.current().pid());
    }
}
