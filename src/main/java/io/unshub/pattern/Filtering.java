package io.unshub.pattern;

import io.unshub.envelope.Batch;
import io.unshub.envelope.Reading;
import io.unshub.quality.Quality;
import io.unshub.uns.TopicFilter;
import java.math.BigDecimal;
import java.util.List;
import java.util.Set;

/** Message Filter: lets through what fits, by topic, flag and number; the rest ends here. */
public final class Filtering implements Step {

    private final List<TopicFilter> topics;
    private final Set<Quality> qualities;
    private final BigDecimal above;
    private final BigDecimal below;

    /**
     * @param topics filters, of which one must match; empty for any topic
     * @param qualities flags, of which the reading must have one; empty for any
     * @param above the number must be larger; null for any
     * @param below the number must be smaller; null for any
     */
    public Filtering(
            List<TopicFilter> topics, Set<Quality> qualities, BigDecimal above, BigDecimal below) {
        this.topics = List.copyOf(topics);
        this.qualities = Set.copyOf(qualities);
        this.above = above;
        this.below = below;
    }

    @Override
    public void apply(Batch batch, Hand hand) {
        batch.readings().removeIf(reading -> !fits(reading));
    }

    private boolean fits(Reading reading) {
        return (topics.isEmpty()
                        || topics.stream().anyMatch(topic -> topic.matches(reading.topic())))
                && (qualities.isEmpty() || qualities.contains(reading.quality()))
                && within(reading);
    }

    private boolean within(Reading reading) {
        if (above == null && below == null) {
            return true;
        }
        BigDecimal number = reading.decimal();
        return number != null
                && (above == null || number.compareTo(above) > 0)
                && (below == null || number.compareTo(below) < 0);
    }
}
