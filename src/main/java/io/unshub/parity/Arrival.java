package io.unshub.parity;

import java.time.Instant;

/**
 * One event as it stands at Event Hubs.
 *
 * @param partition its partition
 * @param enqueuedUtc when Event Hubs took it
 * @param topic its {@code topic} property; null when it is no reading of a hub
 * @param hubSeq its {@code hubSeq} property
 * @param acceptedUtc its {@code acceptedUtc} property
 * @param live its {@code live} property: it may stand before earlier ones of its topic
 * @param payload the reading, byte by byte
 */
public record Arrival(
        String partition,
        Instant enqueuedUtc,
        String topic,
        long hubSeq,
        Instant acceptedUtc,
        boolean live,
        byte[] payload) {}
