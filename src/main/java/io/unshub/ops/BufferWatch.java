package io.unshub.ops;

import io.unshub.buffer.BufferGauge.Level;
import io.unshub.ops.Alarm.Severity;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import org.jboss.logging.Logger;

/**
 * Watches how full the buffer is: alarms at 80 and 95 %, and at 100 % holds publishers back until
 * there is room. Says how long it will last, and how long the drain will take.
 *
 * <p>{@link #glance()} before anybody may publish and every second, {@link #tick()} every few
 * seconds, from one thread at a time; {@link #status()} from any. Failure: an exception of the
 * gauge; the next call tries again, and what was decided before holds.
 */
public final class BufferWatch {

    /** Time over which rates are taken. */
    static final Duration WINDOW = Duration.ofMinutes(5);

    private static final Logger LOG = Logger.getLogger(BufferWatch.class);
    private static final String FILL = "buffer-fill";
    private static final double WARNING = 0.80;
    private static final double ERROR = 0.95;
    private static final double OVER = 0.70;
    private static final double ROOM_AGAIN = 0.97;

    private final Callable<Level> gauge;
    private final Callable<Boolean> room;
    private final Alarms alarms;
    private final Consumer<Boolean> holdPublishers;
    private final Deque<Level> levels = new ArrayDeque<>();
    private volatile boolean full;
    private volatile Status status;

    /**
     * The buffer at a moment.
     *
     * @param at when
     * @param readings how many readings wait
     * @param oldestUtc when the oldest of them was accepted; null where none waits
     * @param bytes what the broker's files take
     * @param allowedBytes what they may take
     * @param fillPercent the one of the other
     * @param full whether publishers are held back
     * @param acceptedPerSecond readings taken in, over the last minutes
     * @param forwardedPerSecond readings acknowledged by the far side, over the last minutes
     * @param hoursUntilFull at these rates; null while the buffer does not grow
     * @param drainSeconds until nothing waits, at these rates; null while it does not shrink
     */
    public record Status(
            Instant at,
            long readings,
            Instant oldestUtc,
            long bytes,
            long allowedBytes,
            double fillPercent,
            boolean full,
            double acceptedPerSecond,
            double forwardedPerSecond,
            Double hoursUntilFull,
            Double drainSeconds) {}

    /**
     * @param gauge is read at each tick
     * @param room says at once whether the volume has room above its reserve
     * @param alarms are raised here
     * @param holdPublishers is told to hold publishers back, and to let them go
     */
    public BufferWatch(
            Callable<Level> gauge,
            Callable<Boolean> room,
            Alarms alarms,
            Consumer<Boolean> holdPublishers) {
        this.gauge = gauge;
        this.room = room;
        this.alarms = alarms;
        this.holdPublishers = holdPublishers;
    }

    /** Holds publishers back where the volume has no room left; costs next to nothing. */
    public synchronized void glance() throws Exception {
        if (!full && !room.call()) {
            hold(true);
        }
    }

    /** Looks once. */
    public void tick() throws Exception {
        Level now = gauge.call();
        levels.addLast(now);
        while (levels.size() > 2 && second().at().isBefore(now.at().minus(WINDOW))) {
            levels.removeFirst();
        }
        synchronized (this) {
            boolean isFull = now.fill() >= (full ? ROOM_AGAIN : 1);
            if (isFull != full) {
                hold(isFull);
            }
        }
        status = status(levels.getFirst(), now);
        alarm(status);
    }

    private void hold(boolean isFull) {
        full = isFull;
        holdPublishers.accept(isFull);
        LOG.warn(
                isFull
                        ? "the buffer is full: publishers are held back, none of their readings"
                                + " is acknowledged and lost"
                        : "the buffer has room again: publishers are let go");
    }

    private Level second() {
        var each = levels.iterator();
        each.next();
        return each.next();
    }

    private Status status(Level from, Level now) {
        double seconds = Duration.between(from.at(), now.at()).toMillis() / 1e3;
        double in = seconds <= 0 ? 0 : (now.accepted() - from.accepted()) / seconds;
        double out = seconds <= 0 ? 0 : (now.forwarded() - from.forwarded()) / seconds;
        double grown = seconds <= 0 ? 0 : (now.readings() - from.readings()) / seconds;
        double bytesPerReading =
                now.readings() == 0 ? 0 : (double) now.readingBytes() / now.readings();
        boolean grows = grown > 0 && in > 0;
        return new Status(
                now.at(),
                now.readings(),
                now.oldestUtc(),
                now.bytes(),
                now.allowedBytes(),
                now.fill() * 100,
                full,
                in,
                out,
                grows
                        ? Math.max(0, now.allowedBytes() - now.bytes())
                                / (grown * bytesPerReading)
                                / 3_600
                        : null,
                grown < 0 ? now.readings() / -grown : null);
    }

    private void alarm(Status s) {
        double fill = s.fillPercent() / 100;
        if (fill >= WARNING) {
            alarms.raise(
                    FILL,
                    fill >= ERROR ? Severity.ERROR : Severity.WARNING,
                    String.format(
                            Locale.ROOT,
                            "the buffer is %.0f %% full with %,d readings%s; nothing is lost: bring"
                                    + " the far side back, make room on the volume, or raise"
                                    + " unshub.buffer.max-bytes; at 100 %% publishers wait for their acknowledgement",
                            s.fillPercent(),
                            s.readings(),
                            s.hoursUntilFull() == null
                                    ? ""
                                    : String.format(
                                            Locale.ROOT,
                                            ", %.1f h left at this rate",
                                            s.hoursUntilFull())));
        } else if (fill < OVER) {
            alarms.clear(FILL);
        }
    }

    /** Whether publishers are held back. */
    public boolean full() {
        return full;
    }

    /** What the last tick saw; null before the first. */
    public Status status() {
        return status;
    }
}
