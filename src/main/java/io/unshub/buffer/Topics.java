package io.unshub.buffer;

import io.netty.util.collection.IntObjectHashMap;
import io.netty.util.collection.IntObjectMap;
import java.security.SecureRandom;

/**
 * How many topics somebody has named: by a hash of each, as the names themselves would let one
 * client fill the memory. A topic that was named before costs no more than its hash. Threads: one
 * at a time.
 *
 * <p>The hash has a secret of this process, for who publishes chooses the names: those of {@code
 * "Aa"} and {@code "BB"} are the same by {@link String#hashCode}, and so is any number of names
 * made of them.
 */
final class Topics {

    private static final long SECRET = new SecureRandom().nextLong() | 1;

    private final IntObjectMap<Boolean> hashes = new IntObjectHashMap<>();

    /** How many there are with one that is named now. */
    int with(String topic) {
        int hash = hash(topic);
        if (!hashes.containsKey(hash)) {
            hashes.put(hash, Boolean.TRUE);
        }
        return hashes.size();
    }

    private static int hash(String topic) {
        long hash = SECRET ^ topic.length();
        int at = 0;
        for (; at + 3 < topic.length(); at += 4) {
            hash =
                    mixed(
                            hash
                                    ^ ((long) topic.charAt(at) << 48
                                            | (long) topic.charAt(at + 1) << 32
                                            | (long) topic.charAt(at + 2) << 16
                                            | topic.charAt(at + 3)));
        }
        for (; at < topic.length(); at++) {
            hash = mixed(hash ^ topic.charAt(at));
        }
        return (int) (hash ^ hash >>> Integer.SIZE);
    }

    private static long mixed(long value) {
        return value * SECRET ^ Math.multiplyHigh(value, SECRET);
    }
}
