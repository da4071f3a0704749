package io.unshub.collect;

import io.unshub.envelope.Envelope;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Tells of tags that say nothing: one STALE reading when a tag's time is over, and no other until
 * it spoke again.
 *
 * <p>In: readings, as they come. Out: readings, to the sink given at {@link #look}. Threads: any
 * see, one looks. Time is taken by the machine's steady clock, so that a change of the wall clock
 * makes nothing stale.
 */
final class SilenceWatch {

    private static final Duration LONGEST = Duration.ofSeconds(1);

    private final Readings readings;
    private final Map<String, Watched> watched = new ConcurrentHashMap<>();
    private final Duration pause;

    private static final class Watched {
        private final Tag tag;
        private long heard;
        private Envelope last;
        private boolean silent;

        Watched(Tag tag, long now) {
            this.tag = tag;
            heard = now;
        }

        synchronized void heard(Envelope reading, long now) {
            last = reading;
            heard = now;
            silent = false;
        }

        /** Whether the silence has just become too long. */
        synchronized boolean over(long now) {
            if (silent || now - heard < tag.staleAfter().toNanos()) {
                return false;
            }
            silent = true;
            return true;
        }

        synchronized Envelope last() {
            return last;
        }
    }

    /** Where stale readings go. */
    interface Sink {
        void put(Envelope reading) throws InterruptedException;
    }

    /**
     * @param tags those with a time are watched, from now on
     * @param now by {@link System#nanoTime()}
     */
    SilenceWatch(List<Tag> tags, Readings readings, long now) {
        this.readings = readings;
        for (Tag tag : tags) {
            if (tag.staleAfter() != null) {
                watched.put(tag.topic(), new Watched(tag, now));
            }
        }
        pause =
                watched.values().stream()
                        .map(w -> w.tag.staleAfter().dividedBy(4))
                        .min(Duration::compareTo)
                        .map(least -> least.compareTo(LONGEST) > 0 ? LONGEST : least)
                        .orElse(null);
    }

    /** How often to look, by the shortest of the times; null if no tag is watched. */
    Duration pause() {
        return pause;
    }

    /** Takes note of a reading. */
    void heard(Envelope reading, long now) {
        Watched tag = watched.get(reading.topic());
        if (tag != null) {
            tag.heard(reading, now);
        }
    }

    /** Gives one reading for each tag whose time is over. */
    void look(long now, Sink sink) throws InterruptedException {
        for (Watched tag : watched.values()) {
            if (tag.over(now)) {
                sink.put(readings.stale(tag.tag, tag.last()));
            }
        }
    }
}
