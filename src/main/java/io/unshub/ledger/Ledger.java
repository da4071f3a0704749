package io.unshub.ledger;

import io.unshub.deadletter.Reason;
import io.unshub.envelope.Batch;
import io.unshub.envelope.Outcome;
import io.unshub.envelope.Reading;
import io.unshub.ledger.Account.Column;
import io.unshub.quality.Quality;
import io.unshub.uns.Tally;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.LongAdder;

/**
 * The hub's books, one account per topic.
 *
 * <p>In: what each transaction did, as an {@link Entry}; its bytes go into the same broker
 * transaction as the move that they count, and the entry is applied here once that has committed.
 * Out: totals, lines, and the sequence numbers that the next readings get.
 *
 * <p>Guarantees: the state equals the sum of the committed entries, before and after a restart; a
 * transaction that rolls back leaves no trace. Threads: any; one ingest transaction at a time, any
 * number of lanes beside it. Failure: an entry that cannot be decoded is a fault of the journal and
 * is thrown.
 */
public final class Ledger {

    /**
     * Topics above this number share one account, so that a hostile publisher cannot fill memory.
     */
    public static final int MAX_TOPICS = 200_000;

    /** The account of the topics that have none of their own. */
    public static final String OTHER_TOPICS = "(other topics)";

    // a backlog of a day drains through this many at a time
    private static final int MOST_OPEN_HOURS = 3;
    private static final int MAX_TOPIC_BYTES = 1_024;

    private final InstantSource clock;
    private final Map<String, Integer> ids = new HashMap<>();
    private final List<String> names = new ArrayList<>();
    private final List<Account> accounts = new ArrayList<>();
    private final List<Boolean> named = new ArrayList<>();
    private final LongAdder accepted = new LongAdder();
    private final LongAdder ingested = new LongAdder();
    private final LongAdder forwarded = new LongAdder();
    private final LongAdder deadLettered = new LongAdder();
    private final LongAdder rejected = new LongAdder();
    private final LongAdder buffered = new LongAdder();
    private final LongAdder deduplicated = new LongAdder();
    private final Tally<Quality> valid = new Tally<>();
    private final Tally<Reason> reasons = new Tally<>();

    /**
     * @param clock tells when a reading was accepted
     */
    public Ledger(InstantSource clock) {
        this.clock = clock;
    }

    /**
     * Gives each reading its place in its topic's sequence and the time of its acceptance. Called
     * again for the same readings after a rollback, it gives the same numbers.
     */
    public synchronized void sequence(Batch batch) {
        Instant now = clock.instant();
        Map<Integer, Long> next = new HashMap<>();
        for (Reading reading : batch) {
            int id = id(reading.topic());
            long seq =
                    next.merge(
                            id, accounts.get(id).get(Column.LAST_SEQ) + 1, (old, one) -> old + 1);
            reading.accept(seq, now);
        }
    }

    /** Opens the entry of one transaction. */
    public Entry open() {
        return new Entry();
    }

    /**
     * Adds stored records, in any order; for the start, before any transaction.
     *
     * @throws IllegalStateException if a record speaks of a topic that none of them names
     */
    public synchronized void restore(List<byte[]> stored) {
        // names first: a snapshot stands behind the younger entries that it does not hold
        for (byte[] bytes : stored) {
            LedgerRecord.read(bytes, this::adopt, (kind, hour, id, account) -> {});
        }
        for (byte[] bytes : stored) {
            LedgerRecord.read(
                    bytes,
                    (id, name) -> {},
                    (kind, hour, id, account) -> {
                        if (id >= names.size() || names.get(id) == null) {
                            throw new IllegalStateException(
                                    "the ledger speaks of topic number "
                                            + id
                                            + " but no record names it: the journal is"
                                            + " damaged; restore the data folder from a"
                                            + " backup");
                        }
                        if (kind.inTheBooks()) {
                            apply(id, account);
                        }
                    });
        }
    }

    /**
     * What takes the place of stored records.
     *
     * @param open records that are summed up again with younger ones
     * @param closed records of hours that are over, the hour of each as its key
     */
    public record Sum(List<byte[]> open, Map<Long, List<byte[]>> closed) {}

    /**
     * Adds up stored records, so that the sum can replace them: records of at most {@code
     * perRecord} topics each. The ledger itself, which must know the topics, does not change.
     *
     * @param now the hour under way, since 1970
     * @param turn whether every hour before it is closed now; else only when there are many
     */
    public synchronized Sum merge(List<byte[]> stored, int perRecord, long now, boolean turn) {
        Change books = new Change();
        Map<Long, Change> hours = new TreeMap<>();
        for (byte[] bytes : stored) {
            LedgerRecord.read(
                    bytes,
                    (id, name) -> {},
                    (kind, hour, id, account) -> {
                        if (kind.inTheBooks()) {
                            books.of(id).merge(account);
                        }
                        if (kind.inItsHour()) {
                            hours.computeIfAbsent(hour, h -> new Change()).of(id).merge(account);
                        }
                    });
        }
        List<byte[]> open = new ArrayList<>();
        for (Change part : books.split(perRecord)) {
            Map<Integer, String> partNames = new HashMap<>();
            part.forEach((id, account) -> partNames.put(id, names.get(id)));
            open.add(new LedgerRecord(LedgerRecord.Kind.SUM, 0, part).encode(partNames));
        }
        long closing = turn || hours.size() > MOST_OPEN_HOURS ? now : Long.MIN_VALUE;
        Map<Long, List<byte[]>> closed = new TreeMap<>();
        hours.forEach(
                (hour, change) -> {
                    List<byte[]> to =
                            hour < closing
                                    ? closed.computeIfAbsent(hour, h -> new ArrayList<>())
                                    : open;
                    for (Change part : change.split(perRecord)) {
                        // the books name every topic
                        to.add(
                                new LedgerRecord(LedgerRecord.Kind.HOUR, hour, part)
                                        .encode(Map.of()));
                    }
                });
        return new Sum(open, closed);
    }

    /**
     * What became of the readings of each hour of acceptance, as stored records tell it.
     *
     * @param stored records of all kinds
     * @param from the first hour that is asked for, in hours since 1970
     */
    public synchronized List<TopicHours> hours(List<byte[]> stored, long from) {
        Map<Integer, TreeMap<Long, Account>> topics = new TreeMap<>();
        for (byte[] bytes : stored) {
            LedgerRecord.read(
                    bytes,
                    (id, name) -> {},
                    (kind, hour, id, account) -> {
                        if (kind.inItsHour() && hour >= from) {
                            topics.computeIfAbsent(id, t -> new TreeMap<>())
                                    .computeIfAbsent(hour, h -> new Account())
                                    .merge(account);
                        }
                    });
        }
        return topics.entrySet().stream()
                .map(
                        topic ->
                                TopicHours.of(
                                        names.get(topic.getKey()),
                                        accounts.get(topic.getKey()),
                                        topic.getValue()))
                .toList();
    }

    /** How many topics have an account. */
    public synchronized int topics() {
        return ids.size();
    }

    /** The lines of all topics, in the order of their first reading. */
    public synchronized List<LedgerLine> lines() {
        List<LedgerLine> lines = new ArrayList<>(accounts.size());
        for (int id = 0; id < accounts.size(); id++) {
            if (names.get(id) != null) {
                lines.add(LedgerLine.of(names.get(id), accounts.get(id)));
            }
        }
        return lines;
    }

    /**
     * hubSeq of the reading of this topic that entered the buffer last; 0 for none.
     *
     * @param live among those that travel beside their lane, or among those in it
     */
    public synchronized long lastEnqueued(String topic, boolean live) {
        Integer id = known(topic);
        return id == null ? 0 : accounts.get(id).get(Column.lastEnqueued(live));
    }

    /** hubSeq of the last reading of this topic that was taken in for good; 0 for none. */
    public synchronized long lastTakenIn(String topic) {
        Integer id = known(topic);
        return id == null ? 0 : accounts.get(id).get(Column.LAST_SEQ);
    }

    /** How many readings were accepted or made by the hub, and counted, over all topics. */
    public long accepted() {
        return accepted.sum();
    }

    /** How often a reading was taken in, replayed ones once more; never falls. */
    public long ingested() {
        return ingested.sum();
    }

    /** How many readings the far side acknowledged, over all topics. */
    public long forwarded() {
        return forwarded.sum();
    }

    /** How many readings stand in the dead letters, over all topics. */
    public long deadLettered() {
        return deadLettered.sum();
    }

    /** How many readings were ever set aside, over all topics; never falls. */
    public long rejected() {
        return rejected.sum();
    }

    /** How many readings should wait in the lanes, over all topics. */
    public long buffered() {
        return buffered.sum();
    }

    /** How many readings had been accepted before, over all topics; never falls. */
    public long deduplicated() {
        return deduplicated.sum();
    }

    /** How many valid readings of a quality were taken in since the start, over all topics. */
    public long valid(Quality quality) {
        return valid.of(quality);
    }

    /** How many readings were set aside for a reason since the start, over all topics. */
    public long rejected(Reason reason) {
        return reasons.of(reason);
    }

    private int id(String topic) {
        Integer known = known(topic);
        if (known != null) {
            return known;
        }
        String key = key(topic);
        names.add(key);
        accounts.add(new Account());
        named.add(false);
        ids.put(key, names.size() - 1);
        return names.size() - 1;
    }

    private Integer known(String topic) {
        Integer known = ids.get(topic);
        return known == null ? ids.get(key(topic)) : known;
    }

    /** What a topic without an account is entered under. */
    private String key(String topic) {
        boolean tooMany = ids.size() >= MAX_TOPICS;
        boolean tooLong = topic.getBytes(StandardCharsets.UTF_8).length > MAX_TOPIC_BYTES;
        return tooMany || tooLong || topic.isEmpty() ? OTHER_TOPICS : topic;
    }

    /** Takes over the number that a stored name has, so that entries without the name fit. */
    private void adopt(int id, String name) {
        while (names.size() <= id) {
            names.add(null);
            accounts.add(new Account());
            named.add(false);
        }
        names.set(id, name);
        named.set(id, true);
        ids.put(name, id);
    }

    private void apply(int id, Account change) {
        accounts.get(id).merge(change);
        accepted.add(change.accepted() + change.get(Column.GENERATED));
        ingested.add(change.get(Column.ACCEPTED) + change.get(Column.GENERATED));
        forwarded.add(change.get(Column.FORWARDED));
        deadLettered.add(change.deadLettered());
        rejected.add(change.rejected());
        buffered.add(change.buffered());
        deduplicated.add(change.get(Column.DEDUPLICATED));
    }

    /**
     * What one transaction did. Filled by one thread; {@link #bytes()} goes into the transaction,
     * {@link #commit()} follows once it has committed, and nothing does when it has not.
     */
    public final class Entry {

        private final Map<Long, Change> hours = new TreeMap<>();
        private final Map<Integer, Long> lastDequeued = new HashMap<>();
        private final int[] qualities = new int[Quality.values().length];
        private final Map<Reason, Integer> rejections = new EnumMap<>(Reason.class);

        private Entry() {}

        /** Counts a reading that was taken in, with where it went. */
        public void ingested(Reading reading) {
            synchronized (Ledger.this) {
                Account account = of(reading.acceptedUtc(), id(reading.topic()));
                account.add(reading.generated() ? Column.GENERATED : Column.ACCEPTED, 1);
                account.reach(Column.LAST_SEQ, reading.hubSeq());
                switch (reading.outcome()) {
                    case BUFFERED -> {
                        account.add(Column.ENQUEUED, 1);
                        account.add(Column.RIDING, reading.rides() ? 1 : 0);
                        account.reach(Column.lastEnqueued(reading.live()), reading.hubSeq());
                    }
                    case DEAD_LETTERED -> account.add(Column.DEAD_AT_INGEST, 1);
                    case WITHHELD -> account.add(Column.WITHHELD, 1);
                    case DEDUPLICATED -> account.add(Column.DEDUPLICATED, 1);
                    case EVICTED -> account.add(Column.EVICTED, 1);
                    case FORWARDED -> account.add(Column.ENQUEUED, 1);
                }
                if (reading.outcome() == Outcome.FORWARDED) {
                    account.add(Column.FORWARDED, 1);
                }
                if (reading.outcome() == Outcome.DEAD_LETTERED) {
                    rejected(reading);
                } else if (reading.quality() != null) {
                    qualities[reading.quality().ordinal()]++;
                }
            }
        }

        private void rejected(Reading reading) {
            Reason reason =
                    reading.rejected() ? reading.rejection().reason() : Reason.INTERNAL_ERROR;
            rejections.merge(reason, 1, Integer::sum);
        }

        /** Counts a reading that left the buffer, and checks it against the one before it. */
        public void dequeued(Reading reading) {
            synchronized (Ledger.this) {
                int id = id(reading.topic());
                Account account = of(reading.acceptedUtc(), id);
                account.add(
                        reading.outcome() == Outcome.FORWARDED
                                ? Column.FORWARDED
                                : Column.DEAD_AT_FORWARD,
                        1);
                account.add(Column.RIDING, reading.rides() ? -1 : 0);
                if (reading.outcome() != Outcome.FORWARDED) {
                    rejected(reading);
                }
                Column position = Column.lastDequeued(reading.live());
                // all of one entry are from one queue
                long last = lastDequeued.getOrDefault(id, accounts.get(id).get(position));
                if (reading.hubSeq() <= last) {
                    account.add(new Break(Break.Kind.REPEATED, reading.hubSeq(), reading.hubSeq()));
                } else if (reading.hubPrevSeq() > last) {
                    account.add(new Break(Break.Kind.MISSING, last + 1, reading.hubPrevSeq()));
                }
                lastDequeued.put(id, Math.max(last, reading.hubSeq()));
                account.reach(position, reading.hubSeq());
            }
        }

        /**
         * Counts a dead letter that was put back to the ingest queue.
         *
         * @param topic the topic that it was set aside on
         * @param acceptedUtc when it was accepted
         */
        public void replayed(String topic, Instant acceptedUtc) {
            synchronized (Ledger.this) {
                of(acceptedUtc, id(topic)).add(Column.REPLAYED, 1);
            }
        }

        /**
         * Counts a dead letter that an explicit policy dropped.
         *
         * @param topic the topic that it was set aside on
         * @param acceptedUtc when it was accepted
         */
        public void evicted(String topic, Instant acceptedUtc) {
            synchronized (Ledger.this) {
                of(acceptedUtc, id(topic)).add(Column.DEAD_EVICTED, 1);
            }
        }

        /** The entry as it is stored: a record for each hour of acceptance. */
        public List<byte[]> records() {
            synchronized (Ledger.this) {
                List<byte[]> records = new ArrayList<>(hours.size());
                hours.forEach(
                        (hour, change) -> {
                            Map<Integer, String> unnamed = new HashMap<>();
                            change.forEach(
                                    (id, account) -> {
                                        if (!named.get(id)) {
                                            unnamed.put(id, names.get(id));
                                        }
                                    });
                            records.add(
                                    new LedgerRecord(LedgerRecord.Kind.DELTA, hour, change)
                                            .encode(unnamed));
                        });
                return records;
            }
        }

        /** Applies the entry; called once, after the transaction has committed. */
        public void commit() {
            synchronized (Ledger.this) {
                for (Change change : hours.values()) {
                    change.forEach(
                            (id, account) -> {
                                apply(id, account);
                                named.set(id, true);
                            });
                }
                for (Quality quality : Quality.values()) {
                    valid.count(quality, qualities[quality.ordinal()]);
                }
                rejections.forEach(reasons::count);
            }
        }

        private Account of(Instant acceptedUtc, int id) {
            Instant at = acceptedUtc == null ? clock.instant() : acceptedUtc;
            return hours.computeIfAbsent(hourOf(at), hour -> new Change()).of(id);
        }
    }

    /** The hour that a time is in, since 1970. */
    public static long hourOf(Instant time) {
        return Math.floorDiv(time.getEpochSecond(), 3_600L);
    }
}
