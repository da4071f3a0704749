package io.unshub.deduplication;

import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.Arrays;

/**
 * A reading that came, as the table keeps it.
 *
 * @param hubSeq the place that it was given in its topic's sequence
 * @param acceptedUtc when the hub took it in
 * @param digest of its bytes as published
 */
record Sighting(long hubSeq, Instant acceptedUtc, byte[] digest) {

    private static final int DIGEST_BYTES = 16;

    static Sighting decode(byte[] bytes) {
        ByteBuffer in = ByteBuffer.wrap(bytes);
        long seq = in.getLong();
        Instant at = Instant.ofEpochMilli(in.getLong());
        byte[] digest = new byte[DIGEST_BYTES];
        in.get(digest);
        return new Sighting(seq, at, digest);
    }

    byte[] encode() {
        return ByteBuffer.allocate(2 * Long.BYTES + DIGEST_BYTES)
                .putLong(hubSeq)
                .putLong(acceptedUtc.toEpochMilli())
                .put(digest)
                .array();
    }

    boolean sameBytes(Sighting other) {
        return Arrays.equals(digest, other.digest);
    }
}
