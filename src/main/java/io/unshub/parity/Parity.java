package io.unshub.parity;

import io.unshub.ledger.HourlyReport;
import io.unshub.ledger.TopicHours;
import io.unshub.parity.ParityReport.Line;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.roaringbitmap.longlong.LongIterator;
import org.roaringbitmap.longlong.Roaring64Bitmap;

/**
 * Compares the ledger's hours with what arrived at Event Hubs.
 *
 * <p>In: a report of the ledger, then each event, those of one partition in their order. Out: a
 * report. What is above a topic's last forwarded number was under way at the cut, and is left out.
 * Threads: any. Memory: a compressed set of numbers for each topic and hour.
 */
public final class Parity {

    private static final int MOST_GAPS = 10;

    private final HourlyReport ledger;
    private final Instant from;
    private final Map<String, TopicHours> topics = new HashMap<>();
    private final Map<String, Map<Instant, Seen>> seen = new TreeMap<>();
    private final Map<String, Long> highest = new HashMap<>();
    private long foreign;

    /** What arrived of one topic and hour. */
    private static final class Seen {
        private final Roaring64Bitmap numbers = new Roaring64Bitmap();
        private long repeated;
        private long outOfOrder;
    }

    /**
     * @param ledger the hours to compare
     * @param from the first of them
     */
    public Parity(HourlyReport ledger, Instant from) {
        this.ledger = ledger;
        this.from = from;
        ledger.topics().forEach(topic -> topics.put(topic.topic(), topic));
    }

    /** Takes an event into account. */
    public synchronized void add(Arrival event) {
        if (event.topic() == null || event.acceptedUtc() == null) {
            foreign++;
            return;
        }
        Instant hour = event.acceptedUtc().truncatedTo(ChronoUnit.HOURS);
        if (hour.isBefore(from) || underWay(event)) {
            return;
        }
        Seen own =
                seen.computeIfAbsent(event.topic(), topic -> new TreeMap<>())
                        .computeIfAbsent(hour, h -> new Seen());
        if (own.numbers.contains(event.hubSeq())) {
            own.repeated++;
            return;
        }
        own.numbers.addLong(event.hubSeq());
        // those that may overtake have an order of their own
        String line = event.partition() + '\0' + event.live() + '\0' + event.topic();
        if (highest.merge(line, event.hubSeq(), Math::max) > event.hubSeq()) {
            own.outOfOrder++;
        }
    }

    private boolean underWay(Arrival event) {
        TopicHours topic = topics.get(event.topic());
        if (topic == null) {
            return event.enqueuedUtc().isAfter(ledger.at());
        }
        return event.hubSeq()
                > (event.live() ? topic.lastLiveForwardedSeq() : topic.lastForwardedSeq());
    }

    /** The comparison of what was taken into account so far. */
    public synchronized ParityReport report() {
        List<Line> lines = new ArrayList<>();
        Map<String, Map<Instant, Seen>> unknown = new TreeMap<>(seen);
        for (TopicHours topic : ledger.topics()) {
            Map<Instant, Seen> own = new TreeMap<>(seen.getOrDefault(topic.topic(), Map.of()));
            unknown.remove(topic.topic());
            for (TopicHours.Hour hour : topic.hours()) {
                if (!hour.hour().isBefore(from)) {
                    lines.add(
                            line(
                                    topic.topic(),
                                    hour.hour(),
                                    hour.forwarded(),
                                    own.remove(hour.hour())));
                }
            }
            own.forEach((hour, arrived) -> lines.add(line(topic.topic(), hour, 0, arrived)));
        }
        unknown.forEach(
                (topic, hours) ->
                        hours.forEach((hour, arrived) -> lines.add(line(topic, hour, 0, arrived))));
        TreeMap<Instant, Line> hours = new TreeMap<>();
        lines.forEach(
                line -> hours.merge(line.hour(), plus(none(line.hour()), line), Parity::plus));
        Line total = hours.values().stream().reduce(none(from), Parity::plus);
        return new ParityReport(
                from,
                ledger.at(),
                total.equal(),
                total.forwarded(),
                total.arrived(),
                total.missing(),
                total.unknown(),
                total.repeated(),
                total.outOfOrder(),
                foreign,
                List.copyOf(hours.values()),
                lines.stream().filter(line -> !line.equal()).toList());
    }

    private static Line line(String topic, Instant hour, long forwarded, Seen arrived) {
        Seen found = arrived == null ? new Seen() : arrived;
        long count = found.numbers.getLongCardinality();
        return new Line(
                topic,
                hour,
                forwarded,
                count,
                Math.max(0, forwarded - count),
                Math.max(0, count - forwarded),
                found.repeated,
                found.outOfOrder,
                forwarded > count ? gaps(found.numbers) : List.of());
    }

    private static List<String> gaps(Roaring64Bitmap numbers) {
        List<String> gaps = new ArrayList<>();
        LongIterator each = numbers.getLongIterator();
        long before = -1;
        while (each.hasNext() && gaps.size() < MOST_GAPS) {
            long next = each.next();
            if (before >= 0 && next > before + 1) {
                gaps.add(before + 2 == next ? "" + (before + 1) : (before + 1) + "-" + (next - 1));
            }
            before = next;
        }
        return gaps;
    }

    private static Line none(Instant hour) {
        return new Line(null, hour, 0, 0, 0, 0, 0, 0, List.of());
    }

    private static Line plus(Line a, Line b) {
        return new Line(
                null,
                a.hour(),
                a.forwarded() + b.forwarded(),
                a.arrived() + b.arrived(),
                a.missing() + b.missing(),
                a.unknown() + b.unknown(),
                a.repeated() + b.repeated(),
                a.outOfOrder() + b.outOfOrder(),
                List.of());
    }
}
