package io.unshub.pattern;

import io.unshub.envelope.Batch;
import io.unshub.envelope.Reading;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;

/**
 * Resequencer: brings the readings of each topic into the order of their source time.
 *
 * <p>A reading is held for {@code delay} after the hub accepted it, and then goes on with all that
 * were taken before it. One that comes later than that is held as long, goes on out of order, and
 * is counted: nothing is left out.
 */
public final class Resequencing implements Step {

    private static final Comparator<Reading> BY_TIME =
            Comparator.comparing(reading -> reading.envelope().tsUtc());

    private final Duration delay;
    private final InstantSource clock;

    private static final class Series {
        private final List<Reading> readings = new ArrayList<>();
        private Instant last = Instant.MIN;
    }

    private static final class Waiting extends HashMap<String, Series> {}

    /**
     * @param delay how much later than a newer one a reading may come
     * @param clock tells when it is over
     */
    public Resequencing(Duration delay, InstantSource clock) {
        this.delay = delay;
        this.clock = clock;
    }

    @Override
    public boolean holds() {
        return true;
    }

    @Override
    public void apply(Batch batch, Hand hand) {
        Waiting waiting = hand.state(this, Waiting.class, Waiting::new);
        for (Reading reading : batch) {
            waiting.computeIfAbsent(reading.topic(), topic -> new Series()).readings.add(reading);
            hand.hold(reading);
        }
        Instant due = clock.instant().minus(delay);
        List<Reading> ready = new ArrayList<>();
        for (Series series : waiting.values()) {
            series.readings.stream()
                    .filter(reading -> !reading.acceptedUtc().isAfter(due))
                    .max(BY_TIME)
                    .ifPresent(newest -> release(series, newest, ready, hand));
        }
        ready.forEach(hand::release);
        batch.replace(ready);
    }

    private void release(Series series, Reading newest, List<Reading> ready, Hand hand) {
        List<Reading> through =
                series.readings.stream()
                        .filter(reading -> BY_TIME.compare(reading, newest) <= 0)
                        .sorted(BY_TIME)
                        .toList();
        hand.late(
                through.stream()
                        .filter(reading -> reading.envelope().tsUtc().isBefore(series.last))
                        .count());
        series.readings.removeAll(through);
        series.last =
                newest.envelope().tsUtc().isAfter(series.last)
                        ? newest.envelope().tsUtc()
                        : series.last;
        ready.addAll(through);
    }
}
