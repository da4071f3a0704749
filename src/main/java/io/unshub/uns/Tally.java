package io.unshub.uns;

import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;

/**
 * Counts by kind, since the start. Threads: any; counting waits for nobody.
 *
 * @param <K> what is told apart
 */
public final class Tally<K extends Comparable<? super K>> {

    private final Map<K, LongAdder> counts = new ConcurrentHashMap<>();

    /** Counts one. */
    public void count(K kind) {
        count(kind, 1);
    }

    /** Counts some. */
    public void count(K kind, long some) {
        if (some != 0) {
            counts.computeIfAbsent(kind, each -> new LongAdder()).add(some);
        }
    }

    /** How many there were of a kind. */
    public long of(K kind) {
        LongAdder count = counts.get(kind);
        return count == null ? 0 : count.sum();
    }

    /** How many there were of each kind that there was, in their order. */
    public Map<K, Long> all() {
        Map<K, Long> all = new TreeMap<>();
        counts.forEach((kind, count) -> all.put(kind, count.sum()));
        return all;
    }
}
