package io.unshub.deadletter;

import java.time.Instant;

/**
 * One reading that was set aside.
 *
 * @param id names this letter; a reading that is set aside again gets another
 * @param topic the topic that it was published on
 * @param hubSeq its place in the topic's sequence; 0 when it had none yet
 * @param acceptedUtc when the hub took it in
 * @param setAsideUtc when it was set aside
 * @param rejection why
 * @param payload the bytes as published
 */
public record DeadLetter(
        String id,
        String topic,
        long hubSeq,
        Instant acceptedUtc,
        Instant setAsideUtc,
        Rejection rejection,
        byte[] payload) {}
