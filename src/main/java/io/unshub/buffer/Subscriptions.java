package io.unshub.buffer;

import io.unshub.envelope.Batch;
import io.unshub.envelope.Reading;
import io.unshub.uns.Remembered;
import io.unshub.uns.Tally;
import io.unshub.uns.TopicFilter;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * The durable subscriptions of the plant's own routes.
 *
 * <p>In: the readings of a batch that passed validation. Out: a copy of each in the queue of every
 * subscription that it matches, in the transaction of the batch. Guarantees: what waits in a
 * subscription outlives its route, a restart and a crash; {@link #tap} never waits, and from {@code
 * mostWaiting} copies on makes no more of them, which is counted. What a route publishes never
 * comes back to its own subscription. Threads: {@link #tap} from one, the rest from any.
 */
public final class Subscriptions {

    private static final int MOST_REMEMBERED = 200_000;

    private final MessageStore store;
    private final InstantSource clock;
    private final Tally<String> copied = new Tally<>();
    private final Tally<String> handled = new Tally<>();
    private final Tally<String> skipped = new Tally<>();
    private final Tally<String> passedOver = new Tally<>();
    private final Tally<String> late = new Tally<>();
    private final Map<String, Failure> failures = new ConcurrentHashMap<>();
    private final List<Runnable> listeners = new CopyOnWriteArrayList<>();
    private final Set<String> taken = ConcurrentHashMap.newKeySet();
    private volatile InForce inForce = new InForce(Map.of());

    /**
     * What a route wants.
     *
     * @param name of the subscription; what waits under it belongs to whoever takes the name next
     * @param topics filters, of which one must match
     * @param derived whether derived readings, whose tag starts with {@code _}, are wanted too
     * @param mostWaiting how many copies may wait
     */
    public record Subscription(
            String name, List<TopicFilter> topics, boolean derived, long mostWaiting) {

        /** Whether a reading of a topic is copied. */
        public boolean wants(String topic) {
            return (derived || topic.charAt(topic.lastIndexOf('/') + 1) != '_')
                    && topics.stream().anyMatch(filter -> filter.matches(topic));
        }
    }

    /**
     * A route that fails.
     *
     * @param since when
     * @param why the failure
     */
    public record Failure(Instant since, String why) {}

    private record InForce(Map<String, Subscription> all, Remembered<List<Subscription>> byTopic) {

        InForce(Map<String, Subscription> all) {
            this(
                    all,
                    new Remembered<>(
                            MOST_REMEMBERED,
                            topic ->
                                    all.values().stream()
                                            .filter(each -> each.wants(topic))
                                            .toList()));
        }
    }

    /**
     * @param store has their queues
     * @param clock tells since when a route fails
     */
    public Subscriptions(MessageStore store, InstantSource clock) {
        this.store = store;
        this.clock = clock;
    }

    /**
     * Begins a subscription, or changes it; what waits in it stays.
     *
     * @throws Exception if the broker cannot make its queue
     */
    public synchronized void subscribe(Subscription subscription) throws Exception {
        store.createQueue(Queues.copies(subscription.name()));
        Map<String, Subscription> next = new TreeMap<>(inForce.all());
        next.put(subscription.name(), subscription);
        inForce = new InForce(next);
        listeners.forEach(Runnable::run);
    }

    /** Has it told when a subscription begins or ends. */
    public void onChange(Runnable listener) {
        listeners.add(listener);
    }

    /**
     * Ends a subscription and drops the copies that wait in it; their readings are not touched.
     *
     * @return how many were dropped
     * @throws Exception if the broker cannot remove its queue
     */
    public synchronized long unsubscribe(String name) throws Exception {
        Map<String, Subscription> next = new TreeMap<>(inForce.all());
        next.remove(name);
        inForce = new InForce(next);
        listeners.forEach(Runnable::run);
        long dropped = waiting(name);
        if (store.depth(Queues.copies(name)).isPresent()) {
            store.destroyQueue(Queues.copies(name));
        }
        return dropped;
    }

    /**
     * Makes a route the one that reads a subscription.
     *
     * @throws IllegalStateException if another does
     */
    public void take(String name) {
        if (!taken.add(name)) {
            throw new IllegalStateException(
                    "the subscription "
                            + name
                            + " is read by another route; give each route a name of its own");
        }
    }

    /** Lets another route read a subscription. */
    public void leave(String name) {
        taken.remove(name);
        failures.remove(name);
    }

    /** The subscriptions in force, by name. */
    public Map<String, Subscription> all() {
        return inForce.all();
    }

    /** The names under which copies wait, also those that nobody subscribes to any more. */
    public List<String> kept() {
        String prefix = Queues.copies("");
        return store.names().stream()
                .filter(Queues::isSubscription)
                .map(queue -> queue.substring(prefix.length()))
                .sorted()
                .toList();
    }

    /** How many copies wait in a subscription. */
    public long waiting(String name) {
        return store.depth(Queues.copies(name)).orElse(0L);
    }

    /** How many copies were made since the start, those of a batch that came again twice. */
    public long copied(String name) {
        return copied.of(name);
    }

    /** Counts readings that a route has been through with. */
    public void handled(String name, long readings) {
        handled.count(name, readings);
    }

    /** How many readings a route has been through with since the start, those that it holds too. */
    public long handled(String name) {
        return handled.of(name);
    }

    /** How many copies were not made since the start, as too many waited. */
    public long skipped(String name) {
        return skipped.of(name);
    }

    /** Counts copies that a route passed over, as they failed in it and it says {@code skip}. */
    public void passedOver(String name) {
        passedOver.count(name);
    }

    /** How many copies a route passed over since the start. */
    public long passedOverBy(String name) {
        return passedOver.of(name);
    }

    /** Counts readings that came too late for a step of a route. */
    public void late(String name, long readings) {
        late.count(name, readings);
    }

    /** How many readings came too late for a step of a route, since the start. */
    public long lateFor(String name) {
        return late.of(name);
    }

    /**
     * Notes that a route fails, or does no more.
     *
     * @param why the failure; null for none
     */
    public void failing(String name, String why) {
        if (why == null) {
            failures.remove(name);
        } else {
            failures.merge(
                    name,
                    new Failure(clock.instant(), why),
                    (before, now) -> new Failure(before.since(), why));
        }
    }

    /** The routes that fail, by subscription. */
    public Map<String, Failure> failures() {
        return Map.copyOf(failures);
    }

    /** The sourceSystem of what a route makes of the readings of a subscription. */
    public static String source(String subscription) {
        return "route:" + subscription;
    }

    /** Marks which readings of a batch are to be copied where. */
    public void tap(Batch batch) {
        InForce now = inForce;
        if (now.all().isEmpty()) {
            return;
        }
        Map<String, Long> room = new HashMap<>();
        for (Reading reading : batch) {
            List<Subscription> wanting = now.byTopic().of(reading.topic());
            if (reading.rejected() || wanting.isEmpty()) {
                continue;
            }
            List<String> copies = new ArrayList<>();
            for (Subscription subscription : wanting) {
                String name = subscription.name();
                if (reading.envelope() != null
                        && reading.envelope().sourceSystem().equals(source(name))) {
                    continue;
                }
                long left =
                        room.computeIfAbsent(
                                name, each -> subscription.mostWaiting() - waiting(each));
                if (left > 0) {
                    room.put(name, left - 1);
                    copied.count(name);
                    copies.add(name);
                } else {
                    skipped.count(name);
                }
            }
            reading.copyTo(copies);
        }
    }
}
