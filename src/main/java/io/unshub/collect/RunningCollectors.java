package io.unshub.collect;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentSkipListMap;

/** The collectors that run, by the name of their connection. Threads: any. */
public final class RunningCollectors {

    private final Map<String, Collector> running = new ConcurrentSkipListMap<>();

    /** Takes note of a collector that was started. */
    public void started(Collector collector) {
        running.put(collector.status().connection(), collector);
    }

    /** Forgets a collector that was closed; nothing if another has its place. */
    public void closed(Collector collector) {
        running.remove(collector.status().connection(), collector);
    }

    /** How each connection is doing, by name. */
    public List<ConnectionStatus> statuses() {
        return running.values().stream().map(Collector::status).toList();
    }

    /** How a connection is doing; empty if no collector runs for it. */
    public Optional<ConnectionStatus> status(String connection) {
        return Optional.ofNullable(running.get(connection)).map(Collector::status);
    }
}
