package io.unshub.collect;

import java.time.Duration;

/**
 * The times and sizes that no engineer sets; tests shorten them.
 *
 * @param retryMin shortest wait before the next attempt to connect or to hand over
 * @param retryMax longest such wait
 * @param retryBad wait before a tag that cannot be read is tried again
 * @param lastCall how long the sink may take for what is left when the collector closes
 * @param handOver readings between the protocol's threads and the sink
 */
record Timing(
        Duration retryMin, Duration retryMax, Duration retryBad, Duration lastCall, int handOver) {

    static final Timing DEFAULT =
            new Timing(
                    Duration.ofSeconds(1),
                    Duration.ofSeconds(30),
                    Duration.ofSeconds(60),
                    Duration.ofSeconds(10),
                    10_000);
}
