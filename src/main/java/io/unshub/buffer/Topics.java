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
    private static final int CHARS_AT_ONCE = 4;

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
        long chars = 0;
        for (int i = 0; i < topic.length(); i++) {
            chars = chars << Character.SIZE | topic.charAt(i);
            if (i % CHARS_AT_ONCE == CHARS_AT_ONCE - 1) {
                hash = mixed(hash ^ chars);
                chars = 0;
            }
        }
        hash = mixed(hash ^ chars);
        return (int) (hash ^ hash >>> Integer.SIZE);
    }

    private static long mixed(long value) {
        return value * SECRET ^ Math.multiplyHigh(value, SECRET);
    }
}
