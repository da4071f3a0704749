package io.unshub.collect;

import java.time.Instant;
import java.util.Map;

/**
 * How one connection is doing. Counts start at zero with the collector.
 *
 * @param connection its name
 * @param connected whether the source answers now
 * @param lastReading when the last reading came in, by our clock; null before the first
 * @param readings readings that the sink took
 * @param reconnects times that the connection came back after it was lost
 * @param failures attempts to connect, and connections, that failed
 * @param failuresByCause the same by cause, those that there were
 * @param lastError what the last failure was; null while there was none
 * @param overflows values that told that the server's queue had run over before them
 * @param skippedPolls polls left out because the sink or the device was too slow, or its budget too
 *     small
 * @param reads requests of a poller to the device
 * @param tags that are bound
 * @param budget what may be asked of it
 */
public record ConnectionStatus(
        String connection,
        boolean connected,
        Instant lastReading,
        long readings,
        long reconnects,
        long failures,
        Map<FailureCause, Long> failuresByCause,
        String lastError,
        long overflows,
        long skippedPolls,
        long reads,
        int tags,
        Connection.Budget budget) {}
