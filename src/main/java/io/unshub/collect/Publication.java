package io.unshub.collect;

/**
 * A message of another broker, as it was published.
 *
 * @param topic its topic
 * @param payload its bytes; not copied
 */
public record Publication(String topic, byte[] payload) {}
