package io.unshub.collect;

import java.time.Duration;

/**
 * Binds one address of a connection to one UNS topic.
 *
 * @param topic where its readings go; unique in the configuration
 * @param address where its value is, in the protocol's own syntax
 * @param units UCUM code, {@code 1} where there is none
 * @param min least value that can be true, null for no limit
 * @param max greatest value that can be true, null for no limit
 * @param interval how often a value is expected; more than zero
 * @param lineageVersion version of the tag file
 * @param connection name of the connection that it is read from
 */
public record Tag(
        String topic,
        String address,
        String units,
        Double min,
        Double max,
        Duration interval,
        String lineageVersion,
        String connection) {}
