package io.unshub.pattern;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.DecimalNode;
import com.fasterxml.jackson.databind.node.IntNode;
import com.fasterxml.jackson.databind.node.NullNode;
import io.unshub.envelope.Batch;
import io.unshub.envelope.Envelope;
import io.unshub.envelope.MessageIds;
import io.unshub.envelope.Reading;
import io.unshub.quality.Quality;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Objects;

/**
 * Aggregator: sums up the readings of each topic in windows of their source time, tumbling or
 * sliding, and puts one reading for each window in their place.
 *
 * <p>A window ends at a whole multiple of {@code every} since 1970 and takes in {@code size} before
 * that, the beginning included, the end not; the sum carries the time of its end. It closes once a
 * reading of the topic is {@code lateness} past its end, or none came for {@code size} and {@code
 * lateness}. Its readings are held until then, so that a window and its readings leave together.
 *
 * <p>Quality: the worst of the inputs. A window with an ERROR in it has no value and is ERROR with
 * {@code INPUT_ERROR}; leave such readings out before, if the rest is to count. One with no number
 * in it is ERROR with {@code NO_VALUE}. A count counts readings, whatever is in them. A reading
 * that comes after all its windows have closed is left out and counted as late.
 *
 * <p>Source for watermark and lateness: Akidau et al., The Dataflow Model, VLDB 2015.
 */
public final class Windows implements Step {

    private static final String NO_VALUE = "NO_VALUE";
    private static final String INPUT_ERROR = "INPUT_ERROR";

    private final Statistic statistic;
    private final long size;
    private final long every;
    private final long lateness;
    private final InstantSource clock;

    /** What is under way on one topic. */
    private static final class Series {
        private final List<Reading> readings = new ArrayList<>();
        private long earliest = Long.MAX_VALUE;
        private long closedUntil = Long.MIN_VALUE;
        private long watermark = Long.MIN_VALUE;
        private long arrived;
    }

    /** What is under way. */
    private static final class Open extends HashMap<String, Series> {}

    /**
     * @param function name of a {@link Statistic}, in lower case
     * @param size of a window
     * @param every how often one begins; the size, or zero, for windows that do not overlap
     * @param lateness how much later than a newer one a reading may come
     * @param clock tells when nothing came any more
     * @throws IllegalArgumentException if they do not go together
     */
    public Windows(
            String function,
            Duration size,
            Duration every,
            Duration lateness,
            InstantSource clock) {
        this.statistic = Statistic.named(function);
        this.size = size.toMillis();
        this.every = every.isZero() ? this.size : every.toMillis();
        this.lateness = lateness.toMillis();
        this.clock = clock;
        if (this.size < 1 || this.every < 1 || this.every > this.size || this.lateness < 0) {
            throw new IllegalArgumentException(
                    "a window of %d ms every %d ms with %d ms of lateness; size is 1 ms or more, every is not more than size, lateness is not below 0"
                            .formatted(this.size, this.every, this.lateness));
        }
    }

    @Override
    public boolean holds() {
        return true;
    }

    @Override
    public void apply(Batch batch, Hand hand) {
        Open open = hand.state(this, Open.class, Open::new);
        List<Reading> sums = new ArrayList<>();
        for (Reading reading : batch) {
            Series series = open.computeIfAbsent(reading.topic(), topic -> new Series());
            add(reading, series, hand);
            // at each one: who is late must not hang on where a batch ends
            close(series, false, hand, sums);
        }
        if (batch.isEmpty()) {
            // what waits in the subscription has come, too
            for (Series series : open.values()) {
                close(series, clock.millis() >= series.arrived + size + lateness, hand, sums);
            }
        }
        batch.replace(sums);
    }

    private void add(Reading reading, Series series, Hand hand) {
        long time = time(reading);
        series.watermark = Math.max(series.watermark, time);
        series.arrived = clock.millis();
        // the last window that it belongs to
        if (Math.floorDiv(time + size, every) * every <= series.closedUntil) {
            hand.late(1);
            return;
        }
        series.readings.add(reading);
        series.earliest = Math.min(series.earliest, time);
        hand.hold(reading);
    }

    private void close(Series series, boolean idle, Hand hand, List<Reading> sums) {
        while (!series.readings.isEmpty()) {
            long first = Math.floorDiv(series.earliest, every) * every + every;
            long closing =
                    series.closedUntil == Long.MIN_VALUE
                            ? first
                            : Math.max(first, series.closedUntil + every);
            if (!idle && series.watermark < closing + lateness) {
                return;
            }
            List<Reading> inputs =
                    series.readings.stream()
                            .filter(each -> time(each) >= closing - size && time(each) < closing)
                            .sorted(Comparator.comparingLong(Windows::time))
                            .toList();
            if (!inputs.isEmpty()) {
                sums.add(sum(inputs, Instant.ofEpochMilli(closing)));
            }
            series.closedUntil = closing;
            series.readings.removeIf(reading -> through(reading, closing, hand));
            series.earliest =
                    series.readings.stream().mapToLong(Windows::time).min().orElse(Long.MAX_VALUE);
        }
    }

    /** Whether no later window than this needs a reading, which is then let go. */
    private boolean through(Reading reading, long closed, Hand hand) {
        boolean through = time(reading) < closed + every - size;
        if (through) {
            hand.release(reading);
        }
        return through;
    }

    private Reading sum(List<Reading> inputs, Instant end) {
        Quality worst =
                inputs.stream()
                        .map(reading -> reading.envelope().quality())
                        .reduce(Quality.GOOD, Quality::worst);
        Envelope last = inputs.get(inputs.size() - 1).envelope();
        if (statistic == Statistic.COUNT) {
            boolean simulated =
                    inputs.stream()
                            .anyMatch(each -> each.envelope().quality() == Quality.SIMULATED);
            return reading(
                    last,
                    end,
                    IntNode.valueOf(inputs.size()),
                    simulated ? Quality.SIMULATED : Quality.GOOD,
                    "1",
                    null);
        }
        double[] values =
                inputs.stream()
                        .map(Reading::decimal)
                        .filter(Objects::nonNull)
                        .mapToDouble(BigDecimal::doubleValue)
                        .toArray();
        double value = values.length == 0 ? Double.NaN : statistic.of(values);
        if (worst == Quality.ERROR || !Double.isFinite(value)) {
            String why = worst == Quality.ERROR ? INPUT_ERROR : NO_VALUE;
            return reading(last, end, NullNode.instance, Quality.ERROR, last.units(), why);
        }
        return reading(
                last,
                end,
                DecimalNode.valueOf(BigDecimal.valueOf(value)),
                worst,
                last.units(),
                null);
    }

    private Reading reading(
            Envelope of,
            Instant end,
            JsonNode value,
            Quality quality,
            String units,
            String errorCode) {
        return Reading.of(
                new Envelope(
                                MessageIds.of(
                                        statistic.name(),
                                        List.of(
                                                of.lineageVersion(),
                                                size + "/" + every,
                                                quality.name()),
                                        of.topic(),
                                        end,
                                        value),
                                end,
                                of.topic(),
                                value,
                                quality,
                                units,
                                of.sourceSystem(),
                                of.lineageVersion(),
                                Envelope.SCHEMA_VERSION,
                                errorCode,
                                null)
                        .withHistory(of.messageHistory()));
    }

    private static long time(Reading reading) {
        return reading.envelope().tsUtc().toEpochMilli();
    }
}
