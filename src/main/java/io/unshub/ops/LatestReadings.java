package io.unshub.ops;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.unshub.envelope.Batch;
import io.unshub.envelope.Envelope;
import io.unshub.envelope.Reading;
import io.unshub.quality.Quality;
import io.unshub.uns.Excerpt;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import java.util.stream.StreamSupport;
import org.eclipse.microprofile.openapi.annotations.media.Schema;

/**
 * The Unified Namespace as it is now: the latest reading of each topic, and for some topics the
 * last hundred, for who looks.
 *
 * <p>In: the readings of the data path that were taken in, parsed already. Out: topics as a tree,
 * and readings. In memory, since the start, and bounded: of {@link #MOST_TOPICS} topics the latest
 * reading, of {@link #MOST_SERIES} the last ones too, these of whatever is looked at first. A
 * reading that comes again after a rollback is kept once.
 *
 * <p>Threads: {@link #keep} from those of the data path, which it neither holds up nor fails;
 * everything else from any.
 */
public final class LatestReadings {

    /** Of how many topics the latest reading is kept. */
    public static final int MOST_TOPICS = 50_000;

    /** Of how many topics the last readings are kept. */
    static final int MOST_SERIES = 2_000;

    /** How many readings of such a topic are kept. */
    static final int LENGTH = 100;

    private static final int MOST_PLACES = 20;
    private static final int MOST_CHILDREN = 1_000;
    private static final int MOST_FOUND = 100;
    private static final int MOST_CHARS = 200;
    private static final Quality[] QUALITIES = Quality.values();

    private final Map<String, Slot> slots = new ConcurrentHashMap<>();
    private final NavigableSet<String> topics = new ConcurrentSkipListSet<>();
    private final AtomicInteger series = new AtomicInteger();
    private final int mostTopics;
    private final int mostSeries;

    /**
     * The latest reading of a topic.
     *
     * @param topic its topic
     * @param value as published; of a long text its beginning
     * @param quality as the hub tagged it
     * @param units of the value
     * @param tsUtc when the source took the value, to the millisecond
     * @param acceptedUtc when the hub took it in, to the millisecond
     */
    public record Latest(
            String topic,
            @Schema(implementation = Object.class, description = "As published") JsonNode value,
            Quality quality,
            String units,
            Instant tsUtc,
            Instant acceptedUtc) {}

    /**
     * One step down the tree.
     *
     * @param name of this level
     * @param path from the root, this level included
     * @param parent whether there are topics below
     * @param latest the latest reading on this very topic; null where there is none
     */
    public record Level(String name, String path, boolean parent, Latest latest) {}

    /**
     * A reading of a series.
     *
     * @param tsUtc when the source took the value
     * @param value as a number, true as 1; null where it is none
     * @param quality as the hub tagged it
     */
    public record Point(Instant tsUtc, Double value, Quality quality) {}

    /**
     * The last readings of a topic.
     *
     * @param latest the last of them
     * @param points the last hundred, or those since the topic is looked at
     * @param history the places that the last of them came through, the latest last; of more than
     *     {@link #MOST_PLACES} the latest
     */
    public record Series(Latest latest, List<Point> points, List<Place> history) {}

    /**
     * A place of a message history, as it was written down; long texts are shortened.
     *
     * @param hub its name
     * @param route the route
     * @param step the step in it; empty where it has no name
     * @param at when, in UTC
     */
    public record Place(String hub, String route, String step, String at) {

        static Place of(JsonNode written) {
            return new Place(
                    text(written, "hub"),
                    text(written, "route"),
                    text(written, "step"),
                    text(written, "at"));
        }

        private static String text(JsonNode written, String field) {
            return Excerpt.of(written.path(field).asText());
        }
    }

    /** What is kept of one topic; guarded by itself. */
    private static final class Slot {
        private long hubSeq;
        private long ts;
        private long accepted;
        private JsonNode value;
        private String units;
        private Quality quality;
        private Ring ring;
        private List<Place> history = List.of();
        private long lookedAt;
    }

    /** Numbers, and no objects: what lives for a hundred readings would grow old in the heap. */
    private static final class Ring {
        private final long[] ts = new long[LENGTH];
        private final double[] values = new double[LENGTH];
        private final byte[] qualities = new byte[LENGTH];
        private int count;

        void add(long time, double value, Quality quality) {
            int at = count++ % LENGTH;
            ts[at] = time;
            values[at] = value;
            qualities[at] = (byte) quality.ordinal();
        }

        List<Point> points() {
            List<Point> points = new ArrayList<>();
            for (int i = Math.max(0, count - LENGTH); i < count; i++) {
                int at = i % LENGTH;
                points.add(
                        new Point(
                                Instant.ofEpochMilli(ts[at]),
                                Double.isFinite(values[at]) ? values[at] : null,
                                QUALITIES[qualities[at]]));
            }
            return points;
        }
    }

    /** Of as many topics as the hub keeps. */
    public LatestReadings() {
        this(MOST_TOPICS, MOST_SERIES);
    }

    LatestReadings(int mostTopics, int mostSeries) {
        this.mostTopics = mostTopics;
        this.mostSeries = mostSeries;
    }

    /** Keeps what the batch says of each topic. */
    public void keep(Batch batch) {
        for (Reading reading : batch) {
            if (!reading.rejected() && reading.envelope() != null) {
                keep(reading, reading.envelope());
            }
        }
    }

    private void keep(Reading reading, Envelope envelope) {
        Slot slot = slots.get(reading.topic());
        if (slot == null) {
            slot = begin(reading.topic());
            if (slot == null) {
                return;
            }
        }
        synchronized (slot) {
            if (reading.hubSeq() != 0 && reading.hubSeq() <= slot.hubSeq) {
                return;
            }
            slot.hubSeq = reading.hubSeq();
            slot.ts = envelope.tsUtc().toEpochMilli();
            slot.accepted =
                    reading.acceptedUtc() == null ? slot.ts : reading.acceptedUtc().toEpochMilli();
            slot.value = shortened(envelope.value());
            slot.quality = reading.quality();
            if (!envelope.units().equals(slot.units)) {
                slot.units = envelope.units();
            }
            if (slot.ring != null) {
                slot.ring.add(slot.ts, number(envelope.value()), slot.quality);
                slot.history = places(envelope.messageHistory());
            }
        }
    }

    private Slot begin(String topic) {
        if (slots.size() >= mostTopics) {
            return null;
        }
        Slot slot = new Slot();
        if (series.incrementAndGet() <= mostSeries) {
            slot.ring = new Ring();
        } else {
            series.decrementAndGet();
        }
        Slot other = slots.putIfAbsent(topic, slot);
        if (other == null) {
            topics.add(topic);
            return slot;
        }
        if (slot.ring != null) {
            series.decrementAndGet();
        }
        return other;
    }

    private static JsonNode shortened(JsonNode value) {
        return value.isTextual() && value.textValue().length() > MOST_CHARS
                ? TextNode.valueOf(Excerpt.of(value.textValue()))
                : value;
    }

    private static List<Place> places(ArrayNode history) {
        return history == null
                ? List.of()
                : StreamSupport.stream(history.spliterator(), false)
                        .skip(Math.max(0, history.size() - MOST_PLACES))
                        .map(Place::of)
                        .toList();
    }

    private static double number(JsonNode value) {
        if (value.isBoolean()) {
            return value.booleanValue() ? 1 : 0;
        }
        return value.isNumber() ? value.doubleValue() : Double.NaN;
    }

    /** How many topics are kept. */
    public int count() {
        return slots.size();
    }

    /** Whether there may be topics that are not kept. */
    public boolean full() {
        return slots.size() >= mostTopics;
    }

    /**
     * The levels right below one.
     *
     * @param under its path; empty for the root
     * @return by name, a thousand at most
     */
    public List<Level> below(String under) {
        String prefix = under.isEmpty() ? "" : under + "/";
        Map<String, Level> levels = new TreeMap<>();
        String at = topics.ceiling(prefix);
        while (at != null && at.startsWith(prefix) && levels.size() < MOST_CHILDREN) {
            int end = at.indexOf('/', prefix.length());
            String path = end < 0 ? at : at.substring(0, end);
            String name = path.substring(prefix.length());
            Level known = levels.get(name);
            levels.put(
                    name,
                    new Level(
                            name,
                            path,
                            end >= 0 || known != null && known.parent(),
                            end < 0
                                    ? latest(path).orElse(null)
                                    : known == null ? null : known.latest()));
            // what is below stands together: the character after the slash is the next one
            at = end < 0 ? topics.higher(at) : topics.ceiling(path + (char) ('/' + 1));
        }
        return List.copyOf(levels.values());
    }

    /** The topics that have the text in them, in their order, a hundred at most. */
    public List<Latest> find(String text) {
        return find(text, topic -> true);
    }

    /** Those of them that a caller may see. */
    public List<Latest> find(String text, Predicate<String> seen) {
        return topics.stream()
                .filter(topic -> topic.contains(text) && seen.test(topic))
                .limit(MOST_FOUND)
                .map(this::latest)
                .flatMap(Optional::stream)
                .toList();
    }

    private Optional<Latest> latest(String topic) {
        Slot slot = slots.get(topic);
        if (slot == null) {
            return Optional.empty();
        }
        synchronized (slot) {
            return slot.value == null ? Optional.empty() : Optional.of(latest(topic, slot));
        }
    }

    private static Latest latest(String topic, Slot slot) {
        return new Latest(
                topic,
                slot.value,
                slot.quality,
                slot.units,
                Instant.ofEpochMilli(slot.ts),
                Instant.ofEpochMilli(slot.accepted));
    }

    /** The last readings of a topic, which are kept from now on if they were not. */
    public Optional<Series> series(String topic) {
        Slot slot = slots.get(topic);
        if (slot == null) {
            return Optional.empty();
        }
        if (!keepsSeries(slot)) {
            makeRoom();
        }
        synchronized (slot) {
            if (slot.value == null) {
                return Optional.empty();
            }
            slot.lookedAt = System.nanoTime();
            if (slot.ring == null) {
                slot.ring = new Ring();
                slot.ring.add(slot.ts, number(slot.value), slot.quality);
                series.incrementAndGet();
            }
            return Optional.of(new Series(latest(topic, slot), slot.ring.points(), slot.history));
        }
    }

    private static boolean keepsSeries(Slot slot) {
        synchronized (slot) {
            return slot.ring != null;
        }
    }

    /** Gives the series up that was looked at longest ago. */
    private synchronized void makeRoom() {
        if (series.get() < mostSeries) {
            return;
        }
        slots.values().stream()
                .filter(LatestReadings::keepsSeries)
                .min(Comparator.comparingLong(slot -> slot.lookedAt))
                .ifPresent(
                        slot -> {
                            synchronized (slot) {
                                slot.ring = null;
                                slot.history = List.of();
                            }
                            series.decrementAndGet();
                        });
    }
}
